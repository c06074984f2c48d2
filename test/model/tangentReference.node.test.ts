/** The reference of the tangent-kernel experiment: its steps and its kernel are those of finite differences. */
import { expect, test } from 'vitest';
import { descend, kernelOf, lossOf, outputOf, relativeChange, weightsOf } from '../../demo/tangent/reference.ts';
import { Random } from '../../src/random.ts';

const points = { x: [-1.5, 0.25, 2], y: [1, -1, 0.5] };
const width = 8;

function weights() {
  const random = new Random(3);
  return weightsOf([0, 1, 2].map(() => Float64Array.from({ length: width }, () => random.normal())));
}

/** The derivatives of a number by all weights: w, b, a. */
function slopes(of: (at: ReturnType<typeof weights>) => number): number[] {
  return (['w', 'b', 'a'] as const).flatMap((name) =>
    Array.from({ length: width }, (_, j) => {
      const at = (step: number) => {
        const changed = weights();
        changed[name][j]! += step;
        return of(changed);
      };
      return (at(1e-5) - at(-1e-5)) / 2e-5;
    }),
  );
}

test('by hand: one unit', () => {
  const one = { w: Float64Array.of(2), b: Float64Array.of(1), a: Float64Array.of(-3) };
  expect([outputOf(one, 1), outputOf(one, -1)]).toEqual([-9, 0]);
  expect(lossOf(one, { x: [1, -1], y: [-8, 2] })).toBe((1 + 4) / 2);
  // d f / d (w, b, a) = (a x, a, w x + b) = (-3, -3, 3) at 1, (-6, -3, 5) at 2, and 0 at -1.
  expect([...kernelOf(one, [1, 2, -1])]).toEqual([27, 42, 0, 42, 70, 0, 0, 0, 0]);
});

test('a step goes down the gradient of the loss', () => {
  const moved = weights();
  const before = weights();
  const [loss] = descend(moved, points, 1, 0.5);
  expect(loss).toBeCloseTo(lossOf(before, points), 12);
  const want = slopes((at) => lossOf(at, points));
  const got = (['w', 'b', 'a'] as const).flatMap((name) =>
    [...before[name]].map((v, j) => (v - moved[name][j]!) / 0.5),
  );
  want.forEach((slope, i) => {
    expect(got[i]).toBeCloseTo(slope, 8);
  });
});

test('many steps learn the points', () => {
  const learned = weights();
  const losses = descend(learned, points, 2000, 0.1);
  expect(losses).toHaveLength(2000);
  expect(lossOf(learned, points)).toBeLessThan(1e-3 * losses[0]!);
});

test('the kernel is the product of gradients', () => {
  const rows = points.x.map((x) => slopes((at) => outputOf(at, x)));
  const kernel = kernelOf(weights(), points.x);
  rows.forEach((p, i) => {
    rows.forEach((q, k) => {
      expect(kernel[3 * i + k]).toBeCloseTo(
        p.reduce((sum, slope, j) => sum + slope * q[j]!, 0),
        7,
      );
    });
  });
});

test('relative change', () => {
  expect(relativeChange([3, 4], [3, 4])).toBe(0);
  expect(relativeChange([3, 4], [3, 9])).toBe(1);
});
