/** Loads or simulates the images of a training run. */
import {
  type BrainImages,
  type BrainSet,
  type BrainSource,
  brainSize,
  loadBrainSegments,
  readBrainImages,
  scaleImages,
  simulateBrainAsync,
} from 'neurite/brain';
import { RECOVERED_FILES, type TrainEvent, type TrainRequest } from '../protocol.ts';

export type Report = (event: TrainEvent) => void;

/** The parts that differ between a page and Node. */
export interface Host {
  /** Absent: the page's own. */
  readonly gpu?: GPU;
  /** Files of the data folder, and those with the recovered images. */
  readonly dataFile: (name: string) => BrainSource;
  readonly recoveredFile: (name: string) => BrainSource;
  readonly save: (name: string, bytes: Uint8Array<ArrayBuffer>) => Promise<void>;
  readonly report: Report;
  readonly signal: AbortSignal;
}

const pixels = brainSize * brainSize;

/** Images of some segments: the course's files where a folder was named, else simulated. */
export async function loadImages(
  request: TrainRequest,
  { segments, images, what }: { segments: readonly number[]; images: number | undefined; what: string },
  { dataFile, report, signal }: Host,
): Promise<BrainSet> {
  const progress = (verb: string, unit: string) => (done: number, total: number) =>
    report({ type: 'progress', what: `${verb} ${what}`, done, total, unit });
  if (request.data === undefined) {
    return simulateBrainAsync({
      segments,
      imagesPerClass: images!,
      seed: request.dataSeed,
      onProgress: progress('simulating', 'images'),
      signal,
    });
  }
  const set = await loadBrainSegments({
    segments: [...segments],
    real: (i) => dataFile(`real_${i}.gz`),
    fake: (i) => dataFile(`fake_${i}.gz`),
    ...(images === undefined ? {} : { maxImages: images }),
    onProgress: progress('reading', 'images'),
    signal,
  });
  return { ...set, x: scaleImages(set.x) };
}

/** The images recovered from the course's figures, with their labels. */
export async function loadRecovered({ recoveredFile }: Host): Promise<{ x: BrainImages; y: Int32Array }> {
  const read = async (file: string) => scaleImages(await readBrainImages(recoveredFile(file)));
  const [real, fake] = [await read(RECOVERED_FILES.real), await read(RECOVERED_FILES.fake)];
  const data = new Float32Array(real.data.length + fake.data.length);
  data.set(real.data);
  data.set(fake.data, real.data.length);
  const y = new Int32Array(data.length / pixels).fill(1, real.shape[0]);
  return { x: { data, shape: [y.length, brainSize, brainSize, 1] }, y };
}

/** One image of a set as base64 of 128 x 128 bytes. */
export function packPixels(images: BrainImages, index: number): string {
  const image = images.data.subarray(index * pixels, (index + 1) * pixels);
  return btoa(Array.from(image, (v) => String.fromCharCode(Math.round(255 * v))).join(''));
}
