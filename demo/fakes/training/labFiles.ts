/** Recordings and fakes as files of pictures, for the lab. Both go the same way, so that the way cannot tell them apart. */
import { PIXELS, SIDE } from '../pictures.ts';
import type { LabFile } from './protocol.ts';
import type { Recordings } from './recordings.ts';

/** Of each class: to train on, and to test on. */
const MOST = { train: 192, held: 64 };

/** @param paint makes as many fakes, `[count, 32, 32]` */
export async function labFilesOf(
  recordings: Recordings,
  paint: (count: number) => Promise<Float32Array>,
): Promise<LabFile[]> {
  const files: LabFile[] = [];
  for (const [part, segment] of [
    ['train', 0],
    ['held', 7],
  ] as const) {
    const count = Math.min(MOST[part], recordings[part].length / PIXELS);
    files.push(...(await filesOf(recordings[part].subarray(0, count * PIXELS), `real/seg${segment}`)));
    files.push(...(await filesOf(await paint(count), `fake/seg${segment}`)));
  }
  return files;
}

async function filesOf(pictures: Float32Array, folder: string): Promise<LabFile[]> {
  const canvas = new OffscreenCanvas(SIDE, SIDE);
  const context = canvas.getContext('2d')!;
  const files: LabFile[] = [];
  for (let n = 0; n < pictures.length / PIXELS; n++) {
    const image = context.createImageData(SIDE, SIDE);
    for (let p = 0; p < PIXELS; p++) {
      const grey = 127.5 * (pictures[n * PIXELS + p]! + 1);
      image.data.set([grey, grey, grey, 255], 4 * p);
    }
    context.putImageData(image, 0, 0);
    const name = `${n}.png`;
    files.push({ path: `${folder}/${name}`, file: new File([await canvas.convertToBlob()], name) });
  }
  return files;
}
