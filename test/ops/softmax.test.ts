import { expect, test } from 'vitest';
import { graph, ShapeError, softmax } from '../../src/index.ts';
import { softmaxOf, softmaxSpec } from '../../src/selftest/specs/softmax.ts';
import { map, randomArray, randomStream } from '../support/arrays.ts';
import { checkOp } from '../support/checkOp.ts';
import { runOnce } from '../support/session.ts';

checkOp(softmaxSpec);

test('softmax: small probabilities have a small relative error', async () => {
  const x = map(randomArray([1000], randomStream(1)), (v) => 8 * v);
  const want = softmaxOf(x).data;
  const g = graph();
  const input = g.input('x', [1000]);
  const [values] = await runOnce(g, [[input, x.data]], [softmax(input)]);
  const y = values!;
  expect(Math.max(...y.map((v, i) => Math.abs(v / want[i]! - 1)))).toBeLessThan(5e-6);
  expect(Math.abs(y.reduce((sum, v) => sum + v) - 1)).toBeLessThan(5e-6);
});

test('softmax: refuses integers', () => {
  expect(() => softmax(graph().input('i', [2, 2], 'i32'))).toThrow(ShapeError);
});
