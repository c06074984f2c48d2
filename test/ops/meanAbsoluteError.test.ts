import { expect, test } from 'vitest';
import { gradients, graph, meanAbsoluteError } from '../../src/index.ts';
import { meanAbsoluteErrorSpec } from '../../src/selftest/specs/meanAbsoluteError.ts';
import { checkElementwiseLoss } from '../support/elementwiseLoss.ts';
import { runOnce } from '../support/session.ts';

checkElementwiseLoss(meanAbsoluteErrorSpec);

test('meanAbsoluteError: the gradient is 0 where prediction and truth are equal', async () => {
  const g = graph();
  const p = g.input('p', [1, 3]);
  const t = g.input('t', [1, 3]);
  const [dp] = gradients(meanAbsoluteError(p, t), [p]);
  const [got] = await runOnce(
    g,
    [
      [p, [1, 2, 3]],
      [t, [1, 1, 4]],
    ],
    [dp!],
  );
  expect(got).toEqual([0, Math.fround(1 / 3), -Math.fround(1 / 3)]);
});
