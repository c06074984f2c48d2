/** Which steps serve which numbers of examples. */
import { describe, expect, test } from 'vitest';
import { layers } from '../../src/index.ts';
import { mostPadding, StepSizePolicy, stepRows } from '../../src/nn/execute/sizes.ts';
import { Network } from '../../src/nn/network.ts';

const sizes = (most = 4) => new StepSizePolicy(most, () => 1024);
const chosen = (all: StepSizePolicy, ...rows: number[]) => rows.map((count) => all.choose(count).size);

describe('calls', () => {
  test('take the smallest size that has room, else their own', () => {
    expect(chosen(sizes(), 32, 5, 64, 40, 32, 33, 1)).toEqual([32, 32, 64, 64, 32, 64, 32]);
  });

  test('keep four sizes; the one used least recently goes, and never the largest', () => {
    const all = sizes();
    chosen(all, 4, 5, 6, 7, 4);
    expect(all.choose(8)).toEqual({ size: 8, fresh: true, gone: 5 });
    expect(chosen(all, 5)).toEqual([6]);
    const large = sizes();
    large.choose(2000);
    for (const few of [1, 2, 3, 4, 5]) {
      // The first time there are no rows in vain yet.
      expect(chosen(large, few, few)).toEqual([2000, few]);
    }
    expect(chosen(large, 1999)).toEqual([2000]);
  });

  test('that ask for the same number again and again have a size of their own after 1,024 rows in vain', () => {
    const all = sizes();
    all.choose(257);
    expect(chosen(all, 1, 1, 1, 1, 1, 1)).toEqual([257, 257, 257, 257, 1, 1]);
    expect(chosen(all, 2, 1)).toEqual([257, 1]);
  });

  test('that ask for another number in between have not', () => {
    const all = sizes();
    all.choose(257);
    for (let i = 0; i < 100; i++) expect(chosen(all, 1, 2)).toEqual([257, 257]);
  });

  test('grow by doubling, up to what other calls are likely to ask for', () => {
    const all = sizes(16);
    const grown = [3, 4, 5, 13, 14, 31, 32, 1].map((rows) => all.choose(rows, 1, 32).size);
    expect(grown).toEqual([3, 6, 6, 13, 26, 32, 32, 3]);
    expect(all.choose(33, 1, 33).size).toBe(33);
  });

  test('of several batches count them all; of data in memory none is padded', () => {
    const all = sizes();
    all.choose(64);
    expect([all.choose(32, 40).size, all.choose(32, 40).size]).toEqual([64, 32]);
    const inMemory = sizes();
    inMemory.choose(64);
    for (let i = 0; i < 100; i++) expect(inMemory.choose(32, 0).size).toBe(64);
  });

  test('do not take a step that would run them in micro-batches, unless it is their own', () => {
    const all = sizes();
    all.choose(64);
    all.limit(64, 16);
    expect(chosen(all, 16, 17, 64, 12)).toEqual([64, 17, 64, 17]);
  });

  test('of which one could not be prepared find those that can', () => {
    const all = sizes();
    chosen(all, 8, 64);
    all.forget(64);
    expect(chosen(all, 9, 5)).toEqual([9, 8]);
  });

  test('with room for one size replace it', () => {
    const all = sizes(1);
    all.choose(8);
    expect(all.choose(3)).toEqual({ size: 8, fresh: false, gone: undefined });
    expect(all.choose(9)).toEqual({ size: 9, fresh: true, gone: 8 });
  });
});

test('a run has steps of batchSize rows, or of its data where too many would be computed in vain', () => {
  const all = [
    [32, 1000, 100], // whole batches
    [32, 5, 1],
    [32, 5, 37],
    [32, 5, 38],
    [1_000_000, 5, 1],
  ].map(([batchSize, rows, epochs]) => stepRows(batchSize!, rows!, epochs!, 1024));
  expect(all).toEqual([32, 32, 32, 5, 5]);
});

test('large networks pad fewer rows', () => {
  const network = (inputShape: number[], filters: number) =>
    new Network(
      [layers.conv2d({ inputShape, filters, kernelSize: 3 }), layers.flatten(), layers.dense({ units: 2 })],
      () => 0,
    );
  expect(mostPadding(network([28, 28, 1], 8))).toBe(1024);
  const middle = mostPadding(network([128, 128, 1], 32));
  expect(middle).toBeGreaterThan(32);
  expect(middle).toBeLessThan(512);
  expect(mostPadding(network([512, 512, 3], 64))).toBeLessThan(20);
});
