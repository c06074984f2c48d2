import { expect, test } from 'vitest';
import { binaryCrossEntropy, gradients, graph } from '../../src/index.ts';
import { binaryCrossEntropySpec } from '../../src/selftest/specs/binaryCrossEntropy.ts';
import { checkElementwiseLoss } from '../support/elementwiseLoss.ts';
import { runOnce } from '../support/session.ts';

checkElementwiseLoss(binaryCrossEntropySpec);

test('binaryCrossEntropy: logits of any size overflow nothing', async () => {
  const g = graph();
  const z = g.input('z', [6]);
  const t = g.input('t', [6]);
  const y = binaryCrossEntropy(z, t);
  const [dz] = gradients(y, [z]);
  const [losses, gradient] = await runOnce(
    g,
    [
      [z, [1e4, 1e4, -1e4, -1e4, 1e30, -100]],
      [t, [1, 0, 1, 0, 0, 0]],
    ],
    [y, dz!],
  );
  expect(losses).toEqual([0, 1e4, 1e4, 0, Math.fround(1e30), 0]);
  expect(gradient).toEqual([0, 1, -1, 0, 1, expect.closeTo(0, 12)]);
});
