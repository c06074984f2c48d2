import { expect, test } from 'vitest';
import { globalAvgPool2d, graph, ShapeError } from '../../src/index.ts';
import { globalAvgPool2dSpec } from '../../src/selftest/specs/globalAvgPool2d.ts';
import { checkOp } from '../support/checkOp.ts';

checkOp(globalAvgPool2dSpec);

test('globalAvgPool2d: only images', () => {
  const g = graph();
  expect(() => globalAvgPool2d(g.input('x', [2, 3]))).toThrow(ShapeError);
  expect(() => globalAvgPool2d(g.input('z', [2, 3, 4]))).toThrow('globalAvgPool2d: images must be [n, h, w, c]');
});
