/** What beginners write, beside the calls in errors.test.ts: each mistake's message, with the line that is right. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { randomFlip } from '../../src/augmentation/index.ts';
import {
  ArgumentError,
  adam,
  DataError,
  dataset,
  earlyStopping,
  exampleGradients,
  fromPixels,
  type Labels,
  type LayerSpec,
  layers,
  type Model,
  NDArray,
  type NeuriteError,
  ndarray,
  ShapeError,
  StateError,
  sequential,
} from '../../src/index.ts';
import { testDevice } from '../support/device.ts';
import { bits, compiledToy, toyExamples, toyModel } from '../support/toy.ts';

const { x, y } = toyExamples(12);
let model: Model;
let colours: Model;
let four: Model;
beforeAll(async () => {
  model = await compiledToy();
  colours = sequential([layers.flatten({ inputShape: [4, 6, 3] }), layers.dense({ units: 3 })]);
  await colours.compile({ device: await testDevice(), loss: 'categoricalCrossentropy' });
  four = sequential([layers.dense({ inputShape: [4], units: 1 })]);
  await four.compile({ device: await testDevice(), loss: 'binaryCrossentropy' });
});
afterAll(() => {
  for (const each of [model, colours, four]) each.dispose();
});

const ofColours = (shape: readonly number[]) => ({ data: new Float32Array(72 * shape[0]!), shape });
const fours = [[1, 2, 3, 4], [5, 6, 7, 8]]; // biome-ignore format: rows
const oneHot = [...y].map((label) => [1 - label, label]);
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
  ['one-hot rows without a shape', train([...y].flatMap((label) => [1 - label, label])), DataError, 'y has 24 labels for 12 examples in x. One-hot rows go with categoricalCrossentropy.'],
  ['rows without a shape', () => colours.fit(ofColours([2, 4, 6, 3]), [0, 1, 0, 1, 0, 0]), DataError, 'y has 6 labels for 2 examples in x. Rows of 3 need a shape: { data: Float32Array.from(y), shape: [2, 3] }.'],
  ['one-hot rows as lists', train(oneHot), ShapeError, 'sparseCategoricalCrossentropy takes class indices, one an example, y has shape [12, 2]; one-hot rows go with categoricalCrossentropy.'],
  ['one-hot rows as an array', train(ndarray(oneHot)), ShapeError, 'y has shape [12, 2]; one-hot rows go with categoricalCrossentropy.'],
  ['one-hot rows as lists in a batch', () => model.trainOnBatch(x, oneHot), ShapeError, 'one-hot rows go with categoricalCrossentropy.'],
  ['one-hot rows as lists to evaluate', () => model.evaluate(x, oneHot), ShapeError, 'one-hot rows go with categoricalCrossentropy.'],
  ['one-hot rows as lists to validate on', () => model.fit(x, y, { validationData: [x, oneHot] }), ShapeError, 'validationData: sparseCategoricalCrossentropy takes class indices, one an example, y has shape [12, 2]; one-hot rows go with categoricalCrossentropy.'],
  ['one-hot rows of streamed examples', () => model.fit(dataset(oneHot.map((label) => ({ x: new NDArray(x.data.subarray(0, 64), [8, 8, 1], 'float32'), y: label })))), ShapeError, 'one-hot rows go with categoricalCrossentropy.'],
  ['one-hot rows for a yes or no', () => four.fit(fours, [[0, 1], [1, 0]]), ShapeError, 'binaryCrossentropy takes targets of shape [n, 1], y has [2, 2]; one-hot rows go with categoricalCrossentropy.'],
  ['one-hot rows of too many classes', () => colours.fit(ofColours([2, 4, 6, 3]), [[0, 0, 0, 1], [0, 1, 0, 0]]), ShapeError, 'categoricalCrossentropy takes targets of shape [n, 3], y has [2, 4].'],
  ['class numbers where rows are wanted', () => colours.fit(ofColours([2, 4, 6, 3]), [0, 2]), ShapeError, 'class indices go with sparseCategoricalCrossentropy'],
  ['class numbers in a column', () => colours.fit(ofColours([2, 4, 6, 3]), [[0], [2]]), ShapeError, 'class indices go with sparseCategoricalCrossentropy'],
  ['lists of different lengths for labels', () => colours.fit(ofColours([2, 4, 6, 3]), [[0, 1, 0], [1, 0]]), ShapeError, 'y: lists beside each other must have one length, got one of 3 and one of 2.'],
  ['a single label by itself', () => four.trainOnBatch(fours, 1 as never), DataError, 'got 1. Write [1].'],
  ['typed arrays in a list', () => four.predict([new Float32Array(4)] as never), DataError, 'x: a list holds a Float32Array of length 4, which is no number. Write x.map((row) => [...row]).'],
  ['typed arrays in a list of labels', () => colours.fit(ofColours([1, 4, 6, 3]), [Float32Array.of(0, 1, 0)] as never), DataError, 'y: a list holds a Float32Array of length 3, which is no number. Write y.map((row) => [...row]).'],
  ['channels first', () => colours.predict(ofColours([2, 3, 4, 6])), ShapeError, 'predict: the model takes examples of shape [4, 6, 3], x has [3, 4, 6]. Channels stand last: ndarray(x).transpose(0, 2, 3, 1) puts them there.'],
  ['one example by itself', () => colours.predict(ofColours([1, 4, 6, 3]).data as never), DataError, 'x must be { data, shape: [n, …] }, nested lists of numbers, or pictures, got a Float32Array of length 72. Write { data: x, shape: [1, 4, 6, 3] }.'],
  ['one example as a list', () => four.predict([1, 2, 3, 4]), ShapeError, 'predict: the model takes examples of shape [4], and x is a single one: the batch axis is missing. Write [[1,2,3,4]].'],
  ['one example as an array', () => four.predict(ndarray([1, 2, 3, 4])), ShapeError, 'and x is a single one: the batch axis is missing. Write { data: x.data, shape: [1, 4] }.'],
  ['one example as long lists', () => colours.predict(Array.from({ length: 4 }, () => Array.from({ length: 6 }, () => [0, 0, 0]))), ShapeError, 'the model takes examples of shape [4, 6, 3], and x is a single one: the batch axis is missing. Write [x].'],
  ['one example to classify', () => four.classify([1, 2, 3, 4]), ShapeError, 'classify: the model takes examples of shape [4], and x is a single one: the batch axis is missing. Write [[1,2,3,4]].'],
  ['one example to fit', () => four.fit([1, 2, 3, 4], [1]), ShapeError, 'the batch axis is missing. Write [[1,2,3,4]].'],
  ['one example to train on', () => four.trainOnBatch([1, 2, 3, 4], [1]), ShapeError, 'the batch axis is missing. Write [[1,2,3,4]].'],
  ['one example to evaluate', () => four.evaluate([1, 2, 3, 4], [1]), ShapeError, 'the batch axis is missing. Write [[1,2,3,4]].'],
  ['one example to inspect', () => four.inspect([1, 2, 3, 4]), ShapeError, 'inspect: the model takes examples of shape [4], and x is a single one: the batch axis is missing. Write [[1,2,3,4]].'],
  ['one example for its gradients', () => exampleGradients(four, [1, 2, 3, 4]), ShapeError, 'exampleGradients: the model takes examples of shape [4], and x is a single one: the batch axis is missing. Write [[1,2,3,4]].'],
  ['several examples in one list', () => four.predict([1, 2, 3, 4, 5, 6, 7, 8]), ShapeError, 'the model takes examples of shape [4], x has single numbers. Write { data: Float32Array.from(x), shape: [2, 4] }.'],
  ['several examples in one typed array', () => four.predict(new Float32Array(8)), DataError, 'Write { data: x, shape: [2, 4] }.'],
  ["a picture's address", () => model.predict('cat.png' as never), DataError, "got 'cat.png'. Write await fromPixels(await (await fetch('cat.png')).blob(), { size: [8, 8], channels: 1 }), or imageDataset(['cat.png'], { size: [8, 8], channels: 1 })."],
  ["a picture's address as a URL", () => model.predict(new URL('https://example.org/cat.png') as never), DataError, "await fetch('https://example.org/cat.png')"],
  ["pictures' addresses", () => model.predict(['a/cat.png', 'a/dog.png'] as never), DataError, "x: a list holds 'a/cat.png', which is no number. Write await fromPixels("],
  ["a picture's address in a dataset", () => model.predict(dataset([{ x: 'cat.png' as never }])), DataError, "got 'cat.png'. Write await fromPixels("],
  ["pictures' addresses as a dataset", () => model.predict(dataset(['cat.png']) as never), DataError, "got 'cat.png'. Write await fromPixels("],
  ["a picture's address to fromPixels", () => fromPixels('cat.png' as never), DataError, "fromPixels: source must be a picture or a list of pictures, got 'cat.png'. Write await fromPixels(await (await fetch('cat.png')).blob()"],
  ['an answer of a server', () => model.predict(new Response('') as never), DataError, 'got a Response. Write await x.blob().'],
  ['numbers as texts in lists', () => four.predict([['1', '2', '3', '4']] as never), DataError, "x: a list holds '1', which is no number. Write Number('1')."],
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

test('labels are nested lists, as x may be, with the bits of arrays', async () => {
  const device = await testDevice();
  const rows = oneHot.map(([no, yes]) => [no!, yes!, 0.5]);
  const trained = async (loss: 'categoricalCrossentropy' | 'mse' | 'binaryCrossentropy', labels: Labels) => {
    const net = sequential([layers.flatten({ inputShape: [8, 8, 1] }), layers.dense({ units: 3 })]);
    await net.compile({ device, loss, seed: 4 });
    const logs = [
      await net.fit(x, labels, { epochs: 2, batchSize: 5, validationData: [x, labels] }),
      await net.evaluate(x, labels),
      await net.trainOnBatch(x, labels),
      await bits(net),
    ];
    net.dispose();
    return logs;
  };
  for (const loss of ['categoricalCrossentropy', 'mse', 'binaryCrossentropy'] as const) {
    const wanted = await trained(loss, { data: Float32Array.from(rows.flat()), shape: [12, 3] });
    for (const labels of [rows, ndarray(rows), ndarray(rows).asType('float64')])
      expect(await trained(loss, labels), loss).toEqual(wanted);
  }
});

test('class indices are lists of numbers, in a column too', async () => {
  const losses = await Promise.all(
    [y, [...y], [...y].map((label) => [label]), ndarray([...y]).asType('uint8')].map(
      async (labels) => (await model.evaluate(x, labels)).loss,
    ),
  );
  expect(new Set(losses).size).toBe(1);
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
