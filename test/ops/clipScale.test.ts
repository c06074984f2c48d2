import { expect, test } from 'vitest';
import { ArgumentError, clipScale, graph, ShapeError } from '../../src/index.ts';
import { clipScaleSpec } from '../../src/selftest/specs/clipScale.ts';
import { checkOp } from '../support/checkOp.ts';
import { runOnce } from '../support/session.ts';

checkOp(clipScaleSpec);

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
