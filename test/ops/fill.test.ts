import { expect, test } from 'vitest';
import { fill, graph, ShapeError } from '../../src/index.ts';
import { runOnce } from '../support/session.ts';

test.each([
  { why: 'less than a vec4', shape: [1], value: 1 },
  { why: 'partial vec4 and workgroup', shape: [3, 5, 7, 3], value: -2.5 },
  { why: 'a whole number too large for plain digits', shape: [2], value: 1e30 },
  { why: 'the largest', shape: [2], value: 3.4028234663852886e38 },
  { why: 'small', shape: [5], value: 1e-7 },
  { why: 'zero', shape: [4], value: 0 },
])('fill: $shape with $value ($why)', async ({ shape, value }) => {
  const g = graph();
  const y = fill(g, shape, value);
  expect(y.shape).toEqual(shape);
  const [values] = await runOnce(g, [], [y]);
  expect(values!.length).toBe(shape.reduce((p, n) => p * n));
  expect(new Set(values)).toEqual(new Set([Math.fround(value)]));
});

test('fill: a shape without elements is refused', () => {
  expect(() => fill(graph(), [2, 0], 1)).toThrow(ShapeError);
});
