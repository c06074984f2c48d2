import { layers, type Model, sequential } from '../../src/index.ts';
import type { CompileOptions } from '../../src/nn/step/compileOptions.ts';
import { randomStream } from './arrays.ts';
import { testDevice } from './device.ts';

/** A small problem that a small net learns: is the left half of the image brighter than the right? */
export function toyExamples(count: number, seed = 1) {
  const random = randomStream(seed);
  const data = new Float32Array(count * 64);
  const y = new Int32Array(count);
  for (let n = 0; n < count; n++) {
    y[n] = random() < 0.5 ? 0 : 1;
    for (let i = 0; i < 64; i++) data[n * 64 + i] = random() + (i % 8 < 4 === (y[n] === 1) ? 0.4 : 0);
  }
  return { x: { data, shape: [count, 8, 8, 1] }, y };
}

/** Everything that has state: convolution, batch-norm with moving averages, dropout with its seeds, dense layers. */
export function toyModel(): Model {
  return sequential([
    layers.conv2d({ inputShape: [8, 8, 1], filters: 4, kernelSize: 3, activation: 'relu' }),
    layers.batchNormalization(),
    layers.maxPool2d({ poolSize: 2 }),
    layers.flatten(),
    layers.dropout({ rate: 0.25 }),
    layers.dense({ units: 2 }),
  ]);
}

export async function compiledToy(options: CompileOptions = {}): Promise<Model> {
  const model = toyModel();
  await model.compile({
    loss: 'sparseCategoricalCrossentropy',
    metrics: ['accuracy'],
    seed: 3,
    device: await testDevice(),
    ...options,
  });
  return model;
}

/** All weights in one array, for comparisons bit by bit. */
export async function bits(model: Model): Promise<number[]> {
  return (await model.getWeights()).flatMap(({ data }) => [
    ...new Uint32Array(data.buffer, data.byteOffset, data.length),
  ]);
}
