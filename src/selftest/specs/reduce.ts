/** Specs of sum, mean, max and sumTo: every set of axes, and sizes that need several passes. */
import { max, mean, type ReduceOptions, sum, sumTo, type Tensor } from '../../index.ts';
import { type Array64, exceeds, size, zeros } from '../arrays.ts';
import { operandIndex } from '../broadcast.ts';
import { distinct } from '../pool.ts';
import { type OpCase, type OpSpec, opSpec } from '../spec.ts';

interface Params {
  readonly axes?: number[];
  readonly keepDims?: boolean;
}

const SHAPE = [2, 5, 31, 3];
/** Every set of axes of SHAPE, with and without keepDims in turn. */
const subsets = Array.from({ length: 16 }, (_, bits): OpCase<Params> => {
  const axes = [0, 1, 2, 3].filter((axis) => bits & (1 << axis));
  const keepDims = bits % 3 === 0;
  return { why: `${axes.length} of four axes`, shapes: [SHAPE], params: keepDims ? { axes, keepDims } : { axes } };
});

const cases: readonly OpCase<Params>[] = [
  { why: 'one element', shapes: [[1]], params: {} },
  { why: 'all axes by default', shapes: [[3, 5]], params: {} },
  { why: 'axes from the end, in any order', shapes: [[3, 5, 7]], params: { axes: [-1, 0] } },
  ...subsets,
  { why: 'six axes that alternate', shapes: [[2, 3, 2, 3, 2, 3]], params: { axes: [0, 2, 4] } },
  { why: 'large, in chunks, the last one shorter', shapes: [[100_003]], params: {} },
  { why: 'a few long rows, in chunks', shapes: [[3, 4001]], params: { axes: [1] } },
  { why: 'a few long columns, in chunks', shapes: [[4001, 3]], params: { axes: [0] } },
  { why: 'kept channels in whole vec4s', shapes: [[2, 3, 5, 12]], params: { axes: [1, 2] } },
  { why: 'the same, in chunks', shapes: [[7, 53, 8]], params: { axes: [0, 1] } },
  { why: 'whole vec4s, kept axes on both sides', shapes: [[3, 67, 2, 4]], params: { axes: [1], keepDims: true } },
  { why: 'chunks across two axes apart', shapes: [[67, 3, 71]], params: { axes: [0, 2], keepDims: true } },
];

/** Shape with the reduced axes kept, to which results and gradients broadcast, and the shape of the result. */
function shapes(x: readonly number[], { axes = x.map((_, axis) => axis), keepDims = false }: Params) {
  const reduced = axes.map((axis) => (axis + x.length) % x.length);
  const kept = x.map((n, axis) => (reduced.includes(axis) ? 1 : n));
  const dropped = x.filter((_, axis) => !reduced.includes(axis));
  return { kept, y: keepDims ? kept : dropped.length > 0 ? dropped : [1] };
}

/** For each element of the result, the indices into x that it is made of. */
function groups(x: Array64, params: Params): { shape: readonly number[]; members: number[][] } {
  const { kept, y } = shapes(x.shape, params);
  const members = Array.from({ length: size(y) }, (): number[] => []);
  for (let i = 0; i < x.data.length; i++) members[operandIndex(kept, x.shape, i)]!.push(i);
  return { shape: y, members };
}

interface Reduction {
  readonly name: string;
  build(x: Tensor, options: ReduceOptions): Tensor;
  /** The result, and what each value gets of its gradient. */
  f(values: readonly number[]): number;
  df(values: readonly number[]): readonly number[];
  inputs?(shapes: readonly (readonly number[])[], random: () => number): readonly Array64[];
  readonly tolerance: { readonly forward: { error: number; why: string } };
}

function reduction({ name, build, f, df, inputs, tolerance }: Reduction): OpSpec<Params> {
  return {
    name,
    cases,
    build: ([x], params) => build(x!, params),
    forward: ([x], params) => {
      const { shape, members } = groups(x!, params);
      return { shape, data: Float64Array.from(members, (group) => f(group.map((i) => x!.data[i]!))) };
    },
    backward: ([x], dy, params) => {
      const dx = zeros(x!.shape);
      groups(x!, params).members.forEach((group, o) => {
        const slopes = df(group.map((i) => x!.data[i]!));
        group.forEach((i, k) => {
          dx.data[i] = slopes[k] === 0 ? 0 : slopes[k]! * dy.data[o]!;
        });
      });
      return [dx];
    },
    ...(inputs ? { inputs } : {}),
    tolerance,
  };
}

const total = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

export const sumSpec = reduction({
  name: 'sum',
  build: sum,
  f: total,
  df: (values) => values.map(() => 1),
  tolerance: { forward: { error: 5e-6, why: 'up to 100,003 terms, the second sum over chunk sums of size 10' } },
});

export const meanSpec = reduction({
  name: 'mean',
  build: mean,
  f: (values) => total(values) / values.length,
  df: (values) => values.map(() => 1 / values.length),
  tolerance: { forward: { error: 2e-7, why: 'means of values below 1' } },
});

export const maxSpec = reduction({
  name: 'max',
  build: max,
  f: (values) => values.reduce((a, b) => Math.max(a, b)),
  df: (values) => {
    const largest = values.reduce((a, b) => Math.max(a, b));
    return values.map((v) => (exceeds(largest, v) ? 0 : 1));
  },
  // No ties: TensorFlow.js gives each of them the whole gradient.
  inputs: (all, random) => all.map((shape) => distinct(shape, random)),
  tolerance: { forward: { error: 0, why: 'a selection, no arithmetic' } },
});

export const sumToSpec = opSpec<{ shape: number[] }>({
  name: 'sumTo',
  cases: [
    { why: 'the same shape', shapes: [[3, 5]], params: { shape: [3, 5] } },
    { why: 'leading axes, as of a bias', shapes: [[2, 5, 3, 33]], params: { shape: [33] } },
    { why: 'axes of size 1 inside', shapes: [[2, 5, 31, 3]], params: { shape: [2, 1, 31, 1] } },
    { why: 'both', shapes: [[2, 5, 31, 3]], params: { shape: [1, 31, 1] } },
    { why: 'an axis of size 1 on both sides', shapes: [[4, 1, 3]], params: { shape: [1, 3] } },
    { why: 'only the rank changes', shapes: [[1, 1, 5]], params: { shape: [5] } },
    { why: 'to one element', shapes: [[5, 7]], params: { shape: [1] } },
  ],
  build: ([x], { shape }) => sumTo(x!, shape),
  forward: ([x], { shape }) => {
    const y = zeros(shape);
    for (let i = 0; i < x!.data.length; i++) y.data[operandIndex(shape, x!.shape, i)]! += x!.data[i]!;
    return y;
  },
  backward: ([x], dy, { shape }) => {
    const dx = zeros(x!.shape);
    for (let i = 0; i < dx.data.length; i++) dx.data[i] = dy.data[operandIndex(shape, x!.shape, i)]!;
    return [dx];
  },
  tolerance: { forward: { error: 1e-6, why: 'up to 155 terms' } },
});
