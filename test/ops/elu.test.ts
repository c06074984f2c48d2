import { expect, test } from 'vitest';
import { ArgumentError, elu, graph, ShapeError } from '../../src/index.ts';
import { eluSpec } from '../../src/selftest/specs/elu.ts';
import { checkActivation } from '../support/activation.ts';

// Away from 0, x - relu(x) is min(x, 0).
checkActivation(eluSpec);

test('elu: refuses what does not fit', () => {
  const g = graph();
  expect(() => elu(g.input('x', [2]), { alpha: Number.POSITIVE_INFINITY })).toThrow(ArgumentError);
  expect(() => elu(g.input('i', [2], 'i32'))).toThrow(ShapeError);
});
