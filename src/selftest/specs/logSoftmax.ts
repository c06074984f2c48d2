import { logSoftmax } from '../../index.ts';
import { type Array64, map, randomArray, zeros } from '../arrays.ts';
import { opSpec } from '../spec.ts';

/** Calls `each` with the first index of every row. */
function rows(x: Array64, each: (begin: number, c: number) => void): void {
  const c = x.shape[x.shape.length - 1]!;
  for (let begin = 0; begin < x.data.length; begin += c) each(begin, c);
}

function logSoftmaxOf(x: Array64): Array64 {
  const y = zeros(x.shape);
  rows(x, (begin, c) => {
    let largest = -Infinity;
    for (let k = 0; k < c; k++) largest = Math.max(largest, x.data[begin + k]!);
    let total = 0;
    for (let k = 0; k < c; k++) total += Math.exp(x.data[begin + k]! - largest);
    for (let k = 0; k < c; k++) y.data[begin + k] = x.data[begin + k]! - largest - Math.log(total);
  });
  return y;
}

export const logSoftmaxSpec = opSpec<{ scale: number; offset: number }>({
  name: 'logSoftmax',
  cases: [
    { why: 'one element', shapes: [[1]], params: { scale: 1, offset: 0 } },
    { why: 'one class', shapes: [[3, 1]], params: { scale: 4, offset: 0 } },
    { why: 'two classes, more rows than a workgroup', shapes: [[67, 2]], params: { scale: 4, offset: 0 } },
    { why: 'three classes', shapes: [[5, 3]], params: { scale: 4, offset: 0 } },
    { why: 'leading axes', shapes: [[2, 3, 5, 33]], params: { scale: 4, offset: 0 } },
    { why: 'long rows', shapes: [[3, 1000]], params: { scale: 4, offset: 0 } },
    { why: 'exp of the logits would overflow', shapes: [[4, 7]], params: { scale: 2, offset: 1e4 } },
    { why: 'exp of the logits would underflow', shapes: [[4, 7]], params: { scale: 2, offset: -1e4 } },
    { why: 'one class has it all', shapes: [[4, 7]], params: { scale: 8192, offset: 0 } },
  ],
  build: ([x]) => logSoftmax(x!),
  inputs: (shapes, random, { scale, offset }) =>
    shapes.map((shape) => map(randomArray(shape, random), (v) => Math.fround(scale * v + offset))),
  forward: ([x]) => logSoftmaxOf(x!),
  backward: ([x], dy) => {
    const y = logSoftmaxOf(x!);
    const dx = zeros(x!.shape);
    rows(dx, (begin, c) => {
      let total = 0;
      for (let k = begin; k < begin + c; k++) total += dy.data[k]!;
      for (let k = begin; k < begin + c; k++) dx.data[k] = dy.data[k]! - Math.exp(y.data[k]!) * total;
    });
    return [dx];
  },
  tolerance: {
    forward: { error: 1e-6, why: 'exp, log and the sum to a few units in the last place' },
    backward: { error: 5e-6, why: 'the sum of 1000 gradients, times exp(y) to a few units in the last place' },
  },
});
