/** What beginners write, beside the calls in errors.test.ts: each mistake's message, with the line that is right. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { randomFlip } from '../../src/augmentation/index.ts';
import {
  ArgumentError,
  adam,
  DataError,
  earlyStopping,
  type LayerSpec,
  layers,
  type Model,
  type NeuriteError,
  ndarray,
  ShapeError,
  StateError,
  sequential,
} from '../../src/index.ts';
import { testDevice } from '../support/device.ts';
import { compiledToy, toyExamples, toyModel } from '../support/toy.ts';

const { x, y } = toyExamples(12);
let model: Model;
let colours: Model;
beforeAll(async () => {
  model = await compiledToy();
  colours = sequential([layers.flatten({ inputShape: [4, 6, 3] }), layers.dense({ units: 3 })]);
  await colours.compile({ device: await testDevice(), loss: 'categoricalCrossentropy' });
});
afterAll(() => {
  for (const each of [model, colours]) each.dispose();
});

const ofColours = (shape: readonly number[]) => ({ data: new Float32Array(72 * shape[0]!), shape });
const train = (labels: unknown) => () => model.fit(x, labels as never);
const first = (inputShape: unknown) => () => sequential([layers.dense({ inputShape: inputShape as never, units: 1 })]);
function* numbers() {
  yield [1];
}
const withCallback = (callback: unknown) => () => model.fit(x, y, { callbacks: callback as never });

const MISTAKES: readonly [string, () => unknown, new (message: string) => NeuriteError, string][] = [
  ['a generator for x', () => model.predict(numbers() as never), DataError, 'got a Generator. Write dataset(x).'],
  ['names for labels', train([...'abcdefghijkl']), DataError, "y must be numbers, got 'a'. Write y.map((name) => names.indexOf(name)), with a list of all names, which compile({ labels: names }) takes."],
  ['numbers as texts', train([...'010101010101']), DataError, "y must be numbers, got '0'. Write y.map(Number)."],
  ['booleans', train([...y].map(Boolean)), DataError, 'Write y.map(Number).'],
  ['labels that begin at 1', train(y.map((label) => label + 1)), DataError, 'is not one of the 2 classes 0 to 1. No label is 0: if yours begin at 1, subtract 1.'],
  ['one-hot rows without a shape', train([...y].flatMap((label) => [1 - label, label])), DataError, 'y has 24 labels for 12 examples in x. Rows of 2 need a shape: { data: Float32Array.from(y), shape: [12, 2] }.'],
  ['one-hot rows as lists', train([...y].map((label) => [1 - label, label])), DataError, 'Write { data: Float32Array.from(y.flat(Infinity)), shape: [12, 2] }.'],
  ['class numbers where rows are wanted', () => colours.fit(ofColours([2, 4, 6, 3]), [0, 2]), ShapeError, 'class indices go with sparseCategoricalCrossentropy'],
  ['channels first', () => colours.predict(ofColours([2, 3, 4, 6])), ShapeError, 'predict: the model takes examples of shape [4, 6, 3], x has [3, 4, 6]. Channels stand last: ndarray(x).transpose(0, 2, 3, 1) puts them there.'],
  ['one example by itself', () => colours.predict(ofColours([1, 4, 6, 3]).data as never), DataError, 'x must be { data, shape: [n, …] }, nested lists of numbers, or pictures, got a Float32Array of length 72.'],
  ['the batch in the shape of an example', first([null, 4]), ShapeError, "dense 'dense': inputShape is the shape of one example, without the batch: write [4]."],
  ['a number for a shape', first(784), ShapeError, "dense 'dense': inputShape: a shape is a list of positive integers, got 784. Write [784]."],
  ['a function for a callback', withCallback(() => {}), ArgumentError, 'fit: callbacks must be objects, got a function. Name its hook: { onEpochEnd(epoch, logs) { … } }.'],
  ['a callback that was not called', withCallback([earlyStopping]), ArgumentError, 'If it makes a callback, call it: earlyStopping().'],
  ['the name of a callback', withCallback('earlyStopping'), ArgumentError, "fit: callbacks must be objects, got 'earlyStopping'. Name its hook: { onEpochEnd(epoch, logs) { … } }. If it makes a callback, call it: earlyStopping()."],
  ['two letters exchanged', () => sequential([layers.dense({ inputShape: [2], units: 1, activation: 'rleu' as never })]), ArgumentError, "unknown activation 'rleu'; there are linear, relu, leakyRelu, elu, tanh, sigmoid, softplus, gelu, softmax, logSoftmax. Did you mean 'relu'?"],
  ['a learning rate as a text', () => adam({ learningRate: '0.01' as never }), ArgumentError, "adam: learningRate must be a positive number, got '0.01'."],
  ['no compile', () => toyModel().fit(x, y), StateError, 'fit: call compile() first: await model.compile({ … }).'],
  ['no layers', () => sequential().compile(), ArgumentError, 'the model has no layers yet: model.add('],
]; // biome-ignore format: a line each

test.each(MISTAKES)('%s', async (_, work, type, message) => {
  const error = await Promise.resolve()
    .then(work)
    .catch((e: unknown) => e);
  expect(error).toBeInstanceOf(type);
  expect((error as Error).message).toContain(message);
});

test('channels first, put last as the message says', async () => {
  const { data, shape } = ndarray(ofColours([2, 3, 4, 6])).transpose(0, 2, 3, 1);
  expect((await colours.predict({ data, shape })).shape).toEqual([2, 3]);
});

test('compile is not awaited', async () => {
  const hasty = toyModel();
  const compiling = hasty.compile({ device: await testDevice(), loss: 'sparseCategoricalCrossentropy' });
  const wait = 'compile has not ended yet; wait for it: await model.compile({ … }).';
  const [fitting, predicting] = await Promise.allSettled([hasty.fit(x, y), hasty.predict(x)]);
  expect(fitting).toEqual({ status: 'rejected', reason: new StateError(`fit: ${wait}`) });
  expect(predicting).toEqual({ status: 'rejected', reason: new StateError(`predict: ${wait}`) });
  await compiling;
  await hasty.fit(x, y);
  hasty.dispose();
});

test('a layer in two models has weights of its own in each', async () => {
  const shared = layers.dense({ inputShape: [2], units: 1 });
  const device = await testDevice();
  const models = [sequential([shared]), sequential([shared])];
  for (const each of models) await each.compile({ device, loss: 'mse' });
  const [trained, other] = models as [Model, Model];
  const before = await other.getWeights();
  await trained.fit({ data: Float32Array.of(1, 2), shape: [1, 2] }, [3]);
  expect(await other.getWeights()).toEqual(before);
  expect(await trained.getWeights()).not.toEqual(before);
  for (const each of models) each.dispose();
});

describe('pictures whose bytes were not scaled', () => {
  const warnings: string[] = [];
  beforeEach(() => {
    warnings.length = 0;
    vi.spyOn(console, 'warn').mockImplementation((text: string) => void warnings.push(text));
  });
  afterEach(() => void vi.restoreAllMocks());

  const bytes = { data: Float32Array.from({ length: 4 * 64 }, (_, i) => (i * 37) % 256), shape: [4, 8, 8, 1] };
  const scaled = { ...bytes, data: bytes.data.map((byte) => byte / 255) };
  const inputShape = [8, 8, 1];
  async function trained(specs: readonly LayerSpec[], data: typeof bytes, times = 1): Promise<readonly string[]> {
    const net = sequential([...specs, layers.flatten(), layers.dense({ units: 2 })]);
    await net.compile({ device: await testDevice(), loss: 'sparseCategoricalCrossentropy' });
    for (let i = 0; i < times; i++) await net.fit(data, [0, 1, 0, 1]);
    net.dispose();
    return warnings;
  }
  const conv = (options: object = {}) => layers.conv2d({ filters: 2, kernelSize: 3, ...options });

  test('are warned of, once for a model', async () => {
    expect(await trained([conv({ inputShape })], bytes, 2)).toEqual([
      'neurite: fit: x seems to hold the bytes of pictures, whole numbers up to 255. Networks learn from numbers near 0 to 1: divide ' +
        'by 255, or begin the model with layers.rescaling({ scale: 1 / 255, inputShape }).',
    ]);
    expect(await trained([layers.flatten({ inputShape })], bytes)).toHaveLength(2);
  });

  test.each<[string, LayerSpec[], typeof bytes]>([
    ['divided', [conv({ inputShape })], scaled],
    ['scaled by the model', [layers.rescaling({ inputShape, scale: 1 / 255 }), conv()], bytes],
    [
      'scaled behind an augmentation',
      [randomFlip({ inputShape }), layers.rescaling({ scale: 1 / 255 }), conv()],
      bytes,
    ],
    ['normalized by the model', [layers.batchNormalization({ inputShape }), conv()], bytes],
    ['masks of 0 and 1', [conv({ inputShape })], { ...bytes, data: bytes.data.map((byte) => byte & 1) }],
    ['numbers below 0', [conv({ inputShape })], { ...bytes, data: bytes.data.map((byte) => byte - 128) }],
  ])('no warning: %s', async (_, specs, data) => {
    expect(await trained(specs, data)).toEqual([]);
  });
});
