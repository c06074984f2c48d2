/** What the section about the network's inside computes: kernels, ranges, pixels, the choice of images. */
import { describe, expect, test } from 'vitest';
import { diverging, grey, heat } from '../../demo/draw/colormap.ts';
import { difference, filtersOf } from '../../demo/draw/filters.ts';
import { meanOf, strengthOf } from '../../demo/draw/pixels.ts';
import { channelRanges, livingChannels, lookOf, summaryOf } from '../../demo/draw/ranges.ts';
import { CAPTIONS, captionOf } from '../../demo/lab/sections/network/captions.ts';
import { otherRow, rowBeside } from '../../demo/lab/sections/network/strip.ts';
import { turned } from '../../demo/lab/worker/inside.ts';
import { layerTypes } from '../../src/index.ts';

describe('kernels', () => {
  test('a convolution: one for each output, with a tile for each input', () => {
    const filters = filtersOf({ shape: [5, 3, 4, 8] }, false);
    expect(filters).toMatchObject({ height: 5, width: 3, inputs: 4, outputs: 8 });
    expect(filters.channel(2, 3)).toBe(3 * 8 + 2);
  });

  test('depthwise: one for each channel and multiplier', () => {
    const filters = filtersOf({ shape: [3, 3, 4, 2] }, true);
    expect(filters).toMatchObject({ inputs: 1, outputs: 8 });
    expect(filters.channel(5, 0)).toBe(5);
  });

  test('a transposed convolution: turned to the order of a convolution', () => {
    // One tap, two groups of two inputs each, three outputs each; a number says group, output and input.
    const numbers = [0, 1, 2].flatMap((output) =>
      [0, 1, 2, 3].map((input) => 100 * (input >> 1) + 10 * output + (input % 2)),
    );
    const set = turned({ layer: 'a', shape: [1, 1, 3, 4], data: Float32Array.from(numbers) }, 2);
    expect(set.shape).toEqual([1, 1, 2, 6]);
    expect([...set.data]).toEqual([0, 10, 20, 100, 110, 120, 1, 11, 21, 101, 111, 121]);
    const plain = turned({ layer: 'a', shape: [1, 1, 2, 3], data: Float32Array.of(0, 1, 2, 10, 11, 12) });
    expect(plain).toEqual({ layer: 'a', shape: [1, 1, 3, 2], data: Float32Array.of(0, 10, 1, 11, 2, 12) });
  });

  test('the change: of the same layer in the same shape only', () => {
    const set = (layer: string, ...data: number[]) => ({
      layer,
      shape: [1, data.length, 1, 1],
      data: Float32Array.from(data),
    });
    expect([...difference(set('a', 3, 4), [set('b', 9, 9), set('a', 1, 5)])!.data]).toEqual([2, -1]);
    expect(difference(set('a', 3, 4), [set('a', 1)])).toBeUndefined();
    expect(difference(set('a', 3, 4), [])).toBeUndefined();
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

test('pixels of several channels: their mean, and the sum of their sizes', () => {
  expect([...meanOf(Float32Array.of(1, 2, 3, 6), 2)]).toEqual([1.5, 4.5]);
  expect([...strengthOf(Float32Array.of(1, -2, -3, 6), 2)]).toEqual([3, 9]);
});

describe('the choice of images', () => {
  const rows = [10, 11, 12, 13, 14];

  test('before, behind, by chance', () => {
    expect(rowBeside(rows, 14, 1)).toBe(10);
    expect(rowBeside(rows, 10, -1)).toBe(14);
    expect(rowBeside(rows, 99, 1)).toBe(10);
    expect(rowBeside([], 1, 1)).toBeUndefined();
    for (const random of [0, 0.5, 0.999]) expect(otherRow(rows, 12, () => random)).not.toBe(12);
    expect(otherRow([7], 7)).toBe(7);
  });
});

test('every type of layer has its caption', () => {
  expect(Object.keys(CAPTIONS).sort()).toEqual([...layerTypes].sort());
  expect(captionOf('conv2d', 0, false)).toMatch(/relu/);
  expect(captionOf('conv2d', -1, false)).not.toMatch(/relu/);
  expect(captionOf('maxPool2d', 0, false)).not.toMatch(/relu/);
  expect(captionOf('dense', 0, true)).toMatch(/logits/);
});
