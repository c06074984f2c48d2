/** What examples count in validation: the loss, as in training; no metric, and no class weights. */
import { describe, expect, test } from 'vitest';
import { type Callback, DataError, type Dataset, earlyStopping, type Model } from '../../src/index.ts';
import type { FitOptions } from '../../src/nn/train/fit.ts';
import { compiledToy, toyExamples } from '../support/toy.ts';

const [ALL, HELD, LENGTH] = [20, 8, 64];
const OPTIONS = { batchSize: 3, validationSplit: 0.4 };
const data = toyExamples(ALL);
const weights = Array.from({ length: ALL }, (_, i) => (i % 5) / 2);
const rows = (from: number, to: number) => ({
  x: { data: data.x.data.slice(from * LENGTH, to * LENGTH), shape: [to - from, 8, 8, 1] },
  y: data.y.slice(from, to),
});
const [train, held] = [rows(0, ALL - HELD), rows(ALL - HELD, ALL)];
const [trainWeights, heldWeights] = [weights.slice(0, -HELD), weights.slice(-HELD)];

const stream = ({ x, y }: typeof data): Dataset => ({
  ...{ size: y.length, xShape: [8, 8, 1] },
  read(indices, xs, ys) {
    for (const [i, row] of indices.entries()) {
      xs.set(x.data.subarray(row * LENGTH, (row + 1) * LENGTH), i * LENGTH);
      if (ys) ys[i] = y[row]!;
    }
  },
});

/** Trains, and validates again what was held out: with the weights, and without any. */
async function validated(train: (model: Model) => ReturnType<Model['fit']>) {
  const model = await compiledToy();
  const { valLoss, valAccuracy, loss } = await train(model);
  const weighted = await model.evaluate(held, { batchSize: 3, sampleWeight: heldWeights });
  const plain = await model.evaluate(held, { batchSize: 3 });
  model.dispose();
  // Where these were equal, the test could not tell them apart.
  expect(weighted.loss).not.toBe(plain.loss);
  return { valLoss: valLoss!.at(-1), valAccuracy: valAccuracy!.at(-1), loss: loss.at(-1), weighted, plain };
}

describe('the loss of a validation is weighted', () => {
  const whole: readonly [string, () => Parameters<Model['fit']>[0]][] = [
    ['in memory', () => data],
    ['a dataset', () => stream(data)],
    ['a dataset in the place of x', () => ({ x: stream(data) })],
  ];
  test.each(whole)('validationSplit splits sampleWeight: %s', async (_, given) => {
    const got = await validated((model) => model.fit(given(), { ...OPTIONS, epochs: 2, sampleWeight: weights }));
    expect(got.valLoss).toBe(got.weighted.loss);
    expect(got.valAccuracy).toBe(got.plain.accuracy); // metrics count each example once, as in evaluate
  });

  test('the part trained on counts what its own examples do', async () => {
    const split = await validated((model) => model.fit(data, { ...OPTIONS, sampleWeight: weights }));
    const apart = await validated((model) =>
      model.fit(train, { batchSize: 3, sampleWeight: trainWeights, validationData: held }),
    );
    expect(split.loss).toBe(apart.loss);
    expect(apart.valLoss).toBe(apart.plain.loss); // data of its own, without weights
  });

  const own: readonly [string, NonNullable<FitOptions['validationData']>][] = [
    ['in memory', { ...held, sampleWeight: heldWeights }],
    ['a typed array', { ...held, sampleWeight: Float64Array.from(heldWeights) }],
    ['a dataset', { x: stream(held), sampleWeight: heldWeights }],
  ];
  test.each(own)('validationData has weights of its own: %s', async (_, validationData) => {
    const got = await validated((model) => model.fit(train, { batchSize: 3, validationData }));
    expect(got.valLoss).toBe(got.weighted.loss);
    expect(got.valAccuracy).toBe(got.plain.accuracy);
  });

  test('class weights count in training alone, with weights of examples and without', async () => {
    const classWeight = { 0: 3, 1: 0.5 };
    const alone = await validated((model) => model.fit(data, { ...OPTIONS, classWeight }));
    expect(alone.valLoss).toBe(alone.plain.loss);
    const both = await validated((model) => model.fit(data, { ...OPTIONS, classWeight, sampleWeight: weights }));
    expect(both.valLoss).toBe(both.weighted.loss);
    const neither = await validated((model) => model.fit(data, { ...OPTIONS, sampleWeight: weights }));
    expect(both.loss).not.toBe(neither.loss); // they counted in training
  });

  test('early stopping sees it', async () => {
    const model = await compiledToy();
    const epochs: number[] = [];
    const count: Callback = { onEpochEnd: (epoch) => void epochs.push(epoch) };
    const none = heldWeights.map(() => 0);
    const options = { epochs: 9, batchSize: 3, validationData: { ...held, sampleWeight: none } };
    const { valLoss } = await model.fit(train, { ...options, callbacks: [count, earlyStopping({ patience: 2 })] });
    expect(valLoss).toEqual([0, 0, 0]);
    expect(epochs).toEqual([0, 1, 2]);
    model.dispose();
  });
});

test('weights that do not fit are refused, and say where they were given', async () => {
  const model = await compiledToy();
  const refuses = async (sampleWeight: unknown, type: unknown, message: RegExp) => {
    const training = () => model.fit(train, { validationData: { ...held, sampleWeight } as never });
    await expect(training()).rejects.toThrow(type as never);
    await expect(training()).rejects.toThrow(message);
  };
  await refuses([1, 2], DataError, /^validationData: sampleWeight has 2 weights for 8 examples/);
  await refuses(heldWeights.with(3, -1), DataError, /^validationData: sampleWeight .*got -1 for example 3/);
  await refuses({ 0: 1 }, Error, /^validationData: sampleWeight must be a list/);
  for (const name of ['classWeight', 'sample_weight', 'weights']) {
    const misplaced = model.fit(train, { validationData: { ...held, [name]: heldWeights } });
    await expect(misplaced).rejects.toThrow(`validationData: the data have no '${name}', only x, y and sampleWeight.`);
  }
  const short = model.fit(data, { ...OPTIONS, sampleWeight: trainWeights });
  await expect(short).rejects.toThrow(/^fit: sampleWeight has 12 weights for 20 examples/);
  model.dispose();
});
