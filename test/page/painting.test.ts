/** The page about fakes: what a transposed convolution paints, on the GPU and by hand. */
import { describe, expect, test } from 'vitest';
import { paintOnGpu } from '../../demo/fakes/painting/gpu.ts';
import {
  countsOf,
  FIRST,
  innerCounts,
  kernelOf,
  MAP_SIZE,
  MOST,
  paintedBy,
  withKernel,
} from '../../demo/fakes/painting/painting.ts';
import { testDevice } from '../support/device.ts';

const sizes = Array.from({ length: MOST.kernel - 1 }, (_, i) => i + 2).flatMap((kernel) =>
  Array.from({ length: MOST.stride }, (_, i) => ({ kernel, stride: i + 1 })),
);

describe.each(sizes)('kernel $kernel, stride $stride', ({ kernel, stride }) => {
  const example = withKernel(
    { ...FIRST, kernel, stride, map: [1, -2, 0, 0.5, 3, -1, 4, 2, -3] },
    Array.from({ length: kernel ** 2 }, (_, i) => ((3 * i) % 5) - 1.5),
  );
  const painted = paintedBy(example);

  test('the GPU paints what is painted by hand, and both inner products are one number', async () => {
    const { values, products } = await paintOnGpu(await testDevice(), example);
    expect(values).toHaveLength(painted.size ** 2);
    for (const [i, value] of values.entries()) expect(value).toBeCloseTo(painted.values[i]!, 4);
    expect(painted.products.gathered).toBeCloseTo(painted.products.painted, 9);
    expect(Math.abs(painted.products.gathered)).toBeGreaterThan(0.1);
    expect(products.gathered).toBeCloseTo(painted.products.gathered, 3);
    expect(products.painted).toBeCloseTo(painted.products.painted, 3);
  });

  test('stamps add up to the whole, and every pixel to its terms', () => {
    expect(painted.after(0).every((value) => value === 0)).toBe(true);
    expect(painted.after(MAP_SIZE ** 2)).toEqual(painted.values);
    for (const [i, value] of painted.values.entries()) {
      const terms = painted.termsAt(i);
      expect(terms.reduce((sum, { x, w }) => sum + x * w, 0)).toBe(value);
      expect(painted.counts[i]).toBe(terms.length);
      for (const { row, column, tapRow, tapColumn, x, w } of terms) {
        expect(x).toBe(example.map[row * MAP_SIZE + column]);
        expect(w).toBe(kernelOf(example)[tapRow * kernel + tapColumn]);
        expect((row * stride + tapRow) * painted.size + column * stride + tapColumn).toBe(i);
      }
    }
  });

  test('it paints evenly where the stride divides the kernel', () => {
    const { size, counts } = countsOf(10, kernel, stride);
    const inside = counts.filter((_, i) => {
      const [row, column] = [Math.floor(i / size), i % size];
      return Math.min(row, column, size - 1 - row, size - 1 - column) >= MOST.kernel;
    });
    const different = [...new Set(inside)].sort((a, b) => a - b);
    expect(different).toEqual(innerCounts(kernel, stride));
    expect(different.length === 1).toBe(kernel % stride === 0);
  });
});
