import { describe, expect, test } from 'vitest';
import { gelu, graph, ShapeError } from '../../src/index.ts';
import { geluApproximateSpec, geluSpec } from '../../src/selftest/specs/gelu.ts';
import { checkActivation } from '../support/activation.ts';

describe('exact', () => {
  checkActivation(geluSpec, (tf, x) => tf.mul(tf.mul(0.5, x), tf.add(1, tf.erf(tf.div(x, Math.SQRT2)))));
});

describe('approximate', () => {
  checkActivation(geluApproximateSpec, (tf, x) =>
    tf.mul(
      tf.mul(0.5, x),
      tf.add(1, tf.tanh(tf.mul(Math.sqrt(2 / Math.PI), tf.add(x, tf.mul(0.044715, tf.pow(x, 3)))))),
    ),
  );
});

test('gelu: refuses integers', () => {
  expect(() => gelu(graph().input('i', [2], 'i32'))).toThrow(ShapeError);
});
