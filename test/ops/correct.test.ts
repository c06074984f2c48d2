import { describe, expect, test } from 'vitest';
import { ArgumentError, correct, gradients, graph, ShapeError } from '../../src/index.ts';
import { correctByNumberSpec, correctByWeightSpec } from '../../src/selftest/specs/correct.ts';
import { checkOp } from '../support/checkOp.ts';
import { runOnce } from '../support/session.ts';

checkOp(correctByNumberSpec);

checkOp(correctByWeightSpec);

describe('correct', () => {
  test('of equal scores the first wins', async () => {
    const g = graph();
    const scores = g.input('scores', [3, 3]);
    const labels = g.input('labels', [3], 'i32');
    const [got] = await runOnce(
      g,
      [
        [scores, [1, 1, 1, 0, 2, 2, -1, -1, -2]],
        [labels, [0, 2, 1]],
      ],
      [correct(scores, labels)],
    );
    expect(got).toEqual([1, 0, 0]);
  });

  test('has no gradient, and says so', () => {
    const g = graph();
    const scores = g.input('scores', [2, 3]);
    const y = correct(scores, g.input('labels', [2], 'i32'));
    expect(() => gradients(y, [scores])).toThrow(ArgumentError);
  });

  test('refuses labels that do not fit', () => {
    const g = graph();
    const scores = g.input('scores', [4, 3]);
    expect(() => correct(scores, g.input('a', [3], 'i32'))).toThrow(ShapeError);
    expect(() => correct(scores, g.input('b', [4, 2]))).toThrow(ShapeError);
    expect(() => correct(g.input('c', [4, 3], 'i32'), g.input('d', [4], 'i32'))).toThrow(ShapeError);
  });
});
