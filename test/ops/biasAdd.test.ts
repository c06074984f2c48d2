import { expect, test } from 'vitest';
import { biasAdd, graph, ShapeError } from '../../src/index.ts';
import { map, zeros } from '../support/arrays.ts';
import { checkOp } from '../support/checkOp.ts';

checkOp({
  name: 'biasAdd',
  cases: [
    { why: 'one element', shapes: [[1], [1]], params: {} },
    { why: 'one axis', shapes: [[7], [7]], params: {} },
    { why: 'one channel: every element of a vec4 takes it', shapes: [[3, 5, 7, 1], [1]], params: {} },
    { why: 'a vec4 spans channels', shapes: [[2, 5, 3, 3], [3]], params: {} },
    { why: 'dense, partial vec4', shapes: [[5, 33], [33]], params: {} },
    { why: 'one vec4 of channels', shapes: [[9, 4], [4]], params: {} },
    { why: 'vec4s of channels, partial workgroup', shapes: [[2, 5, 3, 12], [12]], params: {} },
  ],
  build: ([x, b]) => biasAdd(x!, b!),
  forward: ([x, b]) => map(x!, (v, i) => v + b!.data[i % b!.data.length]!),
  backward: ([, b], dy) => {
    const db = zeros(b!.shape);
    for (let i = 0; i < dy.data.length; i++) db.data[i % db.data.length]! += dy.data[i]!;
    return [dy, db];
  },
  oracle: (tf, [x, b]) => tf.add(x!, b!),
  tolerance: {
    forward: { error: 1e-7, why: 'one rounding' },
    backward: { error: 1e-6, why: 'sums of up to 105 terms in float32' },
  },
});

test('biasAdd: a bias that is not one element for each channel is refused', () => {
  const g = graph();
  const x = g.input('x', [2, 3]);
  expect(() => biasAdd(x, g.input('short', [2]))).toThrow(ShapeError);
  expect(() => biasAdd(x, g.input('scalar', [1]))).toThrow('the last axis of [2, 3]; got [1]');
  expect(() => biasAdd(x, g.input('matrix', [1, 3]))).toThrow(ShapeError);
  expect(() => biasAdd(x, g.input('integers', [3], 'i32'))).toThrow(ShapeError);
});
