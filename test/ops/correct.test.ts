import { describe, expect, test } from 'vitest';
import {
  ArgumentError,
  accumulate,
  correct,
  gradients,
  graph,
  ShapeError,
  softmaxCrossEntropy,
  type Tensor,
  weightedMean,
} from '../../src/index.ts';
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

  test.each(['numbers', 'weights'] as const)('a row with a NaN is not right: classes by %s', async (kind) => {
    const NAN = Number.NaN;
    const g = graph();
    const scores = g.input('scores', [6, 3]);
    const labels = kind === 'numbers' ? g.input('labels', [6], 'i32') : g.input('labels', [6, 3]);
    const classes = [0, 1, 2, 2, 0, 1];
    const oneHot = classes.flatMap((label) => [0, 1, 2].map((k) => Number(k === label)));
    const rows = g.input('rows', [1], 'u32');
    const weights = g.input('weights', [6]);
    const totals = g.variable({ name: 'totals', shape: [2], dtype: 'f32' });
    // As in a step of training, which sums up losses and right answers in one kernel.
    const losses = softmaxCrossEntropy(scores, labels);
    accumulate(totals, losses, rows, { slot: 0, slots: 2, weights });
    accumulate(totals, correct(scores, labels), rows, { slot: 1, slots: 2 });
    const [dscores] = gradients(weightedMean(losses, weights, rows), [scores]);
    const feeds: [Tensor, number[]][] = [
      [scores, [NAN, NAN, NAN, 0, NAN, 0, 0, NAN, 5, NAN, 0, 5, 5, 0, 0, 0, 0, 5]],
      [labels, kind === 'numbers' ? classes : oneHot],
      [rows, [6]],
      [weights, Array(6).fill(1)],
    ];
    const [fused] = await runOnce(g, feeds, [totals, dscores!]);
    expect(fused![1]).toBe(1);
    const plain = graph();
    const inputs = [plain.input('scores', [6, 3]), plain.input('labels', labels.shape, labels.dtype)] as const;
    const [got] = await runOnce(
      plain,
      inputs.map((input, i) => [input, feeds[i]![1]] as const),
      [correct(...inputs)],
    );
    expect(got).toEqual([0, 0, 0, 0, 1, 0]);
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
