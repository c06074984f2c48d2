import { expect, test } from 'vitest';
import { fill, gradients, graph, ShapeError, weightedMean } from '../../src/index.ts';
import { weightedMeanSpec } from '../../src/selftest/specs/weightedMean.ts';
import { checkOp } from '../support/checkOp.ts';
import { runOnce } from '../support/session.ts';

checkOp(weightedMeanSpec);

test('weightedMean: a padding row is left out even if its value is not finite', async () => {
  const g = graph();
  const values = g.input('values', [6]);
  const weights = g.input('weights', [6]);
  const rows = g.input('rows', [1], 'u32');
  const y = weightedMean(values, weights, rows);
  const [dvalues] = gradients(y, [values]);
  const [mean, gradient] = await runOnce(
    g,
    [
      [values, [1, 2, 3, Number.NaN, Number.POSITIVE_INFINITY, Number.NaN]],
      [weights, [1, 1, 2, 0, 0, 0]],
      [rows, [4]],
    ],
    [y, dvalues!],
  );
  expect(mean).toEqual([9 / 4]);
  expect(gradient).toEqual([0.25, 0.25, 0.5, 0, 0, 0]);
});

test('weightedMean: NaN in a real row is not hidden', async () => {
  const g = graph();
  const inputs = [g.input('values', [2]), g.input('weights', [2]), g.input('rows', [1], 'u32')] as const;
  const y = weightedMean(...inputs);
  const [mean] = await runOnce(
    g,
    [
      [inputs[0], [1, Number.NaN]],
      [inputs[1], [1, 1]],
      [inputs[2], [2]],
    ],
    [y],
  );
  expect(mean).toEqual([Number.NaN]);
});

test('weightedMean refuses inputs that do not fit', () => {
  const g = graph();
  const [v, w, rows] = [g.input('v', [4]), g.input('w', [4]), g.input('rows', [1], 'u32')];
  expect(() => weightedMean(v, g.input('short', [3]), rows)).toThrow(ShapeError);
  expect(() => weightedMean(g.input('matrix', [4, 1]), w, rows)).toThrow(ShapeError);
  expect(() => weightedMean(v, w, g.input('float', [1]))).toThrow(ShapeError);
  expect(() => weightedMean(v, w, g.input('two', [2], 'u32'))).toThrow(ShapeError);
});

test('weightedMean: what lies behind the last row of its inputs does not count', async () => {
  const g = graph();
  const rows = g.input('rows', [1], 'u32');
  // fill writes whole vec4s, so the padding holds ones.
  const y = weightedMean(fill(g, [5], 1), fill(g, [5], 1), rows);
  expect(await runOnce(g, [[rows, [5]]], [y])).toEqual([[1]]);
});
