import { expect, test } from 'vitest';
import { ArgumentError, graph, leakyRelu, ShapeError } from '../../src/index.ts';
import { leakyReluSpec } from '../../src/selftest/specs/leakyRelu.ts';
import { checkActivation } from '../support/activation.ts';

checkActivation(leakyReluSpec);

test('leakyRelu: refuses what does not fit', () => {
  const g = graph();
  expect(() => leakyRelu(g.input('x', [2]), { alpha: Number.NaN })).toThrow(ArgumentError);
  expect(() => leakyRelu(g.input('i', [2], 'i32'))).toThrow(ShapeError);
});
