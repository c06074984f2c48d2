/** Spellings and forms of calls that users of Keras and TensorFlow.js type: each does what neurite's own does, bit for bit. */
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from 'vitest';
import {
  ArgumentError,
  adam,
  type CompileOptions,
  earlyStopping,
  type FitOptions,
  type History,
  layers,
  loadModel,
  type Model,
  rmsprop,
  sequential,
  sgd,
} from '../../src/index.ts';
import { testDevice } from '../support/device.ts';
import { bits, compiledToy, toyExamples } from '../support/toy.ts';

const data = toyExamples(24);
const { x, y } = data;

describe('fit and evaluate', () => {
  test('take x and y one after the other', async () => {
    const [object, apart] = [await compiledToy(), await compiledToy()];
    const options: FitOptions = { epochs: 2, batchSize: 8, validationSplit: 0.25 };
    const histories = [await object.fit(data, options), await apart.fit(x, y, options)];
    expect(histories[1]).toEqual(histories[0]);
    expect(await bits(apart)).toEqual(await bits(object));
    expect(await apart.evaluate(x, y)).toEqual(await object.evaluate(data));
    const sampleWeight = Array.from({ length: 24 }, (_, i) => i);
    const [weighted, plain] = [await apart.evaluate(x, y, { sampleWeight }), await apart.evaluate(x, y)];
    expect(weighted).toEqual(await object.evaluate(data, { sampleWeight }));
    expect(weighted.loss).not.toBe(plain.loss);
    expect((await apart.fit(x, y)).loss).toHaveLength(1);
    for (const each of [object, apart]) each.dispose();
  });

  test('validate on a list', async () => {
    const other = toyExamples(10, 7);
    const sampleWeight = Array.from({ length: 10 }, (_, i) => 1 + i);
    const valLoss = async (validationData: NonNullable<FitOptions['validationData']>) => {
      const model = await compiledToy();
      const history = await model.fit(x, y, { validationData });
      model.dispose();
      return history.valLoss;
    };
    const [plain, weighted] = [await valLoss(other), await valLoss({ ...other, sampleWeight })];
    expect(plain).not.toEqual(weighted);
    expect(await valLoss([other.x, other.y])).toEqual(plain);
    expect(await valLoss([other.x, other.y, sampleWeight])).toEqual(weighted);
  });
});

/** A model with one dense layer, and what training makes of its weights. */
async function trained(
  options: CompileOptions,
  units: number,
  targets: object,
): Promise<{ logs: object; bits: number[] }> {
  const model = sequential([layers.flatten({ inputShape: [8, 8, 1] }), layers.dense({ units })]);
  try {
    await model.compile({ device: await testDevice(), seed: 2, ...options });
    const history = await model.fit(x, targets as Int32Array, { epochs: 2, batchSize: 8 });
    const loaded = await loadModel(await model.save(), { device: await testDevice() });
    const again = await loaded.evaluate(x, targets as Int32Array);
    loaded.dispose();
    return { logs: { history, again }, bits: await bits(model) };
  } finally {
    model.dispose();
  }
}

describe('spellings', () => {
  const oneHot = { data: Float32Array.from({ length: 48 }, (_, i) => Number(y[i >> 1] === i % 2)), shape: [24, 2] };
  const numbers = Float32Array.from(y);
  type Loss = NonNullable<CompileOptions['loss']>;
  const losses: readonly [Loss, readonly Loss[], number, object][] = [
    ['meanSquaredError', ['mse', 'mean_squared_error'], 1, numbers],
    ['meanAbsoluteError', ['mae', 'mean_absolute_error'], 1, numbers],
    ['binaryCrossentropy', ['binary_crossentropy'], 1, numbers],
    ['categoricalCrossentropy', ['categorical_crossentropy'], 2, oneHot],
    ['sparseCategoricalCrossentropy', ['sparse_categorical_crossentropy'], 2, y],
  ];
  test.each(losses)('of the loss %s: %j', async (own, others, units, targets) => {
    const wanted = await trained({ loss: own }, units, targets);
    for (const loss of others) expect(await trained({ loss }, units, targets), loss).toEqual(wanted);
  });

  test('of Keras do not let probabilities into a loss on logits', async () => {
    for (const loss of ['categorical_crossentropy', 'sparse_categorical_crossentropy'] as const) {
      const model = sequential([layers.dense({ inputShape: [4], units: 3, activation: 'softmax' })]);
      await expect(model.compile({ loss })).rejects.toThrow(
        "takes logits and applies softmax itself, so layer 'dense' must not end with softmax; leave it linear, " +
          "and predict(x, { as: 'probabilities' }) gives probabilities.",
      );
    }
    const model = sequential([layers.dense({ inputShape: [4], units: 1, activation: 'sigmoid' })]);
    await expect(model.compile({ loss: 'binary_crossentropy' })).rejects.toThrow(/must not end with sigmoid/);
  });

  test('of optimizers: their default settings', async () => {
    for (const [name, own] of [['adam', adam()], ['sgd', sgd()], ['rmsprop', rmsprop()]] as const) {
      const wanted = await trained({ loss: 'mse', optimizer: own }, 1, numbers);
      expect(await trained({ loss: 'mse', optimizer: name }, 1, numbers), name).toEqual(wanted);
    }
    expect(await trained({ loss: 'mse' }, 1, numbers)).toEqual(
      await trained({ loss: 'mse', optimizer: 'adam' }, 1, numbers),
    );
  }); // biome-ignore format: a line each

  test('of metrics: logs, history and file have the name', async () => {
    const wanted = await trained({ loss: 'binaryCrossentropy', metrics: ['accuracy', 'meanSquaredError'] }, 1, numbers);
    for (const metrics of [['acc', 'mse'], ['accuracy', 'mean_squared_error']] as const)
      expect(await trained({ loss: 'binaryCrossentropy', metrics }, 1, numbers)).toEqual(wanted);
    for (const metrics of ['acc', 'accuracy'] as const) {
      const model = await compiledToy({ metrics });
      expect((await model.fit(data)).accuracy).toHaveLength(1);
      model.dispose();
    }
    await expect(compiledToy({ metrics: ['acc', 'accuracy'] })).rejects.toThrow("metrics: 'accuracy' is there twice.");
    await expect(compiledToy({ loss: 'mse', metrics: 'acc' })).rejects.toThrow('accuracy has no meaning for the loss');
  }); // biome-ignore format: a line each

  test('of what does not exist', async () => {
    await expect(compiledToy({ loss: 'mean_squared_logarithmic_error' as never })).rejects.toThrow(
      /loss must be 'sparse.* got 'mean_squared_logarithmic_error'/,
    );
    await expect(compiledToy({ loss: 'toString' as never })).rejects.toThrow(ArgumentError);
    await expect(compiledToy({ metrics: 'acuracy' as never })).rejects.toThrow(/Did you mean 'accuracy'/);
    await expect(compiledToy({ optimizer: 'Adam' as never })).rejects.toThrow("got 'Adam'. Did you mean 'adam'?");
    await expect(compiledToy({ optimizer: 'Adma' as never })).rejects.toThrow("got 'Adma'. Did you mean 'adam'?");
  });
});

describe("names of Keras' history and logs", () => {
  let model: Model;
  let history: History;
  beforeAll(async () => {
    model = await compiledToy();
    history = await model.fit(data, { validationSplit: 0.5 });
  });
  afterAll(() => model.dispose());

  test('are errors that say the name', () => {
    expectTypeOf<History['history']>().toBeNever();
    // @ts-expect-error it has no values
    expect(() => history.history.loss).toThrow(
      "history has no 'history': write history.loss, not history.history.loss.",
    );
    expect(() => history.acc).toThrow("history has no 'acc': write history.accuracy.");
    expect(() => history.val_loss).toThrow(/write history.valLoss/);
    expect(() => history.val_acc).toThrow(/write history.valAccuracy/);
    expect(() => history.val_accuracy).toThrow(/write history.valAccuracy/);
  });

  test('are not among the values', () => {
    expect(Object.keys(history).sort()).toEqual(['accuracy', 'epoch', 'loss', 'valAccuracy', 'valLoss']);
    expect(structuredClone(history)).toEqual(JSON.parse(JSON.stringify(history)));
  });

  test('and what training did not compute is not there', async () => {
    const plain = await model.fit(data);
    expect(Object.keys(plain)).toEqual(['epoch', 'loss', 'accuracy']);
    expect(plain.valLoss).toBeUndefined();
    expect(plain.valAccuracy).toBeUndefined();
    const held = { x: { data: x.data.subarray(0, 64), shape: [1, 8, 8, 1] }, y: [y[0]!] };
    for (const more of [
      { validationSplit: 0.1 },
      { validationData: held },
      { validationData: [held.x, held.y] as const },
    ])
      expect((await model.fit(data, more)).valLoss).toEqual([expect.any(Number)]);
    const bare = await compiledToy({ metrics: [] });
    expect(Object.keys(await bare.fit(data))).toEqual(['epoch', 'loss']);
    expect(Object.keys(await bare.fit(data, { validationSplit: 0.5 }))).toEqual(['epoch', 'loss', 'valLoss']);
    bare.dispose();
    expectTypeOf<History['valLoss']>().toEqualTypeOf<readonly number[] | undefined>();
    expectTypeOf<History['loss']>().toEqualTypeOf<readonly number[]>();
  });

  test('in the logs of an epoch too', async () => {
    const seen: string[] = [];
    const onEpochEnd = (_: number, logs: Readonly<Record<string, number>>) => {
      for (const name of ['acc', 'val_loss']) {
        try {
          seen.push(String(logs[name]));
        } catch (error) {
          seen.push((error as Error).message);
        }
      }
      seen.push(Object.keys(logs).join());
    };
    await model.fit(data, { validationSplit: 0.5, callbacks: { onEpochEnd } });
    expect(seen).toEqual([
      "logs has no 'acc': write logs.accuracy.",
      "logs has no 'val_loss': write logs.valLoss.",
      'loss,accuracy,valLoss,valAccuracy',
    ]);
  });

  test('and a value that earlyStopping cannot find', async () => {
    const stopping = earlyStopping({ monitor: 'val_loss' });
    await expect(model.fit(data, { validationSplit: 0.5, callbacks: stopping })).rejects.toThrow(/valLoss/);
  });
});

test('a wrong spelling does not compile', () => {
  const model = sequential([layers.dense({ inputShape: [2], units: 1 })]);
  expectTypeOf(model.fit).toBeCallableWith(x, y, { epochs: 2 });
  expectTypeOf(model.fit).toBeCallableWith({ x, y }, { epochs: 2 });
  expectTypeOf<'mean_squared_error' | 'sparse_categorical_crossentropy' | 'mae'>().toExtend<CompileOptions['loss']>();
  expectTypeOf<'acc' | readonly ['accuracy', 'mse']>().toExtend<CompileOptions['metrics']>();
  const wrong: (() => unknown)[] = [
    // @ts-expect-error no such loss
    () => model.compile({ loss: 'meanSquareError' }),
    // @ts-expect-error underscores are in other places
    () => model.compile({ loss: 'sparse_categorical_cross_entropy' }),
    // @ts-expect-error no such optimizer
    () => model.compile({ optimizer: 'adamm' }),
    // @ts-expect-error a call, not a class
    () => model.compile({ optimizer: adam }),
    // @ts-expect-error no such metric
    () => model.compile({ metrics: ['acuracy'] }),
    // @ts-expect-error Keras' option
    () => model.fit(x, y, { batch_size: 32 }),
    // @ts-expect-error options stand behind
    () => model.fit({ x, y, epochs: 3 }),
    // @ts-expect-error an object
    () => model.fit(x, y, 3),
    // @ts-expect-error a text
    () => adam({ learningRate: '0.01' }),
    // @ts-expect-error a number by itself
    () => adam(0.01),
    // @ts-expect-error TensorFlow.js' tensor methods
    async () => (await model.predict(x)).dataSync(),
    // @ts-expect-error it has to be awaited
    () => model.predict(x).argMax(1),
  ];
  expect(wrong).toHaveLength(12);
});
