/** Weights by name: they land where their names say, all of them or none. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { ArgumentError, DataError, FormatError, layers, loadModel, type Model, sequential } from '../../src/index.ts';
import { readSafetensors, writeSafetensors } from '../../src/io/safetensors.ts';
import { testDevice } from '../support/device.ts';
import { bits } from '../support/toy.ts';

/** Two of each, of the same shapes: whatever goes by position fits anywhere. */
const specs = () => [
  layers.dense({ inputShape: [3], units: 3 }),
  layers.batchNormalization(),
  layers.dense({ units: 3 }),
  layers.batchNormalization(),
];
const X = { data: Float32Array.of(1, -2, 3, 4, 0.5, -6), shape: [2, 3] };

let model: Model;
beforeAll(async () => {
  model = sequential(specs());
  await model.compile({ device: await testDevice(), loss: 'meanSquaredError' });
});
afterAll(() => model.dispose());

/** Weights that all differ, under the model's names. */
const distinct = async () =>
  (await model.getWeights()).map((weight, k) => ({ ...weight, data: weight.data.map((_, i) => 1 + k + i / 8) }));

describe('a whole list by name', () => {
  test("the model's own list, in any order, lands where its names say", async () => {
    const weights = await distinct();
    const { taken, missing, unexpected } = await model.setWeights(weights.toReversed());
    expect(taken).toEqual(weights.map(({ name }) => name));
    expect([...missing, ...unexpected]).toEqual([]);
    expect(await model.getWeights()).toEqual(weights);
  });

  test("TensorFlow.js' order and names, moving averages last, predict the same", async () => {
    const weights = await distinct();
    await model.setWeights(weights);
    const wanted = (await model.predict(X)).data;
    const theirs = weights.map(({ name, ...rest }) => ({
      name: name
        .replace(/^dense(_1)?\//, (_, second) => `dense_Dense${second ? 2 : 1}/`)
        .replace(
          /^batchNormalization(_1)?\//,
          (_, second) => `batch_normalization_BatchNormalization${second ? 2 : 1}/`,
        ),
      ...rest,
    }));
    const moving = theirs.filter(({ name }) => name.includes('moving'));
    const list = [...theirs.filter((weight) => !moving.includes(weight)), ...moving];
    expect(list.map(({ shape }) => shape)).not.toEqual(weights.map(({ shape }) => shape));
    await model.setWeights(weights.map((weight) => ({ ...weight, data: weight.data.map(() => 0) })));
    await model.setWeights(list);
    expect(await model.getWeights()).toEqual(weights);
    expect((await model.predict(X)).data).toEqual(wanted);
  });

  test('without names they go by position', async () => {
    const weights = await distinct();
    const { taken } = await model.setWeights(weights.map(({ shape, data }) => ({ shape, data })));
    expect(taken).toHaveLength(12);
    expect(await model.getWeights()).toEqual(weights);
  });

  test('a list that fits by shape but not by its names changes nothing', async () => {
    const weights = await distinct();
    await model.setWeights(weights);
    const halves = weights.map((weight) => ({ ...weight, data: weight.data.map((x) => x / 2) }));
    const foreign = halves.map((weight) => ({ ...weight, name: weight.name.replace('dense_1', 'encoder') }));
    await expect(model.setWeights(foreign)).rejects.toThrow(ArgumentError);
    await expect(model.setWeights(foreign)).rejects.toThrow(/^setWeights: the model has no weight 'encoder\/kernel'/);
    const twice = [...halves.slice(0, -1), halves[0]!];
    await expect(model.setWeights(twice)).rejects.toThrow(/^setWeights: 'dense\/kernel' is given twice\.$/);
    await expect(model.setWeights(halves.slice(1))).rejects.toThrow(
      /has 12 weights, got 11: 'dense\/kernel' is missing/,
    );
    expect(await model.getWeights()).toEqual(weights);
  });

  test('what is no list, and an option that does not exist', async () => {
    await expect(model.setWeights({ length: 12 } as never)).rejects.toThrow(
      /weights must be a list .*got \{"length":12}/,
    );
    await expect(model.setWeights([], { partial: true } as never)).rejects.toThrow(/there is no option 'partial'/);
    await expect(model.setWeights([], { strict: 0 as never })).rejects.toThrow(/strict must be true or false, got 0/);
  });
});

describe('some of them by name', () => {
  test('sets what the model has, and says what it did', async () => {
    const weights = await distinct();
    await model.setWeights(weights);
    const some = [
      { name: 'head/kernel', shape: [3, 10], data: new Float32Array(30) },
      { name: 'batch_normalization_1/moving_mean', shape: [3], data: Float32Array.of(-1, -2, -3) },
      { name: 'dense_1/bias', shape: [3], data: Float32Array.of(7, 8, 9) },
    ];
    const report = await model.setWeights(some, { strict: false });
    const changed = ['dense_1/bias', 'batchNormalization_1/moving_mean'];
    expect(report).toEqual({
      taken: changed,
      missing: weights.map(({ name }) => name).filter((name) => !changed.includes(name)),
      unexpected: ['head/kernel'],
    });
    const now = Object.fromEntries((await model.getWeights()).map(({ name, data }) => [name, [...data]]));
    const before = Object.fromEntries(weights.map(({ name, data }) => [name, [...data]]));
    expect(now).toEqual({
      ...before,
      'dense_1/bias': [7, 8, 9],
      'batchNormalization_1/moving_mean': [-1, -2, -3],
    });
  });

  test('a body passes from one model to another with another head', async () => {
    const body = sequential([...specs(), layers.dense({ units: 5, name: 'other' })]);
    await body.compile({ device: await testDevice(), seed: 9 });
    const report = await model.setWeights(await body.getWeights(), { strict: false });
    expect(report.unexpected).toEqual(['other/kernel', 'other/bias']);
    expect(report.missing).toEqual([]);
    expect(await model.getWeights()).toEqual((await body.getWeights()).slice(0, -2));
    body.dispose();
  });

  test('a shape that does not fit is refused, and then nothing changes', async () => {
    const before = await bits(model);
    const some = [
      { name: 'dense/bias', shape: [3], data: Float32Array.of(1, 2, 3) },
      { name: 'dense_1/kernel', shape: [3, 2], data: new Float32Array(6) },
    ];
    await expect(model.setWeights(some, { strict: false })).rejects.toThrow(
      /dense_1\/kernel has shape \[3, 3\], got \[3, 2\]/,
    );
    expect(await bits(model)).toEqual(before);
  });

  test('in a hook of fit, the next step begins with them', async () => {
    await model.setWeights(await distinct());
    const zeros = { name: 'dense_1/kernel', shape: [3, 3], data: new Float32Array(9) };
    const seen: number[][] = [];
    await model.fit(
      { x: X, y: { data: new Float32Array(6), shape: [2, 3] } },
      {
        epochs: 2,
        callbacks: {
          async onEpochBegin(_, { model: trained }) {
            await trained.setWeights([zeros], { strict: false });
            zeros.data.fill(5); // it was copied
            const now = await trained.getWeights();
            seen.push([...now.find(({ name }) => name === 'dense_1/kernel')!.data]);
            zeros.data.fill(0);
          },
        },
      },
    );
    expect(seen).toEqual([Array(9).fill(0), Array(9).fill(0)]);
  });
});

describe('a variance below 0', () => {
  const negative = async () => {
    const weights = await distinct();
    weights.find(({ name }) => name === 'batchNormalization_1/moving_variance')!.data[1] = -0.25;
    return weights;
  };

  test.each([true, false])('is refused by setWeights, strict: %s', async (strict) => {
    const before = await bits(model);
    const weights = await negative();
    await expect(model.setWeights(weights, { strict })).rejects.toThrow(DataError);
    await expect(model.setWeights(weights, { strict })).rejects.toThrow(
      /^setWeights: batchNormalization_1\/moving_variance has the value -0.25; no variance/,
    );
    const nameless = weights.map(({ shape, data }) => ({ shape, data }));
    if (strict) await expect(model.setWeights(nameless)).rejects.toThrow(/moving_variance has the value -0.25/);
    expect(await bits(model)).toEqual(before);
  });

  test.each(['batchNormalization/moving_variance', 'dense/kernel/adam_v'])('is refused in a file: %s', async (name) => {
    const { tensors, metadata } = readSafetensors(await model.save());
    const changed = [...tensors.values()].map((tensor) =>
      tensor.name === name ? { ...tensor, data: new Float32Array(tensor.data.length).fill(-1.5) } : tensor,
    );
    expect(tensors.has(name)).toBe(true);
    const loading = async () => loadModel(writeSafetensors(changed, metadata), { device: await testDevice() });
    await expect(loading()).rejects.toThrow(FormatError);
    await expect(loading()).rejects.toThrow(
      new RegExp(`"${name}" has the value -1\\S+; no variance or mean of squares`),
    );
  });
});
