import { expect, test } from 'vitest';
import { graph, ShapeError, sigmoid } from '../../src/index.ts';
import { sigmoidSpec } from '../../src/selftest/specs/sigmoid.ts';
import { checkActivation } from '../support/activation.ts';

checkActivation(sigmoidSpec);

test('sigmoid: refuses integers', () => {
  expect(() => sigmoid(graph().input('i', [2], 'i32'))).toThrow(ShapeError);
});
