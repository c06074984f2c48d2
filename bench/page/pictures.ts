/** Measures in a page what pictures cost on their way into the engine: the time of predictions, and the memory of training data. */
import { adam, fromPixels, type InputData, layers, type Model, requestDevice, sequential } from 'neurite';
import { installCounters } from '../counters.ts';

export interface PredictionReport {
  readonly adapter: string;
  /** Median milliseconds of a prediction, by what was given to `predict`. */
  readonly ms: Readonly<Record<string, number>>;
  /** Median of the times divided by those of a prepared Float32Array in the same round. */
  readonly ratio: Readonly<Record<string, number>>;
}

const SIDE = 224;

/** A small network, whose first layers see all pixels. */
async function smallNet(shape: readonly number[]): Promise<Model> {
  const model = sequential([
    layers.rescaling({ inputShape: shape, scale: 1 / 255 }),
    layers.conv2d({ filters: 8, kernelSize: 3, strides: 2, activation: 'relu' }),
    layers.conv2d({ filters: 16, kernelSize: 3, strides: 2, activation: 'relu' }),
    layers.globalAvgPool2d(),
    layers.dense({ units: 10 }),
  ]);
  await model.compile({ optimizer: adam(), loss: 'sparseCategoricalCrossentropy', device: await requestDevice() });
  return model;
}

const median = (values: readonly number[]) => [...values].sort((p, q) => p - q)[values.length >> 1]!;

/** Times predictions of one picture of 224 x 224 x 3. In each round every way in has its turn, so that they share the machine's load. */
export async function predictions(rounds: number): Promise<PredictionReport> {
  const model = await smallNet([SIDE, SIDE, 3]);
  const image = new ImageData(SIDE, SIDE);
  image.data.forEach((_, i, all) => {
    all[i] = i % 4 === 3 ? 255 : (i * i * 13 + i * 31) % 256;
  });
  const canvas = new OffscreenCanvas(SIDE, SIDE);
  canvas.getContext('2d')!.putImageData(image, 0, 0);
  const big = new OffscreenCanvas(640, 480);
  big.getContext('2d')!.drawImage(canvas, 0, 0, 640, 480);
  const bitmap = await createImageBitmap(image);
  const frame = new VideoFrame(canvas, { timestamp: 0 });
  const { data, shape } = await fromPixels(image);
  const floats = { data: Float32Array.from(data), shape };
  const ways: Readonly<Record<string, () => InputData | Promise<InputData>>> = {
    'a Float32Array': () => floats,
    bytes: () => ({ data, shape }),
    ImageData: () => image,
    'an OffscreenCanvas': () => canvas,
    'an ImageBitmap': () => bitmap,
    'a VideoFrame': () => frame,
    '640 x 480, by fromPixels': () => fromPixels(big, { size: SIDE, crop: 'center' }),
  };
  const wanted = String((await model.predict(floats)).data);
  const times = new Map(Object.keys(ways).map((name) => [name, [] as number[]]));
  for (let round = -5; round < rounds; round++) {
    for (const [name, way] of Object.entries(ways)) {
      const began = performance.now();
      const result = await model.predict(await way());
      const took = performance.now() - began;
      if (!name.startsWith('640') && String(result.data) !== wanted) throw new Error(`${name}: another prediction`);
      if (round >= 0) times.get(name)!.push(took);
    }
  }
  const reference = times.get('a Float32Array')!;
  const each = (of: (all: readonly number[]) => number) =>
    Object.fromEntries([...times].map(([name, all]) => [name, of(all)]));
  const report = {
    adapter: model.compiled.device.description,
    ms: each(median),
    ratio: each((all) => median(all.map((took, i) => took / reference[i]!))),
  };
  frame.close();
  model.dispose();
  return report;
}

export interface MemoryReport {
  readonly pictures: number;
  /** Bytes of the array on the host. */
  readonly host: number;
  /** Most bytes of buffers on the GPU at once. */
  readonly gpu: number;
  /** Losses of the first steps. */
  readonly losses: readonly number[];
}

/** Trains a few steps on pictures of 64 x 64 x 3, all of which are kept on the GPU. A page for each call: what counts is its peak. */
export async function training({ pictures, floats }: { pictures: number; floats: boolean }): Promise<MemoryReport> {
  const counters = installCounters();
  const shape = [pictures, 64, 64, 3];
  const length = pictures * 64 * 64 * 3;
  const data = floats ? new Float32Array(length) : new Uint8Array(length);
  for (let i = 0, state = 1; i < length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    data[i] = state >>> 24;
  }
  const y = Int32Array.from({ length: pictures }, (_, i) => i % 10);
  const model = await smallNet(shape.slice(1));
  const losses: number[] = [];
  await model.fit(
    { x: { data, shape }, y },
    {
      batchSize: 64,
      maxResidentBytes: 2 ** 32,
      recovery: false,
      callbacks: {
        onBatchEnd: (_, logs, training) => {
          losses.push(logs.loss!);
          if (losses.length === 5) training.stop();
        },
      },
    },
  );
  model.dispose();
  return { pictures, host: data.byteLength, gpu: counters.peakBytes, losses };
}
