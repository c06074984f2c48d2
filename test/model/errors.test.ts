/** Bad input: each a typed error that names the cause, and a model that still works. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ArgumentError,
  adam,
  DataError,
  FormatError,
  layers,
  loadModel,
  type Model,
  readSafetensors,
  resume,
  ShapeError,
  type SnapshotStore,
  StateError,
  sequential,
  writeSafetensors,
} from '../../src/index.ts';
import type { FitOptions } from '../../src/nn/train/fit.ts';
import { testDevice } from '../support/device.ts';
import { compiledToy, toyExamples, toyModel } from '../support/toy.ts';

let model: Model;
beforeAll(async () => {
  model = await compiledToy();
});
afterAll(() => model.dispose());

const nowhere: SnapshotStore = { load: async () => undefined, save: async () => {}, remove: async () => {} };

type ErrorClass = new (message: string) => Error;

async function refuses(work: () => unknown, type: ErrorClass, message: RegExp): Promise<void> {
  const error = await Promise.resolve()
    .then(work)
    .then(
      () => undefined,
      (e: unknown) => e,
    );
  expect(error).toBeInstanceOf(type);
  expect((error as Error).message).toMatch(message);
  expect((error as Error).name).toBe(type.name);
}

describe('data', () => {
  const { x, y } = toyExamples(12);
  const withPixel = (value: number) => ({ data: x.data.map((v, i) => (i === 200 ? value : v)), shape: x.shape });
  const cases: readonly [string, () => unknown, ErrorClass, RegExp][] = [
    [
      'images of another size',
      () => model.fit({ x: { data: new Float32Array(98), shape: [2, 7, 7, 1] }, y: [0, 1] }),
      ShapeError,
      /\[8, 8, 1\], x has \[7, 7, 1\]/,
    ],
    [
      'a shape that the data do not fill',
      () => model.fit({ x: { data: x.data, shape: [13, 8, 8, 1] }, y }),
      ShapeError,
      /832 elements, data has 768/,
    ],
    [
      'no batch axis',
      () => model.predict({ data: new Float32Array(64), shape: [8, 8, 1] }),
      ShapeError,
      /\[8, 8, 1\], and x is a single one: the batch axis is missing\. Write \{ data: x\.data, shape: \[1, 8, 8, 1\] \}\.$/,
    ],
    ['a NaN pixel', () => model.fit({ x: withPixel(Number.NaN), y }), DataError, /NaN in example 3/],
    ['an infinite pixel', () => model.predict(withPixel(Number.POSITIVE_INFINITY)), DataError, /Infinity in example 3/],
    [
      'a label out of range',
      () => model.fit({ x, y: y.map((v, i) => (i === 5 ? 2 : v)) }),
      DataError,
      /label 2 of example 5.*classes 0 to 1/,
    ],
    [
      'a negative label',
      () =>
        model.trainOnBatch(
          x,
          y.map((v, i) => (i === 7 ? -1 : v)),
        ),
      DataError,
      /label -1 of example 7/,
    ],
    [
      'a fractional label',
      () => model.evaluate({ x, y: Float32Array.from(y, (v) => v + 0.5) }),
      DataError,
      /label [01]\.5/,
    ],
    ['too few labels', () => model.fit({ x, y: y.slice(1) }), DataError, /11 labels for 12 examples/],
    [
      'one-hot labels for a sparse loss',
      () => model.fit({ x, y: { data: new Float32Array(24), shape: [12, 2] } }),
      ShapeError,
      /one-hot rows go with categoricalCrossentropy/,
    ],
    ['no labels', () => model.fit({ x } as never), DataError, /y is missing/],
    [
      'no data at all',
      () => model.fit(undefined as never),
      DataError,
      /^fit takes \{ x, y \} or a dataset.* got undefined/,
    ],
    [
      'an empty set',
      () => model.fit({ x: { data: new Float32Array(0), shape: [0, 8, 8, 1] }, y: [] }),
      DataError,
      /x is empty/,
    ],
    [
      'a plain array for images',
      () => model.fit({ x: [1, 2], y }),
      ShapeError,
      /takes examples of shape \[8, 8, 1\], x has single numbers\.$/,
    ],
    [
      'validation data of another size',
      () => model.fit({ x, y }, { validationData: { x: { data: new Float32Array(4), shape: [1, 2, 2, 1] }, y: [0] } }),
      ShapeError,
      /^validationData: the model takes .*, x has \[2, 2, 1\]/,
    ],
    [
      'an empty dataset',
      () => model.fit({ size: 0, xShape: [8, 8, 1], read: () => {} }),
      DataError,
      /dataset is empty/,
    ],
    [
      'a dataset that reads NaN',
      () => model.fit({ size: 3, xShape: [8, 8, 1], read: (_, xs) => void xs.fill(Number.NaN) }),
      DataError,
      /NaN in example 0/,
    ],
    [
      'a dataset that reads a bad label',
      () =>
        model.fit({
          size: 3,
          xShape: [8, 8, 1],
          read: (_, xs, ys) => {
            xs.fill(0);
            ys!.fill(7);
          },
        }),
      DataError,
      /label 7/,
    ],
    [
      'a dataset that fails',
      () =>
        model.fit({
          size: 3,
          xShape: [8, 8, 1],
          read: () => {
            throw new DataError('disk on fire');
          },
        }),
      DataError,
      /disk on fire/,
    ],
  ];
  test.each(cases)('%s', async (_, work, type, message) => {
    await refuses(work, type, message);
    const history = await model.fit({ x, y });
    expect(history.loss[0], 'the model still trains').toBeGreaterThan(0);
  });
});

describe('options', () => {
  const data = toyExamples(12);
  const cases: readonly [string, FitOptions, ErrorClass, RegExp][] = [
    ['a batch of 0', { batchSize: 0 }, ArgumentError, /batchSize must be an integer of at least 1, got 0/],
    ['half a batch', { batchSize: 2.5 }, ArgumentError, /batchSize.*2\.5/],
    ['no epochs', { epochs: 0 }, ArgumentError, /epochs/],
    [
      'everything held out',
      { validationSplit: 1 },
      ArgumentError,
      /fit: validationSplit must be a number from 0 to less than 1, got 1/,
    ],
    ['almost everything held out', { validationSplit: 0.99 }, DataError, /leaves none of 12/],
    ['too few sample weights', { sampleWeight: [1] }, DataError, /1 weights for 12/],
    [
      'a negative sample weight',
      { sampleWeight: Array(12).fill(-1) },
      DataError,
      /must be numbers from 0 to 3\.4e38, got -1 for example 0/,
    ],
    ['a class that does not exist', { classWeight: { 2: 1 } }, ArgumentError, /classes from 0 to 1 .* for 2\./],
  ];
  test.each(cases)('%s', async (_, options, type, message) => {
    await refuses(() => model.fit(data, options), type, message);
    await model.fit(data);
  });

  test('a batch of 0 elsewhere', async () => {
    await refuses(() => model.evaluate(data, { batchSize: 0 }), ArgumentError, /batchSize/);
    await refuses(() => model.predict(data.x, { batchSize: -3 }), ArgumentError, /batchSize/);
    await refuses(() => model.plan({ batchSize: 0 }), ArgumentError, /batchSize/);
  });
});

describe('models', () => {
  const image = { inputShape: [8, 8, 1] };
  const cases: readonly [string, () => unknown, ErrorClass, RegExp][] = [
    ['no layers', () => sequential([]), ArgumentError, /one or more layers/],
    [
      'an unknown layer',
      () => sequential([{ type: 'conv3d', options: {} }]),
      ArgumentError,
      /unknown layer 'conv3d'; there are input, conv2d/,
    ],
    [
      'a misspelt option',
      () => sequential([layers.dense({ inputShape: [4], units: 2, activaton: 'relu' } as never)]),
      ArgumentError,
      /layer 0 \(dense\): there is no option 'activaton'; the options are units, activation/,
    ],
    [
      'options that are none',
      () => sequential([{ type: 'flatten', options: null as never }]),
      ArgumentError,
      /layer 0 \(flatten\): options must be an object/,
    ],
    [
      'a name that is no text',
      () => sequential([{ type: 'flatten', options: { ...image, name: { a: 1 } as never } }]),
      ArgumentError,
      /layer 0 \(flatten\): name must be a text, got \{"a":1\}/,
    ],
    [
      'an option named like the prototype',
      () => sequential([{ type: 'flatten', options: JSON.parse('{"__proto__":{"name":"a"}}') }]),
      ArgumentError,
      /layer 0 \(flatten\): there is no option '__proto__'/,
    ],
    ['something else than a layer', () => sequential([42 as never]), ArgumentError, /layer 0/],
    ['no input shape', () => sequential([layers.flatten()]), ArgumentError, /first layer.*inputShape/],
    [
      'two layers of one name',
      () => sequential([layers.flatten({ ...image, name: 'a' }), layers.dense({ units: 1, name: 'a' })]),
      ArgumentError,
      /two layers are named 'a'/,
    ],
    ['dense on images', () => sequential([layers.dense({ ...image, units: 2 })]), ShapeError, /dense 'dense'.*flatten/],
    [
      'a kernel larger than the image',
      () => sequential([layers.conv2d({ ...image, filters: 1, kernelSize: 9 })]),
      ShapeError,
      /conv2d 'conv2d'.*9 x 9.*8 x 8/,
    ],
    [
      'an unknown activation',
      () => sequential([layers.conv2d({ ...image, filters: 1, kernelSize: 3, activation: 'swoosh' as never })]),
      ArgumentError,
      /unknown activation 'swoosh'/,
    ],
    [
      'an unknown initializer',
      () => sequential([layers.dense({ inputShape: [3], units: 1, kernelInitializer: 'magic' as never })]),
      ArgumentError,
      /kernelInitializer must be 'zeros', .* got 'magic'/,
    ],
    [
      'no filters',
      () => sequential([layers.conv2d({ ...image, filters: 0, kernelSize: 3 })]),
      ArgumentError,
      /filters must be an integer of at least 1/,
    ],
    [
      'groups that do not divide',
      () => sequential([layers.conv2d({ inputShape: [8, 8, 3], filters: 4, kernelSize: 3, groups: 2 })]),
      ShapeError,
      /groups/,
    ],
    [
      'a reshape that does not fit',
      () => sequential([layers.reshape({ ...image, targetShape: [5, -1] })]),
      ShapeError,
      /\[8, 8, 1\] does not reshape to \[5, -1\]/,
    ],
    ['a dropout of everything', () => sequential([layers.dropout({ ...image, rate: 1 })]), ArgumentError, /rate/],
  ];
  test.each(cases)('%s', async (_, work, type, message) => {
    await refuses(work, type, message);
  });

  test('losses and metrics that do not exist or do not fit', async () => {
    const device = await testDevice();
    const compile = (options: object) => () => toyModel().compile({ device, ...options });
    await refuses(compile({ loss: 'hinge' }), ArgumentError, /compile: loss must be 'sparse.* got 'hinge'/);
    await refuses(
      compile({ loss: 'meanSquaredError', metrics: ['accuracy'] }),
      ArgumentError,
      /accuracy has no meaning/,
    );
    await refuses(compile({ loss: 'sparseCategoricalCrossentropy', metrics: ['f1'] }), ArgumentError, /metrics: 'f1'/);
    await refuses(
      compile({ optimizer: 'adamm' }),
      ArgumentError,
      /optimizer must be 'sgd', .* got 'adamm'\. Did you mean 'adam'/,
    );
    await refuses(compile({ optimizer: {} }), ArgumentError, /a name, or made by adam\(\)/);
    for (const part of [{ update() {} }, { update() {}, slots: () => [] }])
      await refuses(compile({ optimizer: part }), ArgumentError, /a name, or made by adam\(\), .*, got \{/);
    await refuses(compile({ seed: 0.5 }), ArgumentError, /seed must be an integer/);
    const softmax = sequential([layers.dense({ inputShape: [4], units: 2, activation: 'softmax' })]);
    await refuses(
      () => softmax.compile({ device, loss: 'sparseCategoricalCrossentropy' }),
      ArgumentError,
      /takes logits.*'dense'.*softmax/,
    );
    await softmax.compile({ device, loss: 'meanSquaredError' });
    softmax.dispose();
    await refuses(() => adam({ learningRate: -1 }), ArgumentError, /learningRate/);
  });
});

describe('order of calls', () => {
  test('before compile', async () => {
    const fresh = toyModel();
    const data = toyExamples(4);
    for (const [name, work] of Object.entries({
      fit: () => fresh.fit(data),
      evaluate: () => fresh.evaluate(data),
      predict: () => fresh.predict(data.x),
      getWeights: () => fresh.getWeights(),
      plan: () => fresh.plan(),
      save: () => fresh.save(),
    })) {
      await refuses(work, StateError, new RegExp(`${name}: call compile\\(\\) first`));
    }
  });

  test('two compiles, one after another and at once; recompile keeps the weights', async () => {
    const m = await compiledToy();
    await refuses(() => m.compile({ loss: 'sparseCategoricalCrossentropy' }), StateError, /compiled already/);
    const before = await m.getWeights();
    await m.compile({
      recompile: true,
      loss: 'sparseCategoricalCrossentropy',
      optimizer: adam({ learningRate: 0.01 }),
    });
    expect(await m.getWeights()).toEqual(before);
    await m.fit(toyExamples(12));
    m.dispose();
    const both = toyModel();
    const device = await testDevice();
    const options = { device, loss: 'sparseCategoricalCrossentropy' as const };
    const [first, second] = await Promise.allSettled([both.compile(options), both.compile(options)]);
    expect(first.status).toBe('fulfilled');
    expect(second).toMatchObject({ status: 'rejected', reason: { name: 'StateError' } });
    await both.fit(toyExamples(12));
    both.dispose();
  });

  test('fit while fit runs', async () => {
    const data = toyExamples(40);
    const running = model.fit(data, { epochs: 3 });
    await refuses(() => model.fit(data), StateError, /fit: fit is still running/);
    await refuses(() => model.trainOnBatch(data.x, data.y), StateError, /trainOnBatch: fit is still running/);
    expect((await running).loss).toHaveLength(3);
  });

  test('a model without a loss predicts and does not train', async () => {
    const m = toyModel();
    await m.compile({ device: await testDevice() });
    const data = toyExamples(3);
    expect((await m.predict(data.x)).shape).toEqual([3, 2]);
    await refuses(() => m.fit(data), StateError, /fit needs a loss/);
    m.dispose();
  });

  test('after dispose', async () => {
    const m = await compiledToy();
    m.dispose();
    m.dispose();
    const data = toyExamples(4);
    for (const [name, work] of Object.entries({
      compile: () => m.compile(),
      fit: () => m.fit(data),
      evaluate: () => m.evaluate(data),
      predict: () => m.predict(data.x),
      trainOnBatch: () => m.trainOnBatch(data.x, data.y),
      setWeights: () => m.setWeights([]),
      save: () => m.save(),
    })) {
      await refuses(work, StateError, new RegExp(`${name}: the model was disposed`));
    }
    // Others on the same device are not touched.
    await model.fit(data);
  });
});

describe('dispose while something runs', () => {
  const data = toyExamples(64);
  const cases: readonly [string, (m: Model) => Promise<unknown>][] = [
    ['fit', (m) => m.fit(data, { epochs: 200, batchSize: 8 })],
    ['evaluate', (m) => m.evaluate(data, { batchSize: 1 })],
    ['predict', (m) => m.predict(data.x, { batchSize: 1 })],
  ];
  test.each(cases)('%s ends with a StateError, and the device stays usable', async (name, start) => {
    const m = await compiledToy();
    const running = start(m);
    if (name === 'fit') await new Promise((resolve) => setTimeout(resolve, 50));
    m.dispose();
    await refuses(() => running, StateError, new RegExp(`${name}: the model was disposed`));
    await model.fit(data);
  });

  test('what was copied before dispose still arrives', async () => {
    const m = await compiledToy();
    const running = m.getWeights();
    m.dispose();
    expect(await running).toHaveLength(8);
  });

  test('recompile waits for evaluations under way', async () => {
    const m = await compiledToy();
    const running = m.evaluate(data, { batchSize: 1 });
    await m.compile({ recompile: true, loss: 'sparseCategoricalCrossentropy' });
    expect((await running).loss).toBeGreaterThan(0);
    m.dispose();
  });
});

describe('options that exist', () => {
  const { x, y } = toyExamples(4);

  test('each that exists is known, and one that is undefined counts as absent', async () => {
    const none = { tune: undefined, seed: undefined, unheardOf: undefined };
    await model.compile({
      ...(none as object),
      recompile: true,
      loss: 'sparseCategoricalCrossentropy',
      metrics: ['accuracy'],
    });
    const options: Required<Omit<FitOptions, 'signal' | 'validationData' | 'stepsPerEpoch'>> = {
      ...{ epochs: 1, batchSize: 4, shuffle: true, validationSplit: 0, callbacks: [], startAtStep: 0 },
      ...{ sampleWeight: [1, 1, 1, 1], classWeight: {}, maxResidentBytes: 0, recovery: {}, watch: {} },
    };
    await model.fit({ x, y }, options);
    await model.evaluate({ x, y }, { batchSize: 2, sampleWeight: [1, 1, 1, 1] });
    await model.predict(x, { batchSize: undefined } as never);
  });

  test('predict and inspect say that it is their x, and the shape that they take', async () => {
    const flat = { data: new Float32Array(128), shape: [2, 64] };
    for (const what of ['predict', 'inspect'] as const) {
      const message = new RegExp(`^${what}: the model takes examples of shape \\[8, 8, 1\\], x has \\[64\\]`);
      await refuses(() => model[what](flat), ShapeError, message);
    }
  });

  test('of one image whose shape lacks the number of examples or the channels: how to write it', async () => {
    const [data, start] = [new Float32Array(64), 'the model takes examples of shape [8, 8, 1],'];
    const one = { data, shape: [8, 8, 1] };
    const plain = { data, shape: [1, 8, 8] };
    for (const call of [(x: typeof one) => model.predict(x), (x: typeof one) => model.fit({ x, y: [0] })]) {
      const noCount = `${start} and x is a single one: the batch axis is missing. Write { data: x.data, shape: [1, 8, 8, 1] }.`;
      await expect(call(one)).rejects.toThrow(noCount);
      await expect(call({ data, shape: [8, 8] })).rejects.toThrow(noCount);
      await expect(call(plain)).rejects.toThrow(
        `${start} x has [8, 8]. It ends with the number of channels: [n, 8, 8, 1].`,
      );
    }
  });
});

test('weights and shapes of a wrong kind, as plain JavaScript may pass them', async () => {
  await refuses(() => model.setWeights(Array(8).fill(null) as never), DataError, /needs \{ shape, data \}/);
  await refuses(
    () => sequential([layers.flatten({ inputShape: '8' as never })]),
    ShapeError,
    /list of positive integers/,
  );
});

describe('weights and files', () => {
  test('setWeights takes all or nothing', async () => {
    const before = await model.getWeights();
    const set = (change: (w: typeof before) => unknown) => () =>
      model.setWeights(change(structuredClone(before)) as never);
    await refuses(
      set((w) => w.slice(1)),
      ArgumentError,
      /has 8 weights, got 7/,
    );
    await refuses(
      set((w) => [...w.slice(0, -1), { ...w.at(-1)!, shape: [3] }]),
      ShapeError,
      /dense\/bias has shape \[2\], got \[3\]/,
    );
    await refuses(
      set((w) => [{ ...w[0]!, data: w[0]!.data.map(() => Number.NaN) }, ...w.slice(1)]),
      DataError,
      /conv2d\/kernel.*not finite/,
    );
    expect(await model.getWeights()).toEqual(before);
  });

  test('files that are damaged, of something else, or do not fit together', async () => {
    const device = await testDevice();
    const file = await model.save();
    const load = (bytes: Uint8Array) => () => loadModel(bytes, { device });
    await refuses(load(file.slice(0, 100)), FormatError, /./);
    await refuses(load(file.slice(0, -4)), FormatError, /./);
    await refuses(load(new TextEncoder().encode('<!doctype html>')), FormatError, /./);
    const { tensors, metadata } = readSafetensors(file);
    const write = (edit: (meta: Record<string, unknown>) => unknown, keep = [...tensors.values()]) => {
      const meta = JSON.parse(metadata.neurite!) as Record<string, unknown>;
      return writeSafetensors(keep, { neurite: JSON.stringify(edit(meta) ?? meta) });
    };
    await refuses(load(writeSafetensors([...tensors.values()])), FormatError, /no neurite model/);
    await refuses(load(writeSafetensors([], { neurite: '{' })), FormatError, /not JSON/);
    await refuses(load(write((m) => ({ ...m, version: 99 }))), FormatError, /version 99/);
    await refuses(
      load(write((m) => ({ ...m, layers: [{ type: 'conv9d', options: {} }] }))),
      FormatError,
      /unknown layer 'conv9d'/,
    );
    await refuses(load(write((m) => ({ ...m, layers: 7 }))), FormatError, /lacks parts/);
    await refuses(load(write((m) => ({ ...m, optimizer: { name: 'magic', config: {} } }))), FormatError, /magic/);
    await refuses(load(write((m) => m, [...tensors.values()].slice(1))), FormatError, /"conv2d\/kernel" .* is missing/);
    await refuses(
      load(write((m) => m, [...tensors.values(), { name: 'extra', shape: [1], data: new Float32Array(1) }])),
      FormatError,
      /extra/,
    );
    const good = await loadModel(
      write((m) => m),
      { device },
    );
    expect(await good.getWeights()).toEqual(await model.getWeights());
    good.dispose();
  });
});

describe('calls of another shape, as from Keras and TensorFlow.js', () => {
  const data = toyExamples(12);
  const { x, y } = data;
  const dataset = { size: 12, xShape: [8, 8, 1], read: () => {} };
  const image = { [Symbol.toStringTag]: 'ImageData', data: new Uint8ClampedArray(256), width: 8, height: 8 };
  const tensor = { shape: [12, 8, 8, 1], dtype: 'float32', dataSync: () => x.data };
  const train = (...given: unknown[]) => (model.fit as (...all: unknown[]) => unknown).apply(model, given);
  const predict = (given: unknown) => () => model.predict(given as never);
  const cases: readonly [string, () => unknown, ErrorClass, RegExp][] = [
    ['x alone', () => train(x), DataError, /^fit takes \{ x, y \} .*fit\(\{ x, y \}, \{ batchSize: 32 \}\)/],
    ['x and options', () => train(x, { epochs: 2 }), DataError, /^y must be an array of labels, .* got \{"epochs":2\}/],
    ['x, y and a number', () => train(x, y, 2), ArgumentError, /options must be an object, such as \{ epochs: … \}, got 2\./],
    ['x, y and null', () => train(x, y, null), ArgumentError, /options must be an object, got null/],
    ['three places and { x, y }', () => train(data, {}, { epochs: 2 }), ArgumentError, /^fit takes \(x, y, options\), or \(\{ x, y \}, options\)/],
    ['three places and a dataset', () => train(dataset, undefined, { epochs: 2 }), ArgumentError, /or \(dataset, options\)/],
    ['nothing for x', () => train({ y }), DataError, /^fit takes \{ x, y \}/],
    ['y in the place of options', () => train(data, y), ArgumentError, /options must be an object, such as \{ epochs: … \}, got an Int32Array of length 12/],
    ['a number in the place of options', () => layers.dense(32 as never), ArgumentError, /^layers.dense: options must be an object, such as \{ units: … \}, got 32\.$/],
    ['a rate in their place', () => adam(0.1 as never), ArgumentError, /^adam: options must be an object, such as \{ learningRate: … \}, got 0\.1\.$/],
    ['a dataset and y', () => train({ x: dataset, y }), DataError, /y comes out of the dataset's own read\(\); leave y out/],
    ['a dataset and y to evaluate', () => model.evaluate({ x: dataset, y } as never), DataError, /leave y out/],
    ['options among the data', () => train({ x, y, epochs: 3 }), ArgumentError, /^fit: epochs is an option: fit\(\{ x, y \}, \{ epochs/],
    ['validation data as an empty list', () => train(data, { validationData: [] }), DataError, /^validationData takes \{ x, y, sampleWeight \} or a dataset, got \{\}/],
    ['validation data in a wrong order', () => train(data, { validationData: [y, x] }), DataError, /^validationData: x must be \{ data, shape/],
    ['no validation data', () => train(data, { validationData: {} }), DataError, /^validationData takes \{ x, y, sampleWeight \} or a dataset, got \{\}\.$/],
    ['Keras\' third place', () => model.trainOnBatch(x, y, [5, 5] as never), ArgumentError, /^trainOnBatch: options must be an object, such as \{ sampleWeight: … \}, got \[5,5\]/],
    ['{ x, y } to predict', predict(data), DataError, /^x must be .*takes x by itself/],
    ['a number', predict(5), DataError, /^x must be \{ data, shape: \[n, …\] \}, nested lists of numbers, or pictures, got 5\.$/],
    ['null', predict(null), DataError, /got null\.$/],
    ['nothing', predict(undefined), DataError, /got undefined\.$/],
    ['a text', predict('x'.repeat(1e6)), DataError, /got 'x{80}…'\.$/],
    ['a function', predict(toyExamples), DataError, /got a function\.$/],
    ['a Promise', predict(Promise.resolve(x)), DataError, /got a Promise, which has to be awaited/],
    ['bare numbers', predict(x.data), DataError, /got a Float32Array of length 768\. Write \{ data: x, shape: \[12, 8, 8, 1\] \}/],
    ['bytes', predict(new Uint8Array(64)), DataError, /got a Uint8Array of length 64\. Write \{ data: x, shape: \[1, 8, 8, 1\] \}/],
    ['64-bit integers', predict(new BigInt64Array(64)), DataError, /Write \{ data: Float32Array\.from\(x, Number\), shape/],
    ['data of 64-bit integers', predict({ data: new BigInt64Array(64), shape: [1, 8, 8, 1] }), DataError, /"a BigInt64Array of length 64".*Float32Array\.from\(x\.data, Number\), shape: \[\.\.\.x\.shape\]/],
    ['lists of different lengths', predict([[[[0.5]], [[0.5], [1]]]]), ShapeError, /^x: lists beside each other must have one length, got one of 1 and one of 2\.$/],
    ['lists of different depths', predict([[1, 2], [[1], [2]]]), DataError, /^x: a list holds \[1\], which is no number\.$/],
    ['a list of texts', predict(['cat']), DataError, /^x: a list holds 'cat', which is no number\.$/],
    ['a NaN in a list', predict([[NaN]]), DataError, /^x has the value NaN in example 0/],
    ['an empty list', predict([]), DataError, /^x is empty/],
    ['a small list', predict([1, 2]), ShapeError, /takes examples of shape \[8, 8, 1\], x has single numbers\.$/],
    ['ImageData of another size', predict({ ...image, width: 16, height: 4 }), ShapeError, /^x is 4 pixels high and 16 wide, the model takes 8 and 8\. Write await fromPixels\(x, \{ size: \[8, 8\], channels: 1 \}\)\.$/],
    ['an element that is no picture', predict({ [Symbol.toStringTag]: 'HTMLDivElement' }), DataError, /got an HTMLDivElement\. Draw it on a canvas, which is a picture\.$/],
    ['what draws on a canvas', predict({ [Symbol.toStringTag]: 'CanvasRenderingContext2D' }), DataError, /got a CanvasRenderingContext2D\. Write x\.canvas\.$/],
    ['a tensor of TensorFlow.js', predict(tensor), DataError, /await x\.data\(\).*shape: \[\.\.\.x\.shape\]/],
    ['a Map', predict(new Map()), DataError, /got a Map\.$/],
    ['too few 64-bit floats', predict({ data: new Float64Array(6), shape: [1, 8, 8, 1] }), ShapeError, /^x: shape \[1, 8, 8, 1\] has 64 elements, data has 6\.$/],
    ['too many bytes to inspect', () => model.inspect({ ...image, width: 7 } as never), DataError, /8 x 7 pixels have 224 bytes, data has 256/],
    ['too many bytes to trainOnBatch', () => model.trainOnBatch({ ...image, width: 7 } as never, y), DataError, /8 x 7 pixels have 224 bytes, data has 256/],
    ['too many bytes to fit', () => train({ x: { ...image, width: 7 }, y }), DataError, /8 x 7 pixels have 224 bytes, data has 256/],
  ]; // biome-ignore format: a line each
  test.each(cases)('%s', async (_, work, type, message) => {
    await refuses(work, type, message);
    const error = await Promise.resolve()
      .then(work)
      .catch((e: Error) => e);
    expect((error as Error).message.length).toBeLessThan(500);
  });
});

describe('data hold x and y alone', () => {
  const { x, y } = toyExamples(12);
  const dataset = { size: 12, xShape: [8, 8, 1], read: () => {} };
  const ones = Array(12).fill(1);
  const fitWith = (more: object) => model.fit({ x, y, ...more });
  const evaluate = (more: object) => model.evaluate({ x, y, ...more });
  const cases: readonly [string, () => unknown, string][] = [
    ['weights to evaluate', () => evaluate({ sampleWeight: ones }), 'evaluate: sampleWeight is an option: evaluate({ x, y }, { sampleWeight: … }).'],
    ['a batch size to evaluate', () => evaluate({ batchSize: 4 }), 'evaluate: batchSize is an option: '],
    ['weights beside a dataset', () => model.evaluate({ x: dataset, sampleWeight: ones } as never), 'evaluate: sampleWeight is an option: '],
    ['epochs to evaluate', () => evaluate({ epochs: 2 }), "evaluate: the data have no 'epochs', only x and y."],
    ['a misspelt option', () => fitWith({ sampleWeights: ones }), "fit: the data have no 'sampleWeights', only x and y; sampleWeight is an option: fit({ x, y }, { sampleWeight: … })."],
    ["Keras' weights", () => fitWith({ sample_weight: ones }), 'sampleWeight is an option'],
    ["Keras' batch size", () => fitWith({ batch_size: 4 }), 'batchSize is an option'],
    ['a large letter', () => fitWith({ Epochs: 9 }), 'epochs is an option'],
    ['small letters', () => fitWith({ validationdata: 1 }), 'validationData is an option'],
    ['an option beside a dataset', () => model.fit({ x: dataset, epochs: 2 } as never), 'fit: epochs is an option'],
    ['an option that resume lacks', () => resume({ x, y, batchSize: 2 } as never, { store: nowhere }), "resume: the data have no 'batchSize', only x and y."],
    ['options in validationData', () => model.fit({ x, y }, { validationData: { x, y, batchSize: 3 } as never }), "validationData: the data have no 'batchSize', only x, y and sampleWeight."],
    ['labels of another name', () => model.fit({ x, y }, { validationData: { x: dataset, labels: y } as never }), "validationData: the data have no 'labels', only x, y and sampleWeight."],
  ]; // biome-ignore format: a line each
  test.each(cases)('%s', async (_, work, message) => {
    const error = await Promise.resolve()
      .then(work)
      .catch((e: Error) => e);
    expect(error).toBeInstanceOf(ArgumentError);
    expect((error as Error).message).toContain(message);
  });

  test('what is undefined counts as absent, and datasets have what they like', async () => {
    await fitWith({ sampleWeight: undefined });
    await expect(model.evaluate(Object.assign(dataset, { batchSize: 4, labels: [] }))).resolves.toBeDefined();
  });
});

describe('a dataset to predict', () => {
  test.each([
    [{ size: 2.5 }, ArgumentError, 'the dataset: size must be an integer of at least 0, got 2.5.'],
    [{ size: '2' }, ArgumentError, "the dataset: size must be an integer of at least 0, got '2'."],
    [{ size: -1 }, ArgumentError, 'the dataset: size must be an integer of at least 0, got -1.'],
    [{ size: 0 }, DataError, 'the dataset is empty.'],
    [{ size: 2 ** 32 }, ArgumentError, 'the dataset: size 4294967296 is beyond 2^32 - 1.'],
    [{ xShape: undefined }, ArgumentError, 'the dataset: xShape must be a list, got undefined.'],
    [{ xShape: [64] }, ShapeError, 'the model takes examples of shape [8, 8, 1], x has [64].'],
  ])('of %o is refused as by fit', async (change, type, message) => {
    const dataset = { size: 2, xShape: [8, 8, 1], read: () => {}, ...change } as never;
    for (const call of [() => model.fit(dataset), () => model.evaluate(dataset), () => model.predict(dataset)]) {
      const error = await call().catch((e: Error) => e);
      expect(error).toBeInstanceOf(type);
      expect((error as Error).message).toContain(message);
    }
  });
});
