import { describe, expect, test } from 'vitest';
import {
  gradients,
  graph,
  max,
  mean,
  plan,
  type ReduceOptions,
  ShapeError,
  sum,
  sumTo,
  type Tensor,
} from '../../src/index.ts';
import { type Array64, size, zeros } from '../support/arrays.ts';
import { operandIndex } from '../support/broadcast.ts';
import { checkOp, type OpCase } from '../support/checkOp.ts';
import { distinct } from '../support/pool.ts';
import { runOnce } from '../support/session.ts';
import type { Tf, TfTensor } from '../support/tensorflow.ts';

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

interface ReduceSpec {
  readonly name: string;
  readonly cases: readonly OpCase<Params>[];
  build(x: Tensor, options: ReduceOptions): Tensor;
  /** The result, and what each value gets of its gradient. */
  f(values: readonly number[]): number;
  df(values: readonly number[]): readonly number[];
  oracle(tf: Tf, x: TfTensor, axes: number[] | undefined, keepDims: boolean): TfTensor;
  inputs?(shapes: readonly (readonly number[])[], random: () => number): readonly Array64[];
  readonly tolerance: { readonly forward: { error: number; why: string } };
}

function checkReduce({ name, cases: list, build, f, df, oracle, inputs, tolerance }: ReduceSpec): void {
  checkOp<Params>({
    name,
    cases: list,
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
          dx.data[i] = slopes[k]! * dy.data[o]!;
        });
      });
      return [dx];
    },
    oracle: (tf, [x], { axes, keepDims = false }) => oracle(tf, x!, axes, keepDims),
    ...(inputs ? { inputs } : {}),
    tolerance,
  });
}

const total = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);

checkReduce({
  name: 'sum',
  cases,
  build: sum,
  f: total,
  df: (values) => values.map(() => 1),
  oracle: (tf, x, axes, keepDims) => tf.sum(x, axes, keepDims),
  tolerance: { forward: { error: 5e-6, why: 'up to 100,003 terms, the second sum over chunk sums of size 10' } },
});

checkReduce({
  name: 'mean',
  cases,
  build: mean,
  f: (values) => total(values) / values.length,
  df: (values) => values.map(() => 1 / values.length),
  oracle: (tf, x, axes, keepDims) => tf.mean(x, axes, keepDims),
  tolerance: { forward: { error: 2e-7, why: 'means of values below 1' } },
});

checkReduce({
  name: 'max',
  cases,
  build: max,
  f: (values) => values.reduce((a, b) => Math.max(a, b)),
  df: (values) => {
    const largest = values.reduce((a, b) => Math.max(a, b));
    return values.map((v) => (v === largest ? 1 : 0));
  },
  // No ties: TensorFlow.js gives each of them the whole gradient.
  inputs: (all, random) => all.map((shape) => distinct(shape, random)),
  oracle: (tf, x, axes, keepDims) => tf.max(x, axes, keepDims),
  tolerance: { forward: { error: 0, why: 'a selection, no arithmetic' } },
});

describe('max', () => {
  const run = async (values: readonly number[], shape: readonly number[], axes: number[]) => {
    const g = graph();
    const x = g.input('x', shape);
    const y = max(x, { axes });
    const dy = g.input('dy', y.shape);
    const feeds = [
      [x, values],
      [dy, Array.from({ length: size(y.shape) }, (_, i) => i + 1)],
    ] as const;
    const [result, dx] = await runOnce(g, feeds, [y, ...gradients(y, [x], dy)]);
    return { y: result!, dx: dx! };
  };

  test('equal maxima share the gradient evenly, -0 and 0 among them', async () => {
    const { y, dx } = await run([1, 3, 3, 2, 2, 2, -0, -1, 0], [3, 3], [1]);
    expect(y.map((v) => v + 0)).toEqual([3, 2, 0]);
    expect(dx).toEqual([0, 0.5, 0.5, 2 / 3, 2 / 3, 2 / 3, 1.5, 0, 1.5].map(Math.fround));
  });

  test('ties across chunks', async () => {
    const { y, dx } = await run(new Array(4096).fill(5), [4096], [0]);
    expect(y).toEqual([5]);
    expect(new Set(dx)).toEqual(new Set([1 / 4096]));
  });

  test('of negative infinities', async () => {
    const { y, dx } = await run(new Array(2).fill(Number.NEGATIVE_INFINITY), [1, 2], [1]);
    expect(y).toEqual([Number.NEGATIVE_INFINITY]);
    expect(dx).toEqual([0.5, 0.5]);
  });

  test.each([0, 1, 2047, 4095])('a NaN at %i passes on', async (at) => {
    const values = Array.from({ length: 4096 }, (_, i) => i);
    values[at] = Number.NaN;
    expect((await run(values, [4096], [0])).y).toEqual([Number.NaN]);
  });
});

checkOp<{ shape: number[] }>({
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

test('a large sum has the same bits each time, and few steps in each pass', async () => {
  const run = async () => {
    const g = graph();
    const x = g.input('x', [100_003]);
    const y = sum(x);
    const cuts = plan(g, [y]).dispatches.map(({ constants }) => constants);
    expect(cuts.map(({ CHUNKS, COUNT }) => [CHUNKS, COUNT])).toEqual([
      [317, 100_003],
      [1, 317],
    ]);
    const values = Array.from({ length: 100_003 }, (_, i) => Math.sin(i));
    return (await runOnce(g, [[x, values]], [y]))[0]![0]!;
  };
  expect(await run()).toBe(await run());
});

describe.each([
  ['sum', sum],
  ['mean', mean],
  ['max', max],
] as const)('%s', (name, op) => {
  test('axes that do not exist, and integers, are refused', () => {
    const g = graph();
    const x = g.input('x', [2, 3]);
    expect(() => op(x, { axes: 2 })).toThrow(ShapeError);
    expect(() => op(x, { axes: [0, -3] })).toThrow(`${name}: axes [0, -3] do not exist in shape [2, 3]`);
    expect(() => op(g.input('integers', [2, 3], 'i32'))).toThrow('integers must be f32');
  });
});
