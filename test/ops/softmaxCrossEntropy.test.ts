import { describe, expect, test } from 'vitest';
import { gradients, graph, ShapeError, softmaxCrossEntropy } from '../../src/index.ts';
import {
  forward,
  negativeLogSoftmax,
  oneHot,
  softmaxCrossEntropyOfWeightsSpec,
  softmaxCrossEntropySpec,
} from '../../src/selftest/specs/softmaxCrossEntropy.ts';
import { type Array64, array64, expectClose, map } from '../support/arrays.ts';
import { checkOp } from '../support/checkOp.ts';
import { runOnce } from '../support/session.ts';

checkOp(softmaxCrossEntropySpec);

checkOp(softmaxCrossEntropyOfWeightsSpec);

describe('softmaxCrossEntropy', () => {
  async function run(logits: Array64, labels: readonly number[], dy: readonly number[]) {
    const g = graph();
    const z = g.input('logits', logits.shape);
    const k = g.input('labels', [labels.length], 'i32');
    const upstream = g.input('dy', [labels.length]);
    const y = softmaxCrossEntropy(z, k);
    const [dz] = gradients(y, [z], upstream);
    const [losses, dlogits] = await runOnce(
      g,
      [
        [z, logits.data],
        [k, labels],
        [upstream, dy],
      ],
      [y, dz!],
    );
    return { losses: losses!, dlogits: dlogits! };
  }

  test('the gradient is p - 1(y = k), as in the course', async () => {
    const logits = array64([2, 3], [1, -2, 0.5, 3, 3, -1]);
    const labels = [2, 0];
    const { dlogits } = await run(logits, labels, [1, 1]);
    const want = map(
      negativeLogSoftmax(logits),
      (loss, i) => Math.exp(-loss) - (labels[Math.floor(i / 3)] === i % 3 ? 1 : 0),
    );
    expectClose('df', dlogits, want, softmaxCrossEntropySpec.tolerance.backward!);
  });

  test('logits of any size neither overflow nor lose a small loss', async () => {
    const logits = array64([4, 2], [1e4, -1e4, -1e30, 1e30, -80, -80, 20, 5]);
    const { losses, dlogits } = await run(logits, [1, 1, 0, 0], [1, 1, 1, 1]);
    expectClose('losses', losses, forward([logits, oneHot(array64([4], [1, 1, 0, 0]), 2)]), {
      error: 1e-6,
      why: 'the largest logit is taken out first',
    });
    // log(1 + exp(-15)) is 3.06e-7: there to 16 %, since 1 + exp(-15) rounds to a multiple of 2^-23.
    expect(losses[3]).toBeGreaterThan(2e-7);
    expect(Math.max(...dlogits.map(Math.abs))).toBeLessThanOrEqual(1);
  });

  test('a class that does not exist gives NaN in its row alone', async () => {
    const logits = array64([4, 3], [1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3]);
    const { losses, dlogits } = await run(logits, [2, 3, -1, 0], [1, 1, 1, 1]);
    expect(losses.map(Number.isNaN)).toEqual([false, true, true, false]);
    expect(dlogits.map(Number.isNaN)).toEqual([
      ...Array(3).fill(false),
      ...Array(6).fill(true),
      ...Array(3).fill(false),
    ]);
  });

  test.each([
    ['labels of another length', [4, 3], [5], 'i32'],
    ['one-hot labels of other classes', [4, 3], [4, 2], 'f32'],
    ['class numbers as floats', [4, 3], [4], 'f32'],
    ['class numbers without a sign', [4, 3], [4], 'u32'],
    ['images as logits', [4, 3, 3], [4], 'i32'],
  ] as const)('refuses %s', (_, logits, labels, dtype) => {
    const g = graph();
    const inputs = [g.input('logits', logits), g.input('labels', labels, dtype)] as const;
    expect(() => softmaxCrossEntropy(...inputs)).toThrow(ShapeError);
  });
});
