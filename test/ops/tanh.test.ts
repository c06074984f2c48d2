import { expect, test } from 'vitest';
import { graph, ShapeError, tanh } from '../../src/index.ts';
import { tanhSpec } from '../../src/selftest/specs/tanh.ts';
import { checkActivation } from '../support/activation.ts';

checkActivation(tanhSpec);

test('tanh: refuses integers', () => {
  expect(() => tanh(graph().input('i', [2], 'i32'))).toThrow(ShapeError);
});
