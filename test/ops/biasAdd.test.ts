import { expect, test } from 'vitest';
import { biasAdd, graph, ShapeError } from '../../src/index.ts';
import { biasAddSpec } from '../../src/selftest/specs/biasAdd.ts';
import { checkOp } from '../support/checkOp.ts';

checkOp(biasAddSpec);

test('biasAdd: a bias that is not one element for each channel is refused', () => {
  const g = graph();
  const x = g.input('x', [2, 3]);
  expect(() => biasAdd(x, g.input('short', [2]))).toThrow(ShapeError);
  expect(() => biasAdd(x, g.input('scalar', [1]))).toThrow('the last axis of [2, 3]; got [1]');
  expect(() => biasAdd(x, g.input('matrix', [1, 3]))).toThrow(ShapeError);
  expect(() => biasAdd(x, g.input('integers', [3], 'i32'))).toThrow(ShapeError);
});
