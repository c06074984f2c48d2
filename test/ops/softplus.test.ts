import { expect, test } from 'vitest';
import { graph, ShapeError, softplus } from '../../src/index.ts';
import { softplusSpec } from '../../src/selftest/specs/softplus.ts';
import { checkActivation } from '../support/activation.ts';

checkActivation(softplusSpec);

test('softplus: refuses integers', () => {
  expect(() => softplus(graph().input('i', [2], 'i32'))).toThrow(ShapeError);
});
