/** Targets and weights of examples, as callers give them: what cannot be meant is refused, by its place in the data. */
import { describe, expect, test } from 'vitest';
import { ArrayDataset, checkClasses, checkFinite, checkTargets, type Labels } from '../../src/data/dataset.ts';
import { ArgumentError, DataError, NeuriteError } from '../../src/index.ts';
import { classesOf, lossByName } from '../../src/nn/losses.ts';
import { classWeight, rowWeights } from '../../src/nn/train/rowWeights.ts';
import { asDataset, targets } from '../../src/nn/train/targets.ts';

describe('targets', () => {
  const of = (loss: string, y: unknown, outputs = 1) => targets(y as Labels, 3, lossByName(loss), [outputs]);

  test('of binaryCrossentropy are probabilities: -1 and 1 are no labels', () => {
    expect(() => of('binaryCrossentropy', [1, -1, 1])).toThrow(
      new DataError('y has the value -1 in example 1; this loss takes targets from 0 to 1.'),
    );
    expect(() => of('binaryCrossentropy', [0, 1, 7])).toThrow(/value 7 in example 2/);
    expect([...of('binaryCrossentropy', [0, 0.5, 1])]).toEqual([0, 0.5, 1]);
  });

  test('of categoricalCrossentropy are not negative', () => {
    const y = { data: Float32Array.of(0, 1, 1, 0, -5, 2), shape: [3, 2] };
    expect(() => of('categoricalCrossentropy', y, 2)).toThrow(/-5 in example 2; this loss takes targets of at least 0/);
  });

  test.each([
    ['null', [1, null, 1], 'null'],
    ['a text', [1, 2, '3'], "'3'"],
    ['a big number', [1n, 2n, 3n], '1'],
    ['a list of big numbers', BigInt64Array.of(1n, 2n, 3n), 'BigInt64Array of length 3'],
    ['a symbol', [Symbol('x'), 1, 2], 'Symbol'],
  ])('%s is no number', (_, y, said) => {
    expect(() => of('meanSquaredError', y)).toThrow(DataError);
    expect(() => of('meanSquaredError', y)).toThrow(new RegExp(`^y must be .*, got .*${said}`));
  });

  test.each<[string, unknown, RegExp]>([
    ['a list beside numbers', [[3], 1, 2], /^y: lists beside each other must have one length, got one of 1 and 1\.$/],
    ['a list behind numbers', [3, [1], 2], /^y: a list holds \[1\], which is no number\.$/],
    ['names in lists', [['a.b'], ['b'], ['c']], /^y: a list holds 'a\.b', which is no number\.$/],
    ['an object', [{}, 1, 2], /^y: a list holds \{\}, which is no number\.$/],
  ])('nested lists: %s', (_, y, message) => {
    expect(() => of('meanSquaredError', y)).toThrow(NeuriteError);
    expect(() => of('meanSquaredError', y)).toThrow(message);
  });

  test('lists of numbers with a shape are taken', () => {
    expect(of('meanSquaredError', { data: [1, 2, 3], shape: [3] })).toEqual(Float32Array.of(1, 2, 3));
  });
});

describe('a dataset', () => {
  const loss = lossByName('meanSquaredError');
  const read = () => {};
  test.each([
    [{ size: 200, read }, /^the dataset: xShape must be a list, got undefined/],
    [{ size: 200, xShape: '6', read }, /^the dataset: xShape must be a list, got '6'/],
    [{ size: '200', xShape: [6], read }, /^the dataset: size must be an integer of at least 0, got '200'/],
    [{ size: 1.5, xShape: [6], read }, /^the dataset: size must be/],
    [{ size: 5e9, xShape: [6], read }, /^the dataset: size 5000000000 is beyond/],
  ])('%j is none', (dataset, message) => {
    expect(() => asDataset(dataset as never, loss, [6], [1])).toThrow(ArgumentError);
    expect(() => asDataset(dataset as never, loss, [6], [1])).toThrow(message);
  });

  test('names what is wrong in a batch by its place in the dataset', () => {
    const indices = Uint32Array.of(7, 137);
    expect(() => checkClasses([0, 9], 2, indices)).toThrow(/label 9 of example 137 /);
    expect(() => checkFinite('the dataset', Float32Array.of(1, 2, 3, Number.NaN), [2], indices)).toThrow(
      /example 137;/,
    );
    expect(() => checkTargets(Float32Array.of(0, 3), [1], [0, 1], indices)).toThrow(/value 3 in example 137;/);
  });
});

describe('classWeight', () => {
  test('has classes where a loss of classes meets one row of outputs', () => {
    const of = (loss: string, ...shape: number[]) => classesOf(lossByName(loss), shape);
    expect([of('binaryCrossentropy', 1), of('sparseCategoricalCrossentropy', 5)]).toEqual([2, 5]);
    expect([of('binaryCrossentropy', 4, 4, 3), of('meanSquaredError', 3)]).toEqual([0, 0]);
  });

  const data = (y: Int32Array | Float32Array) => new ArrayDataset({ data: new Float32Array(3), shape: [3, 1] }, y);
  const weigh = (loss: string, outputs: number, y: Int32Array | Float32Array, given: object, sample?: number[]) =>
    rowWeights('fit', data(y), classesOf(lossByName(loss), [outputs]), sample, given as Record<number, number>)
      .byExample;

  test('of one output: the two classes that it tells apart', () => {
    const weights = weigh('binaryCrossentropy', 1, Float32Array.of(0, 1, 1), { 0: 2, 1: 5 });
    expect([...weights!]).toEqual([2, 5, 5]);
    expect(classWeight(Float32Array.of(2, 5), Float32Array.of(1, 0), 1, 1)).toBe(2);
  });

  test('of one-hot rows: the class that is hot', () => {
    const rows = new ArrayDataset({ data: new Float32Array(2), shape: [2, 1] }, Float32Array.of(0, 1, 0, 1, 0, 0));
    expect([...rowWeights('fit', rows, 3, undefined, { 1: 4 }).byExample!]).toEqual([4, 1]);
  });

  const y = Int32Array.of(0, 1, 1);
  test.each([
    ['a Map', new Map([[0, 100]]), /must be an object, such as/],
    ['a list', [1, 2], /must be an object, such as/],
    ['a class without a name', { '': 100 }, /got 100 for ''/],
    ['what float32 cannot hold', { 0: 1e39 }, /got 1e\+39 for 0/],
    ['half a class', { 0.5: 1 }, /for 0\.5/],
    ['a negative one', { 1: -1 }, /got -1 for 1/],
  ])('%s is refused', (_, given, message) => {
    expect(() => weigh('sparseCategoricalCrossentropy', 2, y, given)).toThrow(ArgumentError);
    expect(() => weigh('sparseCategoricalCrossentropy', 2, y, given)).toThrow(message);
  });

  test('with sampleWeight it must stay finite; a loss without classes takes none', () => {
    expect(() => weigh('sparseCategoricalCrossentropy', 2, y, { 0: 1e30 }, [1e30, 1, 1])).toThrow(DataError);
    expect(() => weigh('meanSquaredError', 1, Float32Array.of(0, 1, 2), { 0: 5 })).toThrow(
      /no classes for classWeight/,
    );
  });
});
