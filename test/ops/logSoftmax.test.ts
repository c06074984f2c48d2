import { expect, test } from 'vitest';
import { graph, logSoftmax, ShapeError } from '../../src/index.ts';
import { logSoftmaxSpec } from '../../src/selftest/specs/logSoftmax.ts';
import { checkOp } from '../support/checkOp.ts';

checkOp(logSoftmaxSpec);

test('logSoftmax: refuses integers', () => {
  expect(() => logSoftmax(graph().input('i', [2, 2], 'i32'))).toThrow(ShapeError);
});
