/**
 * Checks of long sums whose terms have the same sign. Adding one term after another in float32 would have errors of
 * 1e-4 and more.
 */
import {
  accumulate,
  avgPool2d,
  biasAdd,
  type Graph,
  globalAvgPool2d,
  gradients,
  graph,
  mean,
  sum,
  sumOfSquares,
  type Tensor,
  weightedMean,
} from '../index.ts';
import { array64, randomStream } from './arrays.ts';
import type { Check } from './check.ts';
import { feed, onDevice } from './onDevice.ts';

export interface Terms {
  readonly name: string;
  /** The i-th of n terms. */
  at(i: number, n: number): number;
}

export const equal = (value: number): Terms => ({ name: `of ${value}`, at: () => value });
export const growing: Terms = { name: 'growing', at: (i, n) => (i + 1) / n };
export const random: Terms = { name: 'random', at: (i) => 0.1 + 0.9 * randomStream(i)() };

/** As many terms as a shape has elements, in float32. */
export function filled(shape: readonly number[], terms: Terms): Float32Array {
  const n = shape.reduce((product, size) => product * size, 1);
  return Float32Array.from({ length: n }, (_, i) => terms.at(i, n));
}

/** Sums in double precision: the i-th is that of every `groups`-th term, beginning with term i. */
export function totals(terms: ArrayLike<number>, groups = 1): Float64Array {
  const result = new Float64Array(groups);
  for (let i = 0; i < terms.length; i++) result[i % groups]! += terms[i]!;
  return result;
}

export interface Built {
  readonly feeds: readonly (readonly [Tensor, ArrayLike<number>])[];
  /** The tensors to read. */
  readonly outputs: readonly Tensor[];
  /** The right values of each output. Results are divided by them, so that errors are relative. */
  readonly want: readonly ArrayLike<number>[];
}

const RELATIVE = {
  error: 1e-6,
  why: 'of the total: every level of a sum in levels rounds to 6e-8 of it at most a few times',
};

export function check(op: string, title: string, build: (g: Graph) => Built, tolerance = RELATIVE): Check {
  return {
    op,
    title: `a long sum: ${title}`,
    prepare: () => async (device, choose) => {
      const g = graph();
      const { feeds, outputs, want } = build(g);
      const variables = outputs.filter(({ role }) => role === 'variable');
      const planned = outputs.filter(({ role }) => role !== 'variable');
      const got = await onDevice(device, g, planned, choose, async (session) => {
        for (const [input, values] of feeds) feed(session, input, values);
        if (variables.length === 0) return session.runAndRead(planned);
        session.run();
        return Promise.all(variables.map((variable) => session.read(variable)));
      });
      return got.map((values, k) => ({
        what: `${outputs[k]!.name}, as a part of what is right`,
        got: Float64Array.from(want[k]!, (right, i) => values[i]! / right),
        want: array64([want[k]!.length], new Float64Array(want[k]!.length).fill(1)),
        tolerance,
      }));
    },
  };
}

/** A check of `f` with a single input. */
export function one(
  op: string,
  shape: readonly number[],
  terms: Terms,
  f: (x: Tensor) => Tensor,
  want: (x: Float32Array) => ArrayLike<number>,
  tolerance = RELATIVE,
): Check {
  const build = (g: Graph) => {
    const x = g.input('x', shape);
    const values = filled(shape, terms);
    return { feeds: [[x, values]], outputs: [f(x)], want: [want(values)] } as const;
  };
  return check(op, `[${shape}] ${terms.name}`, build, tolerance);
}

/** A check of the gradient for `of`, where the upstream gradient consists of terms. */
export function gradientOf(
  op: string,
  title: string,
  terms: Terms,
  build: (g: Graph) => { y: Tensor; of: Tensor; feeds: Built['feeds']; want: (dy: Float32Array) => ArrayLike<number> },
): Check {
  return check(op, `${title}, upstream ${terms.name}`, (g) => {
    const { y, of, feeds, want } = build(g);
    const dy = g.input('dy', y.shape);
    const values = filled(y.shape, terms);
    return { feeds: [...feeds, [dy, values]], outputs: gradients(y, [of], dy), want: [want(values)] };
  });
}

/** Checks of ops that sum about `n` terms, by name. */
export const LONG_SUMS: Readonly<Record<string, (n: number, terms: Terms) => Check>> = {
  sum: (n, terms) => one('sum', [n], terms, sum, totals),
  'sum of 4 columns': (n, terms) => one('sum', [n, 4], terms, (x) => sum(x, { axes: 0 }), (x) => totals(x, 4)), // biome-ignore format: a line a kind
  'sum of 3 columns': (n, terms) => one('sum', [n, 3], terms, (x) => sum(x, { axes: 0 }), (x) => totals(x, 3)), // biome-ignore format: a line a kind
  mean: (n, terms) => one('mean', [Math.ceil(n / 7), 7], terms, mean, (x) => [totals(x)[0]! / x.length]),
  sumOfSquares: (n, terms) => one('sumOfSquares', [n], terms, sumOfSquares, (x) => totals(Float64Array.from(x, (v) => v * v))), // biome-ignore format: a line a kind
  'avgPool2d, 1 channel': (n, terms) => average(n, 1, terms),
  'avgPool2d, 4 channels': (n, terms) => average(n, 4, terms),
  globalAvgPool2d: (n, terms) => one('globalAvgPool2d', [1, Math.ceil(n / 101), 101, 4], terms, globalAvgPool2d, (x) => totals(x, 4).map((v) => (4 * v) / x.length)), // biome-ignore format: a line a kind
  'gradient of a bias, 3 channels': (n, terms) => ofBias(n, 3, terms),
  'gradient of a bias, 4 channels': (n, terms) => ofBias(n, 4, terms),
  weightedMean: (n, terms) =>
    check('weightedMean', `${n} rows ${terms.name}`, (g) => {
      const { values, weights, rows, feeds, real, weighted } = rowsOf(g, n, terms);
      return { feeds, outputs: [weightedMean(values, weights, rows)], want: [[weighted / real]] };
    }),
  accumulate: (n, terms) =>
    check('accumulate', `${n} rows ${terms.name}`, (g) => {
      const { values, weights, rows, feeds, plain, weighted } = rowsOf(g, n, terms);
      const state = g.variable({ name: 'totals', shape: [2], dtype: 'f32' });
      accumulate(state, values, rows, { slot: 0, slots: 2, weights });
      accumulate(state, values, rows, { slot: 1, slots: 2 });
      return { feeds, outputs: [state], want: [[weighted, plain]] };
    }),
};

/** The mean of one window. */
function average(n: number, c: number, terms: Terms): Check {
  const [height, width] = [Math.ceil(Math.sqrt(n)), Math.ceil(Math.sqrt(n))];
  const pool = (x: Tensor) => avgPool2d(x, { poolSize: [height, width] });
  return one('avgPool2d', [1, height, width, c], terms, pool, (x) => totals(x, c).map((v) => v / (height * width)));
}

function ofBias(n: number, c: number, terms: Terms): Check {
  return gradientOf('biasAdd', `the gradient of a bias, [${n},${c}]`, terms, (g) => {
    const [x, b] = [g.input('x', [n, c]), g.input('b', [c])];
    return { y: biasAdd(x, b), of: b, feeds: [], want: (dy) => totals(dy, c) };
  });
}

/** Losses and their weights. The last five rows are padding, with weight 0. */
function rowsOf(g: Graph, n: number, terms: Terms) {
  const [values, weights, rows] = [g.input('values', [n]), g.input('weights', [n]), g.input('rows', [1], 'u32')];
  const [v, real] = [filled([n], terms), n - 5];
  const w = Float32Array.from(v, (_, i) => (i < real ? 0.7 + (i % 3) : 0));
  const feeds: Built['feeds'] = [
    [values, v],
    [weights, w],
    [rows, [real]],
  ];
  const products = Float64Array.from(v, (value, i) => value * w[i]!);
  return { values, weights, rows, feeds, real, plain: totals(v.subarray(0, real))[0]!, weighted: totals(products)[0]! };
}
