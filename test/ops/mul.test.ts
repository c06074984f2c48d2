import { expect, test } from 'vitest';
import { gradients, graph, mul } from '../../src/index.ts';
import { mulSpec } from '../../src/selftest/specs/mul.ts';
import { checkBinary } from '../support/broadcast.ts';
import { runOnce } from '../support/session.ts';

checkBinary(mulSpec);

test('mul: a tensor times itself is read twice, and its gradients are added', async () => {
  const g = graph();
  const x = g.input('x', [3]);
  const y = mul(x, x);
  const [values, dx] = await runOnce(g, [[x, [2, -3, 0.5]]], [y, ...gradients(y, [x])]);
  expect(values).toEqual([4, 9, 0.25]);
  expect(dx).toEqual([4, -6, 1]);
});
