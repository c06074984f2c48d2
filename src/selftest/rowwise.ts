/** Shared by the specs of softmax and its logarithm: rows of logits, and the cases. */
import { type Array64, map, randomArray, zeros } from './arrays.ts';
import { type OpSpec, opSpec } from './spec.ts';

export interface Logits {
  readonly scale: number;
  readonly offset: number;
}

/** Calls `each` with the first index of every row. */
export function rows(x: Array64, each: (begin: number, c: number) => void): void {
  const c = x.shape[x.shape.length - 1]!;
  for (let begin = 0; begin < x.data.length; begin += c) each(begin, c);
}

/** Applies `f` to each logit minus the largest of its row, and to the sum of the exponentials of these differences. */
export function ofRows(x: Array64, f: (logit: number, total: number) => number): Array64 {
  const y = zeros(x.shape);
  rows(x, (begin, c) => {
    let largest = -Infinity;
    for (let k = 0; k < c; k++) largest = Math.max(largest, x.data[begin + k]!);
    let total = 0;
    for (let k = 0; k < c; k++) total += Math.exp(x.data[begin + k]! - largest);
    for (let k = 0; k < c; k++) y.data[begin + k] = f(x.data[begin + k]! - largest, total);
  });
  return y;
}

export function rowwiseSpec(
  own: Pick<OpSpec<Logits>, 'name' | 'build' | 'forward' | 'backward' | 'tolerance'>,
): OpSpec<Logits> {
  return opSpec<Logits>({
    ...own,
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
    inputs: (shapes, random, { scale, offset }) =>
      shapes.map((shape) => map(randomArray(shape, random), (v) => Math.fround(scale * v + offset))),
  });
}
