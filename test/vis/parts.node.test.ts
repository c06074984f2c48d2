/** What the drawings of `neurite/vis` are computed from. */
import { describe, expect, test } from 'vitest';
import { ArgumentError, DataError, ShapeError, StateError } from '../../src/index.ts';
import { placesOf } from '../../src/vis/curveData.ts';
import {
  channelRanges,
  confusionCounts,
  confusionMatrix,
  diverging,
  drawable,
  filtersOf,
  grey,
  heat,
  kernelGrid,
  lineChart,
  livingChannels,
  lookOf,
  mapGrid,
  smooth,
  smoothedCurve,
  summaryOf,
  thin,
  trainingCurves,
} from '../../src/vis/index.ts';

describe('kernels', () => {
  test('a convolution: one for each output, with a tile for each input', () => {
    const filters = filtersOf([5, 3, 4, 8]);
    expect(filters).toMatchObject({ height: 5, width: 3, inputs: 4, outputs: 8 });
    expect(filters.channel(2, 3)).toBe(3 * 8 + 2);
  });

  test('depthwise: one for each channel and multiplier', () => {
    const filters = filtersOf([3, 3, 4, 2], 'depthwiseConv2d');
    expect(filters).toMatchObject({ inputs: 1, outputs: 8 });
    expect(filters.channel(5, 0)).toBe(5);
  });

  test('transposed: the outputs of each group look at its own inputs', () => {
    // Two groups of two inputs each, three outputs each: the weights are [1, 1, 3, 4].
    const filters = filtersOf([1, 1, 3, 4], 'conv2dTranspose', 2);
    expect(filters).toMatchObject({ inputs: 2, outputs: 6 });
    const places = Array.from({ length: 6 }, (_, output) => [0, 1].map((input) => filters.channel(output, input)));
    expect(places).toEqual([
      [0, 1],
      [4, 5],
      [8, 9],
      [2, 3],
      [6, 7],
      [10, 11],
    ]);
    expect(filtersOf([3, 3, 2, 5], 'conv2dTranspose').channel(1, 4)).toBe(9);
  });

  test('dense: one picture', () => {
    expect(filtersOf([7, 3], 'dense')).toMatchObject({ height: 7, width: 3, inputs: 1, outputs: 1 });
  });
});

describe('ranges', () => {
  test('colours by what there is', () => {
    expect(lookOf([0, 2, 4])).toEqual({ colors: heat, range: { low: 0, high: 4 }, low: 0 });
    expect(lookOf([-3, 1])).toEqual({ colors: diverging, range: { low: -3, high: 3 }, low: -3 });
    expect(lookOf([0, 0])).toEqual({ colors: grey, range: { low: 0, high: 1 }, low: 0 });
  });

  test('each channel by itself', () => {
    const data = [1, -2, 0, 3, 1, 0]; // two pixels of three channels
    expect(channelRanges(data, 3, false)).toEqual([
      { low: 0, high: 3 },
      { low: 0, high: 2 },
      { low: 0, high: 1 },
    ]);
    expect(channelRanges(data, 3, true)[1]).toEqual({ low: -2, high: 2 });
  });

  test('maps that are 0 everywhere are dead', () => {
    expect(livingChannels([0, 0, 0, 3, 0, -1], 3)).toEqual({ living: [0, 2], dead: [1] });
  });

  test('numbers of one map', () => {
    expect(summaryOf([0, 0, 3, -1])).toEqual({ low: -1, high: 3, mean: 0.5, zeros: 0.5 });
  });
});

describe('curves', () => {
  test('smoothing is free of bias, and follows', () => {
    expect(smooth([5, 5, 5])).toEqual([5, 5, 5]);
    const [first, second] = smooth([0, 1], 2);
    expect([first, second]).toEqual([0, 0.5 / 0.75]);
    expect(smooth([...new Array(100).fill(0), ...new Array(100).fill(1)]).at(-1)).toBeGreaterThan(0.99);
  });

  test('thinning keeps the end, and all where they are few', () => {
    expect(thin(3, 5)).toEqual([0, 1, 2]);
    const kept = thin(10_000, 1200);
    expect(kept).toHaveLength(1200);
    expect(kept.at(-1)).toBe(9999);
    expect(new Set(kept).size).toBe(1200);
    const steps = [...Array(5000).keys()];
    const { x, raw, smoothed } = smoothedCurve(steps, steps);
    expect([x.at(-1), raw.at(-1)]).toEqual([4999, 4999]);
    expect(smoothed.at(-1)).toBeCloseTo(4990, 0); // about ten steps late
  });

  test('a loss that is no number leaves a gap', () => {
    expect(placesOf([0, 0, 1], [1, 2, 1], 2)).toEqual([0.5, 1, 1.5]);
    expect(placesOf([0, 0, 0], [1, 2, 4], undefined), 'the steps so far fill the epoch').toEqual([0.25, 0.5, 1]);
    expect(smoothedCurve([1, 2], [1, Number.NaN])).toMatchObject({ raw: [1, null], smoothed: [1, null] });
    expect([undefined, Number.POSITIVE_INFINITY, 0].map(drawable)).toEqual([null, null, 0]);
  });
});

describe('the confusion matrix', () => {
  test('counts: rows are the truth', () => {
    expect(confusionCounts([0, 0, 1, 1, 1], [0, 1, 1, 0, 1])).toEqual([
      [1, 1],
      [1, 2],
    ]);
    expect(confusionCounts([2], [0])).toEqual([
      [0, 0, 0],
      [0, 0, 0],
      [1, 0, 0],
    ]);
    expect(confusionCounts([0], [0], 3)).toHaveLength(3);
    expect(confusionCounts([], [])).toEqual([]);
  });

  test('of rows of numbers the largest counts, one-hot rows among them; a row with a NaN is left out', () => {
    const logits = { data: Float32Array.of(0, 2, 1, 9, -1, 3, Number.NaN, 1, 0, -3, -2, -1), shape: [4, 3] };
    const truth = { data: Float32Array.of(0, 1, 0, 1, 0, 0, 0, 0, 1, 0, 0, 1), shape: [4, 3] };
    expect(confusionCounts(truth, logits)).toEqual([
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ]);
  });

  test('refuses what is no class', () => {
    expect(() => confusionCounts([0, 1], [0])).toThrow(ArgumentError);
    expect(() => confusionCounts([0.5], [0])).toThrow(DataError);
    expect(() => confusionCounts([0], [-1])).toThrow(DataError);
    expect(() => confusionCounts([0], [2], 2)).toThrow('example 0 has the class 2, which is not one of the 2 classes');
    expect(() => confusionCounts([Number.NaN], [0])).toThrow(DataError);
    expect(() => confusionCounts([0], { data: Float32Array.of(1), shape: [1, 1] })).toThrow(ShapeError);
  });
});

test('where there is no page, a drawing says so', async () => {
  const numbers = { data: new Float32Array(1), shape: [1, 1, 1] };
  const calls: Readonly<Record<string, () => unknown>> = {
    trainingCurves: () => trainingCurves('#chart'),
    confusionMatrix: () => confusionMatrix('#chart', [0], [0]),
    kernelGrid: () => kernelGrid({} as never, numbers),
    mapGrid: () => mapGrid('#chart', numbers),
    lineChart: () => lineChart('#chart'),
  };
  for (const [name, call] of Object.entries(calls)) {
    const error = await Promise.resolve()
      .then(call)
      .catch((caught: unknown) => caught);
    expect(error, name).toBeInstanceOf(StateError);
    expect((error as Error).message).toMatch(/^\w+: there is no page here to draw into\. .*neurite\/tensorboard/);
    expect((error as Error).message).toContain(`${name}: `);
  }
});
