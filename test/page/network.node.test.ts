/** What the section about the network's inside computes: kernels, pixels, the choice of images. */
import { describe, expect, test } from 'vitest';
import { difference } from '../../demo/draw/filters.ts';
import { meanOf, strengthOf } from '../../demo/draw/pixels.ts';
import { CAPTIONS, captionOf } from '../../demo/lab/sections/network/captions.ts';
import { otherRow, rowBeside } from '../../demo/lab/sections/network/strip.ts';
import { turned } from '../../demo/lab/worker/inside.ts';
import { layerTypes } from '../../src/index.ts';

describe('kernels', () => {
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
