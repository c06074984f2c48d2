import { describe, expect, test } from 'vitest';
import { gelu, graph, ShapeError } from '../../src/index.ts';
import { geluApproximateSpec, geluSpec } from '../../src/selftest/specs/gelu.ts';
import { checkActivation } from '../support/activation.ts';

describe('exact', () => {
  checkActivation(geluSpec);
});

describe('approximate', () => {
  checkActivation(geluApproximateSpec);
});

test('gelu: refuses integers', () => {
  expect(() => gelu(graph().input('i', [2], 'i32'))).toThrow(ShapeError);
});
