import { expect, test } from 'vitest';
import { copy, graph, ShapeError } from '../../src/index.ts';
import { copySpec } from '../../src/selftest/specs/copy.ts';
import { checkOp } from '../support/checkOp.ts';

checkOp(copySpec);

test('copy refuses integers', () => {
  const g = graph();
  expect(() => copy(g.input('x', [2], 'i32'))).toThrow(ShapeError);
});
