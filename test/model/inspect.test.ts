/** `model.inspect`: what every layer made of some examples, and the gradient of the winning output. */
import { describe, expect, test } from 'vitest';
import { type PresetName, presets, simulateBrain, toRainbow } from '../../src/brain/index.ts';
import { DeviceError, layers, requestDevice, StateError, sequential } from '../../src/index.ts';
import { randomStream } from '../support/arrays.ts';
import { testDevice } from '../support/device.ts';
import { tensorflow } from '../support/tensorflow.ts';
import { bits, compiledToy, toyExamples } from '../support/toy.ts';

const image = (data: Float32Array, size: number) => ({ data, shape: [1, size, size, 1] });

test('by hand: a doubling convolution, a pool, a sum', async () => {
  const model = sequential([
    layers.input({ inputShape: [4, 4, 1] }),
    layers.conv2d({ filters: 1, kernelSize: 1, name: 'twice' }),
    layers.maxPool2d({ poolSize: 2 }),
    layers.flatten(),
    layers.dense({ units: 2, useBias: false }),
  ]);
  await model.compile({ device: await testDevice() }); // no loss: to predict is enough
  await model.setWeights([
    { shape: [1, 1, 1, 1], data: Float32Array.of(2) },
    { shape: [1], data: Float32Array.of(0) },
    // The second output is the larger one: 1, 2, 3, 4 times the pooled values.
    { shape: [4, 2], data: Float32Array.of(0, 1, 0, 2, 0, 3, 0, 4) },
  ]);
  // The largest of each window lies at another tap: 0, 1, 2, 3.
  const x = Float32Array.of(9, 1, 2, 8, 3, 4, 5, 6, 1, 2, 3, 4, 7, 5, 6, 10);
  const { layers: made, prediction, saliency } = await model.inspect(image(x, 4));
  expect(made.map(({ name, type }) => [name, type])).toEqual([
    ['input', 'input'],
    ['twice', 'conv2d'],
    ['maxPool2d', 'maxPool2d'],
    ['flatten', 'flatten'],
    ['dense', 'dense'],
  ]);
  expect(made[0]!.output).toMatchObject(image(x, 4));
  expect([...made[1]!.output.data]).toEqual([...x].map((v) => 2 * v));
  expect(made[2]!.output).toMatchObject({ data: Float32Array.of(18, 16, 14, 20), shape: [1, 2, 2, 1] });
  expect([...made[2]!.argmax!]).toEqual([0, 1, 2, 3]);
  expect(made[3]!.output.shape).toEqual([1, 4]);
  expect([...prediction.data]).toEqual([0, 18 + 32 + 42 + 80]);
  // 2 * weight at each chosen pixel, nothing elsewhere.
  expect([...saliency.data]).toEqual([2, 0, 0, 4, 0, 0, 0, 0, 0, 0, 0, 0, 6, 0, 0, 8]);
  model.dispose();
});

test('inference mode, and the gradient, as in TensorFlow.js', async () => {
  const tf = await tensorflow();
  const model = await compiledToy();
  await model.fit(toyExamples(32), { epochs: 2, batchSize: 16 }); // moving averages are no longer their first values
  const { x } = toyExamples(3, 5);
  const { layers: made, prediction, saliency } = await model.inspect(x);
  expect(prediction).toEqual(await model.predict(x));
  expect(made.at(-1)!.output).toEqual(prediction);
  const [w, b, gamma, beta, mean, variance, dense, bias] = (await model.getWeights()).map(({ data, shape }) =>
    tf.tensor(data, [...shape]),
  );
  const forward = (input: ReturnType<typeof tf.tensor4d>) => {
    const convolved = tf.relu(tf.conv2d(input, w as never, 1, 'valid').add(b!));
    const normalized = tf.batchNorm(convolved, mean as never, variance as never, beta as never, gamma as never, 1e-3);
    const pooled = tf.maxPool(normalized as never, 2, 2, 'valid') as ReturnType<typeof tf.tensor4d>;
    return tf.matMul(pooled.reshape([3, -1]) as never, dense as never).add(bias!);
  };
  const input = tf.tensor4d(x.data, [3, 8, 8, 1]);
  const want = await tf
    .grad((v) => tf.max(forward(v as never), -1).sum())(input)
    .data();
  // Sums of at most 9 x 4 products of numbers around 1, in f32 on both sides.
  saliency.data.forEach((value, i) => {
    expect(Math.abs(value - want[i]!)).toBeLessThan(1e-5);
  });
  expect(saliency.shape).toEqual([3, 8, 8, 1]);
  expect(Math.max(...want.map(Math.abs))).toBeGreaterThan(0.01); // there is something to compare
  model.dispose();
});

describe('presets', () => {
  test.each(Object.keys(presets) as PresetName[])('%s', async (name) => {
    const model = sequential(presets[name]());
    await model.compile({ device: await testDevice() });
    const { x } = simulateBrain({ segments: [0], imagesPerClass: 1, seed: 0 });
    const one = { data: x.data.subarray(0, 128 * 128), shape: [1, 128, 128, 1] as [number, 128, 128, 1] };
    const input = model.inputShape.at(-1) === 3 ? toRainbow(one) : one;
    const { layers: made, prediction, saliency } = await model.inspect(input);
    expect(made.map(({ output }) => output.shape.slice(1))).toEqual(model.layers.map(({ outputShape }) => outputShape));
    const [logit, other] = (await model.predict(input)).data;
    expect(prediction.data[0]).toBeCloseTo(logit!, 5); // another batch size may take another kernel
    expect(prediction.data[1]).toBeCloseTo(other!, 5);
    expect(saliency.data.some((value) => value !== 0)).toBe(true);
    expect(saliency.data.every(Number.isFinite)).toBe(true);
    model.dispose();
  });
});

test('while fit runs: the fit ends with the same bits', async () => {
  const data = toyExamples(64);
  const alone = await compiledToy();
  const options = { epochs: 20, batchSize: 8, validationSplit: 0.25 };
  await alone.fit(data, options);
  const watched = await compiledToy();
  const { x } = toyExamples(1, 7);
  await watched.inspect(x); // its shaders are compiled before the fit begins
  let running = true;
  const fit = watched.fit(data, options).finally(() => {
    running = false;
  });
  let seen = 0;
  for (; running; seen++) {
    const { layers: made, prediction } = await watched.inspect(x);
    // Of one moment: the last layer's output is the prediction.
    expect(made.at(-1)!.output.data).toEqual(prediction.data);
  }
  await fit;
  expect(seen).toBeGreaterThan(5);
  expect(await bits(watched)).toEqual(await bits(alone));
  alone.dispose();
  watched.dispose();
});

test('repeated calls create nothing; another number of examples replaces what was prepared', async () => {
  const device = await testDevice();
  const model = await compiledToy();
  const { x } = toyExamples(2);
  await model.inspect(x);
  const before = device.buffersCreated;
  for (let i = 0; i < 5; i++) await model.inspect(x);
  expect(device.buffersCreated).toBe(before);
  const random = randomStream(2);
  const one = await model.inspect(image(Float32Array.from({ length: 64 }, random), 8));
  expect(one.prediction.shape).toEqual([1, 2]);
  model.dispose();
});

test('bad input, and a model that is disposed meanwhile', async () => {
  const model = await compiledToy();
  await expect(model.inspect({ data: new Float32Array(16), shape: [1, 4, 4, 1] })).rejects.toThrow(/\[8, 8, 1\]/);
  const late = model.inspect(toyExamples(1).x);
  model.dispose();
  await expect(late).rejects.toThrow(StateError);
  await expect(late).rejects.toThrow(/disposed/);
});

test('a device that is lost meanwhile', async () => {
  const device = await requestDevice();
  const model = await compiledToy({ device });
  const { x } = toyExamples(1);
  await model.inspect(x);
  const late = model.inspect(x);
  device.destroy();
  await expect(late).rejects.toThrow(DeviceError);
  await expect(model.inspect(x)).rejects.toThrow(/device was lost/);
  model.dispose();
});

test('several at once come one after another, each with its own examples', async () => {
  const model = await compiledToy();
  const { x } = toyExamples(6);
  const part = (start: number, end: number) => ({
    data: x.data.slice(start * 64, end * 64),
    shape: [end - start, 8, 8, 1],
  });
  const parts = [part(0, 2), part(2, 3), part(3, 5), part(5, 6)];
  const made = await Promise.all(parts.map((examples) => model.inspect(examples)));
  for (const [i, examples] of parts.entries()) {
    expect(made[i]!.prediction).toEqual((await model.inspect(examples)).prediction);
    expect(made[i]!.saliency.shape).toEqual(examples.shape);
  }
  expect(made[0]!.prediction.data.subarray(0, 2)).not.toEqual(made[1]!.prediction.data);
  model.dispose();
});

test('compiled again, a model inspects with what it has then', async () => {
  const model = await compiledToy();
  const { x } = toyExamples(2);
  const before = await model.inspect(x);
  await model.compile({ recompile: true });
  expect(await model.inspect(x)).toEqual(before);
  model.dispose();
});
