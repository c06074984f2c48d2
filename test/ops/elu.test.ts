import { expect, test } from 'vitest';
import { ArgumentError, type EluOptions, elu, graph, ShapeError } from '../../src/index.ts';
import { checkActivation } from '../support/activation.ts';

checkActivation<EluOptions>({
  name: 'elu',
  params: [{}, { alpha: 0.5 }, { alpha: -2 }],
  build: elu,
  f: (x, { alpha = 1 }) => (x > 0 ? x : alpha * Math.expm1(x)),
  df: (x, { alpha = 1 }) => (x > 0 ? 1 : alpha * Math.exp(x)),
  // Away from 0, x - relu(x) is min(x, 0).
  oracle: (tf, x, { alpha }) =>
    alpha === undefined ? tf.elu(x) : tf.add(tf.relu(x), tf.mul(alpha, tf.expm1(tf.sub(x, tf.relu(x))))),
  tolerance: {
    forward: { error: 5e-7, why: 'exp is good to 3 + 2 |x| units in the last place' },
    backward: { error: 5e-7, why: 'exp is good to 3 + 2 |x| units in the last place' },
  },
  extremes: [
    [0, 0, 1],
    [100, 100, 1],
    [-100, -1, 0],
    [1e30, 1e30, 1],
    [-1e30, -1, 0],
  ],
  relative: { from: -1e-8, to: -2, error: 5e-7 },
  passesNaN: true,
});

test('elu: refuses what does not fit', () => {
  const g = graph();
  expect(() => elu(g.input('x', [2]), { alpha: Number.POSITIVE_INFINITY })).toThrow(ArgumentError);
  expect(() => elu(g.input('i', [2], 'i32'))).toThrow(ShapeError);
});
