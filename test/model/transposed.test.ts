/** The layers `conv2dTranspose` and `upSampling2d` in models: weights, first values, files, micro-batches. */
import { describe, expect, test } from 'vitest';
import { layers, loadModel, ShapeError, sequential, sgd } from '../../src/index.ts';
import { randomArray, randomStream } from '../support/arrays.ts';
import { testDevice } from '../support/device.ts';

const generator = () => [
  layers.conv2dTranspose({
    inputShape: [4, 3, 8],
    ...{
      filters: 12,
      kernelSize: 3,
      strides: 2,
      padding: 'same',
      outputPadding: [0, 1],
      groups: 2,
      activation: 'relu',
    },
  } as const),
  layers.upSampling2d({ size: [2, 1], interpolation: 'bilinear' }),
  layers.conv2dTranspose({ filters: 2, kernelSize: [4, 2], useBias: false, activation: 'tanh' }),
];

const random = (shape: readonly number[], seed: number) => ({
  data: Float32Array.from(randomArray(shape, randomStream(seed)).data),
  shape: [...shape],
});

async function compiled(memoryLimit?: number) {
  const model = sequential(generator());
  const optimizer = sgd({ learningRate: 0.1 });
  const limit = memoryLimit === undefined ? {} : { memoryLimit };
  await model.compile({
    optimizer,
    loss: 'meanSquaredError',
    seed: 3,
    device: await testDevice(),
    tune: false,
    ...limit,
  });
  return model;
}

test('names and shapes of weights are those of Keras, and so is the summary', () => {
  const model = sequential(generator());
  expect(model.layers.map(({ outputShape }) => outputShape)).toEqual([
    [7, 6, 12],
    [14, 6, 12],
    [17, 7, 2],
  ]);
  const weights = model.layers.flatMap((layer) => layer.weights.map(({ name, spec }) => [name, spec.shape]));
  expect(weights).toEqual([
    ['conv2dTranspose/kernel', [3, 3, 6, 8]],
    ['conv2dTranspose/bias', [12]],
    ['conv2dTranspose_1/kernel', [4, 2, 2, 12]],
  ]);
  expect(model.summary()).toMatch(/Conv2DTranspose.*7, 6, 12.*UpSampling2D.*14, 6, 12/s);
});

test('first weights: the fans are taken from the kernel as it is, as in Keras', async () => {
  const limits = { glorotUniform: Math.sqrt(6 / (9 * (3 + 40))), heUniform: Math.sqrt(6 / (9 * 3)) };
  for (const [name, limit] of Object.entries(limits)) {
    const kernelInitializer = name as keyof typeof limits;
    const model = sequential([
      layers.conv2dTranspose({ inputShape: [5, 5, 40], filters: 3, kernelSize: 3, kernelInitializer }),
    ]);
    await model.compile({ optimizer: sgd(), loss: 'meanSquaredError', device: await testDevice(), tune: false });
    const [kernel] = await model.getWeights();
    const most = Math.max(...kernel!.data.map(Math.abs));
    expect(most).toBeLessThanOrEqual(Math.fround(limit));
    expect(most).toBeGreaterThan(0.98 * limit);
    model.dispose();
  }
});

test('a file keeps them, and weights come by the names that Keras and TensorFlow.js give them', async () => {
  const model = await compiled();
  const x = random([5, 4, 3, 8], 1);
  const want = await model.predict(x);
  const loaded = await loadModel(await model.save(), { device: await testDevice() });
  expect(await loaded.predict(x)).toEqual(want);
  const [kernel, bias, last] = await model.getWeights();
  const other = await compiled();
  await other.setWeights([
    { ...kernel!, name: 'conv2d_transpose/kernel', data: kernel!.data.map((v) => 2 * v) },
    { ...bias!, name: 'conv2d_transpose/bias' },
    { ...last!, name: 'conv2d_transpose_Conv2DTranspose2/kernel' },
  ]);
  const [doubled, , same] = await other.getWeights();
  expect([...doubled!.data]).toEqual([...kernel!.data].map((v) => 2 * v));
  expect(same!.data).toEqual(last!.data);
  for (const one of [model, loaded, other]) one.dispose();
});

test('in micro-batches they learn the same', async () => {
  const [x, y] = [random([24, 4, 3, 8], 1), random([24, 17, 7, 2], 2)];
  const run = async (memoryLimit?: number) => {
    const model = await compiled(memoryLimit);
    const { microBatches } = model.plan({ batchSize: 24 });
    const losses: number[] = [];
    for (let step = 0; step < 4; step++) losses.push((await model.trainOnBatch(x, y)).loss!);
    const weights = (await model.getWeights()).map(({ data }) => [...data]);
    model.dispose();
    return { microBatches, losses, weights };
  };
  const whole = await run();
  const parts = await run(LIMIT);
  expect(whole.microBatches).toBeUndefined();
  expect(parts.microBatches!.count).toBeGreaterThan(1);
  expect(whole.losses[3]).toBeLessThan(whole.losses[0]!);
  parts.losses.forEach((loss, i) => {
    expect(loss).toBeCloseTo(whole.losses[i]!, 5);
  });
  parts.weights.flat().forEach((value, i) => {
    expect(Math.abs(value - whole.weights.flat()[i]!)).toBeLessThan(1e-5);
  });
});

/** Bytes for a part of the batch. */
const LIMIT = 400_000;

describe('what does not fit is refused when the model is made', () => {
  const base = { inputShape: [4, 4, 6], filters: 4, kernelSize: 3 } as const;
  test.each([
    ['groups', () => layers.conv2dTranspose({ ...base, groups: 4 }), '4 groups do not divide 6 channels and 4 filters'],
    ['nothing left', () => layers.conv2dTranspose({ ...base, padding: 3 }), 'nothing is left of the output: 0 x 0'],
    ['vectors', () => layers.conv2dTranspose({ ...base, inputShape: [6] }), 'takes images [height, width, channels]'],
    ['vectors', () => layers.upSampling2d({ inputShape: [6] }), 'takes images [height, width, channels]'],
  ])('%s', (_, make, message) => {
    expect(() => sequential([make()])).toThrow(ShapeError);
    expect(() => sequential([make()])).toThrow(message);
  });

  test('output padding as large as the stride', () => {
    expect(() => sequential([layers.conv2dTranspose({ ...base, strides: 2, outputPadding: 2 })])).toThrow(
      /conv2dTranspose.*outputPadding must be smaller than the strides, got 2 and strides 2/,
    );
  });
});
