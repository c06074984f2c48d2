/** Values of plain JavaScript that are wrong within: in lists, descriptions, and things that options hold. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  ArgumentError,
  adam,
  constantSchedule,
  correct,
  cosineDecay,
  DataError,
  earlyStopping,
  fileStore,
  layers,
  loadModel,
  MemoryLimitError,
  type Model,
  meanSquaredError,
  optimizerFromConfig,
  privateFileStore,
  relu,
  requestDevice,
  sequential,
  snapshotFile,
} from '../../src/index.ts';
import { databaseStore } from '../../src/runtime/tuningStore.ts';
import { testDevice } from '../support/device.ts';
import { compiledToy, toyExamples, toyModel } from '../support/toy.ts';

const data = toyExamples(8);
let model: Model;
beforeAll(async () => {
  model = await compiledToy();
});
afterAll(() => model.dispose());

const train = (options: object) => model.fit(data, options);
const conv = (options: object) =>
  sequential([layers.conv2d({ inputShape: [8, 8, 1], filters: 2, kernelSize: 3, ...options })]);
const layersOf = (inputShape: number[]) => sequential([layers.dense({ inputShape, units: 2 })]);
const compile = async (options: object, change = (_: Model) => {}) => {
  const fresh = toyModel();
  change(fresh);
  const device = await testDevice();
  await fresh.compile({ device, loss: 'sparseCategoricalCrossentropy', ...options }).finally(() => fresh.dispose());
};
const load = async (source: unknown, options: object = {}) =>
  loadModel(source as Uint8Array, { device: await testDevice(), ...options });

const CASES: readonly [string, () => unknown, string | RegExp][] = [
  [
    'a list of callbacks in a list',
    () => train({ callbacks: [[{ onEpochEnd() {} }]] }),
    /^fit: callbacks must be .*, got \[/,
  ],
  [
    'a hook in small letters',
    () => train({ callbacks: { onepochend() {} } }),
    /^fit: callbacks: there is no hook 'onepochend'/,
  ],
  [
    'a hook in a large letter',
    () => train({ callbacks: { OnEpochEnd() {} } }),
    /^fit: callbacks: there is no hook 'OnEpochEnd'/,
  ],
  [
    "a hook in Keras' letters",
    () => train({ callbacks: { on_batch_end() {} } }),
    /^fit: callbacks: there is no hook 'on_batch_end'; .* Did you mean 'onBatchEnd'\?$/,
  ],
  [
    'a number too small for a switch',
    () => train({ shuffle: 1e-39 }),
    'fit: shuffle must be true or false, got 1e-39.',
  ],
  ['callbacks', () => train({ callbacks: 1e-39 }), /^fit: callbacks must be objects, got 1e-39\. /],
  ['epochs', () => train({ epochs: 1e-39 }), 'fit: epochs must be an integer of at least 1, got 1e-39.'],
  ['a signal', () => train({ signal: 1e-39 }), 'fit: signal must be an AbortSignal, got 1e-39.'],
  ['weights', () => train({ sampleWeight: 1e300 }), 'fit: sampleWeight must be a list, got 1e+300.'],
  [
    'a class weight that is too large',
    () => train({ classWeight: { 0: 1e39 } }),
    'fit: classWeight must give classes from 0 to 1 numbers from 0 to 3.4e38, got 1e+39 for 0.',
  ],
  [
    'a class weight that is a text',
    () => train({ classWeight: { 0: '1' } }),
    "fit: classWeight must give classes from 0 to 1 numbers from 0 to 3.4e38, got '1' for 0.",
  ],
  [
    'a loss',
    () => compile({ loss: 'meanSquareError' }),
    /^compile: loss must be 'sparseCategoricalCrossentropy', .* got 'meanSquareError'\. Did you mean 'meanSquaredError'\?$/,
  ],
  ['a metric', () => compile({ metrics: ['f1'] }), /^compile: metrics: 'f1' does not exist for the loss/],
  [
    'accuracy of distances',
    () => compile({ loss: 'meanSquaredError', metrics: ['accuracy'] }),
    /^compile: metrics: accuracy/,
  ],
  [
    'a seed that no file can hold',
    () => compile({ seed: 2 ** 60 }),
    /^compile: seed must be an integer from 1 - 2\^53 to 2\^53 - 1, got/,
  ],
  [
    "a layer's trainable that is a text",
    () => compile({}, ({ layers: [first] }) => Object.assign(first!, { trainable: 'no' })),
    /^compile: layer '\w+': trainable must be true or false, got 'no'\.$/,
  ],
  [
    'a learning rate',
    () => adam({ learningRate: {} as never }),
    'adam: learningRate must be a number or a schedule, got {}.',
  ],
  [
    'a config that is none',
    () => optimizerFromConfig('adam', null as never),
    'optimizer: config must be an object, got null.',
  ],
  [
    'a schedule',
    () => constantSchedule({} as never),
    /^constantSchedule: learningRate must be a positive number, got undefined/,
  ],
  [
    'a provider of devices',
    () => requestDevice({ gpu: {} as never }),
    /^requestDevice: gpu must be a GPU, .* got \{\}\.$/,
  ],
  ['the path of a store', () => fileStore(5 as never), 'fileStore: path must be a text, got 5.'],
  ['the name of a store', () => databaseStore(5 as never), 'databaseStore: name must be a text, got 5.'],
  [
    'a source that is none',
    () => load({}),
    'loadModel: source must be a Blob, ArrayBuffer, Uint8Array, URL or text, got {}.',
  ],
  ['no source', () => load(undefined), /^loadModel: source must be .*, got undefined\.$/],
  [
    'options of a layer',
    () => sequential([layers.flatten(5 as never)]),
    'layers.flatten: options must be an object, got 5.',
  ],
  [
    'units instead of options',
    () => layers.dense(5 as never),
    'layers.dense: options must be an object, such as { units: … }, got 5.',
  ],
  ['dilation, by its name', () => conv({ dilationRate: 'x' }), /: dilationRate must be one or two integers/],
  [
    "an initializer's misspelt number",
    () => conv({ biasInitializer: { name: 'constant', vaule: 3 } }),
    /: biasInitializer: there is no option 'vaule'; the options are value\. Did you mean 'value'\?$/,
  ],
  [
    "an initializer's missing number",
    () => conv({ biasInitializer: { name: 'constant' } }),
    /: biasInitializer: value must be a number, got undefined/,
  ],
  [
    "an initializer's text",
    () => conv({ kernelInitializer: { name: 'randomNormal', stddev: 'x' } }),
    /: kernelInitializer: stddev must be a number, got 'x'/,
  ],
  ['none', () => conv({ kernelInitializer: null }), /: kernelInitializer must be 'zeros', .*, got null\.$/],
  ['an initializer', () => conv({ kernelInitializer: 'x' }), /: kernelInitializer must be 'zeros', .*, got 'x'\.$/],
];

const failure = (run: () => unknown): Promise<Error | undefined> =>
  Promise.resolve()
    .then(run)
    .then(
      () => undefined,
      (reason: Error) => reason,
    );

test.each(CASES)('%s', async (_, run, message) => {
  const error = await failure(run);
  expect(error).toBeInstanceOf(ArgumentError);
  if (typeof message === 'string') expect(error!.message).toBe(message);
  else expect(error!.message).toMatch(message);
});

test.each([
  ['texts', Array(8).fill('1'), "fit: sampleWeight must be numbers from 0 to 3.4e38, got '1' for example 0."],
  [
    'a NaN',
    [1, 1, 1, Number.NaN, 1, 1, 1, 1],
    'fit: sampleWeight must be numbers from 0 to 3.4e38, got NaN for example 3.',
  ],
  ['a hole', new Array(8), 'fit: sampleWeight must be numbers from 0 to 3.4e38, got undefined for example 0.'],
])('sample weights: %s', async (_, sampleWeight, message) => {
  const error = await failure(() => train({ sampleWeight }));
  expect(error).toBeInstanceOf(DataError);
  expect(error!.message).toBe(message);
});

test('weights that float32 has no normal number for count 0, of examples and of classes', async () => {
  const weightsAfter = async (options: object) => {
    const own = await compiledToy();
    await own.fit(data, options);
    const weights = await own.getWeights();
    own.dispose();
    return weights;
  };
  const none = await weightsAfter({ classWeight: { 0: 0 } });
  expect(await weightsAfter({ classWeight: { 0: 1e-39 } })).toEqual(none);
  const sampleWeight = (tiny: number) => Array.from(data.y, (y) => (y === 0 ? tiny : 1));
  expect(await weightsAfter({ sampleWeight: sampleWeight(1e-39) })).toEqual(none);
});

test('a memory limit that is too small is not the fault of the file', async () => {
  const file = await model.save();
  const error = await failure(() => load(file, { memoryLimit: 1 }));
  expect(error).toBeInstanceOf(MemoryLimitError);
  (await load(file, { memoryLimit: (error as MemoryLimitError).least })).dispose();
});

test("a log by Keras' name", async () => {
  const error = await failure(() => train({ callbacks: earlyStopping({ monitor: 'val_loss' }), validationSplit: 0.5 }));
  expect(error).toBeInstanceOf(ArgumentError);
  expect(error!.message).toMatch(/there is no 'val_loss' in the logs: .*Did you mean 'valLoss'\?$/);
});

test('a log of validation where nothing is validated: what to give', async () => {
  const error = await failure(() => train({ callbacks: earlyStopping() }));
  expect(error).toBeInstanceOf(ArgumentError);
  expect(error!.message).toMatch(
    /no 'valLoss' in the logs: loss\b[^.]*\. Give fit validationSplit or validationData\.$/,
  );
});

test('what is right is taken', async () => {
  for (const initializer of [
    'heNormal',
    { name: 'constant', value: 3 },
    { name: 'randomUniform', low: -1, high: 1 },
    { name: 'randomNormal', stddev: 1 },
    { name: 'randomNormal', mean: 0, stddev: 1 },
  ]) {
    conv({ kernelInitializer: initializer });
  }
  await train({ sampleWeight: new Float64Array(8).fill(0.5), classWeight: { 1: 0 } });
  for (const make of [fileStore, databaseStore]) make();
  if (typeof window === 'undefined') snapshotFile('x');
  else privateFileStore('x');
});

test.each<[string, () => unknown, RegExp]>([
  [
    'an optimizer',
    () => compile({ optimizer: adam }),
    /^compile: optimizer must be a name, or made by adam\(\).*, got a function\. .*call it/,
  ],
  [
    'a layer',
    () => sequential([layers.flatten] as never),
    /^layer 0 must be made by layers.*, got a function\. .*call it/,
  ],
  ['a callback', () => train({ callbacks: earlyStopping }), /^fit: callbacks must be .*, got a function\. .*call it/],
  ['callbacks', () => train({ callbacks: [earlyStopping] }), /^fit: callbacks must be .*, got a function\. .*call it/],
  [
    'a schedule',
    () => adam({ learningRate: cosineDecay as never }),
    /^adam: learningRate must be .*, got a function\. .*call it/,
  ],
  [
    'a store',
    () => train({ recovery: { store: snapshotFile } }),
    /^fit: recovery\.store must have .*, got a function\. .*call it/,
  ],
  [
    'a store of choices',
    () => compile({ tune: { store: fileStore } }),
    /^compile: tune\.store must have .*, got a function\. .*call it/,
  ],
  ['a device', () => compile({ device: requestDevice }), /device must come .*, got a function/],
  [
    'a device that is not there yet',
    () => compile({ device: Promise.resolve() }),
    /device must come .*, got a Promise, which has to be awaited/,
  ],
  [
    'an activation',
    () => conv({ activation: relu }),
    /unknown activation a function; there are .* Write its name, as a text/,
  ],
  [
    'an initializer',
    () => conv({ kernelInitializer: () => 0 }),
    /kernelInitializer must be .*, got a function\. Write its name/,
  ],
  ['a loss', () => compile({ loss: meanSquaredError }), /^compile: loss must be .*, got a function\. Write its name/],
  ['a metric', () => compile({ metrics: [correct] }), /^compile: metrics: a function does not exist.* Write its name/],
  ['metrics', () => compile({ metrics: correct }), /^compile: metrics must be a list, got a function\./],
  ['an activation of Keras', () => conv({ activation: 'leaky_relu' }), /Did you mean 'leakyRelu'\?/],
  ['an initializer of Keras', () => conv({ kernelInitializer: 'glorot_uniform' }), /Did you mean 'glorotUniform'\?/],
  [
    'a loss of Keras',
    () => compile({ loss: 'sparse_categorical_cross_entropy' }),
    /Did you mean 'sparseCategoricalCrossentropy'\?/,
  ],
  [
    "a loss of TensorFlow.js'",
    () => compile({ loss: 'categoricalCrossEntropy' }),
    /Did you mean 'categoricalCrossentropy'\?/,
  ],
  ["an option of Keras'", () => train({ batch_size: 4 }), /Did you mean 'batchSize'\?/],
  ['a short option', () => adam({ lr: 0.1 } as never), /Did you mean 'learningRate'\?/],
  ['a layer of another name', () => sequential([{ type: 'Conv2D', options: {} }]), /Did you mean 'conv2d'\?/],
  ['an optimizer of another name', () => optimizerFromConfig('Adam', {}), /Did you mean 'adam'\?/],
  [
    'one layer',
    () => sequential(layers.flatten() as never),
    /^a model needs a list of one or more layers, .*, got \{"type":"flatten"/,
  ],
  ['layers in an object', () => sequential({ layers: [] } as never), /^a model needs a list .*, got \{"layers":\[\]\}/],
  ['a layer in a list', () => sequential([[layers.flatten()]] as never), /^layer 0 must be made by layers.*, got \[\{/],
  ['a shape of a million sizes', () => layersOf(Array(1e6).fill(1)), /takes vectors, got \[(1, ){16}…\]/],
])('what is not meant: %s', async (_, run, message) => {
  const error = await failure(run);
  expect(error?.name, `${error}`).toMatch(/^(Argument|Shape|Data)Error$/);
  expect(error!.message).toMatch(message);
  expect(error!.message.length).toBeLessThan(600);
  expect(error!.message).not.toMatch(/=>|\breturn\b|function \w*\(/);
});
