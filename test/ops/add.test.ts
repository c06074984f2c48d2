import { add } from '../../src/index.ts';
import { broadcastShapes } from '../../src/tensor.ts';
import { type Array64, size, zeros } from '../support/arrays.ts';
import { checkOp } from '../support/checkOp.ts';

/** Flat index into an operand of the element that the flat index `i` of `shape` reads. */
export function operandIndex(operand: readonly number[], shape: readonly number[], i: number): number {
  let index = 0;
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const at = i % shape[axis]!;
    i = Math.floor(i / shape[axis]!);
    const own = operand[axis - shape.length + operand.length] ?? 1;
    if (own > 1) index += at * step;
    step *= own;
  }
  return index;
}

function forward([a, b]: readonly Array64[]): Array64 {
  const y = zeros(broadcastShapes('add', a!.shape, b!.shape));
  for (let i = 0; i < y.data.length; i++) {
    y.data[i] = a!.data[operandIndex(a!.shape, y.shape, i)]! + b!.data[operandIndex(b!.shape, y.shape, i)]!;
  }
  return y;
}

checkOp({
  name: 'add',
  cases: [
    {
      why: 'same shape',
      shapes: [
        [3, 5, 7],
        [3, 5, 7],
      ],
      params: {},
    },
    { why: 'one element', shapes: [[1], [1]], params: {} },
    { why: 'bias along the last axis', shapes: [[2, 5, 3, 33], [33]], params: {} },
    {
      why: 'broadcast inside',
      shapes: [
        [2, 1, 5, 1],
        [3, 1, 4],
      ],
      params: {},
    },
    {
      why: 'both sides broadcast, six axes',
      shapes: [
        [2, 1, 3, 1, 2, 1],
        [1, 2, 1, 3, 1, 2],
      ],
      params: {},
    },
    { why: 'a scalar', shapes: [[1], [65, 3]], params: {} },
  ],
  build: ([a, b]) => add(a!, b!),
  forward,
  backward: (inputs, dy) =>
    inputs.map((x) => {
      const dx = zeros(x.shape);
      for (let i = 0; i < size(dy.shape); i++) dx.data[operandIndex(x.shape, dy.shape, i)]! += dy.data[i]!;
      return dx;
    }),
  oracle: (tf, [a, b]) => tf.add(a!, b!),
  tolerance: {
    forward: { error: 1e-6, why: 'one rounding' },
    backward: { error: 1e-5, why: 'sums of up to 200 terms in float32' },
  },
});
