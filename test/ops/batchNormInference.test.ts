import { expect, test } from 'vitest';
import { ArgumentError, batchNormInference, gradients, graph, plan, ShapeError } from '../../src/index.ts';
import { batchNormInferenceSpec } from '../../src/selftest/specs/batchNormInference.ts';
import { checkOp } from '../support/checkOp.ts';

checkOp(batchNormInferenceSpec);

test('batchNormInference: a frozen layer computes dx alone', () => {
  const g = graph();
  const x = g.input('x', [4, 3]);
  const c = g.input('c', [3]);
  const y = batchNormInference(x, c, c, c, c);
  const [dx] = gradients(y, [x], g.input('dy', y.shape));
  // The zeros, and the op once.
  expect(plan(g, [dx!]).dispatches.map(({ shader }) => shader.name)).toEqual(['fill', 'batchNormInference']);
});

test('batchNormInference: refuses what does not fit', () => {
  const g = graph();
  const x = g.input('x', [4, 3]);
  const c = g.input('c', [3]);
  const wrong = g.input('wrong', [2]);
  expect(() => batchNormInference(x, wrong, c, c, c)).toThrow(ShapeError);
  expect(() => batchNormInference(x, c, wrong, c, c)).toThrow(ShapeError);
  expect(() => batchNormInference(x, c, c, wrong, c)).toThrow(ShapeError);
  expect(() => batchNormInference(x, c, c, c, wrong)).toThrow(ShapeError);
  expect(() => batchNormInference(g.input('i', [4, 3], 'i32'), c, c, c, c)).toThrow(ShapeError);
  expect(() => batchNormInference(x, c, c, c, c, { epsilon: Number.NaN })).toThrow(ArgumentError);
});
