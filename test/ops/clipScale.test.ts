import { expect, test } from 'vitest';
import { ArgumentError, clipScale, graph, ShapeError } from '../../src/index.ts';
import { array64 } from '../support/arrays.ts';
import { checkOp } from '../support/checkOp.ts';
import { runOnce } from '../support/session.ts';

checkOp({
  name: 'clipScale',
  cases: [
    { why: 'a norm below the limit', shapes: [[1]], params: { x: 9, clipNorm: 3.5 } },
    { why: 'a norm at the limit', shapes: [[1]], params: { x: 9, clipNorm: 3 } },
    { why: 'a norm above the limit', shapes: [[1]], params: { x: 10, clipNorm: 0.1 } },
    { why: 'no gradient at all', shapes: [[1]], params: { x: 0, clipNorm: 1e-7 } },
  ],
  inputs: (_, __, { x }) => [array64([1], [x])],
  build: ([x], { clipNorm }) => clipScale(x!, { clipNorm }),
  forward: ([x], { clipNorm }) => array64([1], [clipNorm / Math.max(Math.sqrt(x!.data[0]!), clipNorm)]),
  tolerance: { forward: { error: 1e-6, why: 'a root and a division' } },
});

test.each([Number.NaN, Number.POSITIVE_INFINITY])('clipScale: a sum that is %d stays so', async (value) => {
  const g = graph();
  const x = g.input('x', [1]);
  const [got] = await runOnce(g, [[x, [value]]], [clipScale(x, { clipNorm: 1 })]);
  expect(got).toEqual([value]);
});

test('clipScale refuses a vector, and norms that are not positive', () => {
  const g = graph();
  const x = g.input('x', [1]);
  expect(() => clipScale(g.input('v', [2]), { clipNorm: 1 })).toThrow(ShapeError);
  for (const clipNorm of [0, -1, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => clipScale(x, { clipNorm })).toThrow(ArgumentError);
  }
});
