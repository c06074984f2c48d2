import { expect, test } from 'vitest';
import { correctBinary, graph, ShapeError } from '../../src/index.ts';
import { correctBinarySpec } from '../../src/selftest/specs/correctBinary.ts';
import { checkOp } from '../support/checkOp.ts';
import { runOnce } from '../support/session.ts';

checkOp(correctBinarySpec);

test('correctBinary: a logit of 0 is no 1, a truth of 1/2 neither', async () => {
  const g = graph();
  const inputs = [g.input('logits', [4]), g.input('truth', [4])] as const;
  const [got] = await runOnce(
    g,
    [
      [inputs[0], [0, 0, 1e-30, 1]],
      [inputs[1], [0, 1, 1, 0.5]],
    ],
    [correctBinary(...inputs)],
  );
  expect(got).toEqual([1, 0, 1, 0]);
});

test('correctBinary: a NaN is neither 0 nor 1', async () => {
  const g = graph();
  const inputs = [g.input('logits', [5]), g.input('truth', [5])] as const;
  const [got] = await runOnce(
    g,
    [
      [inputs[0], [Number.NaN, Number.NaN, -1, 1, -Number.NaN]],
      [inputs[1], [0, 1, 0, 1, 0]],
    ],
    [correctBinary(...inputs)],
  );
  expect(got).toEqual([0, 0, 1, 1, 0]);
});

test('correctBinary refuses more than one output a row, and shapes that differ', () => {
  const g = graph();
  expect(() => correctBinary(g.input('a', [4, 2]), g.input('b', [4, 2]))).toThrow(ShapeError);
  expect(() => correctBinary(g.input('c', [4, 1]), g.input('d', [3]))).toThrow(ShapeError);
});
