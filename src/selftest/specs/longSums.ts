/** Long sums of terms of one sign, which an addition of term after term would be wrong about by 1e-4 and more. */
import {
  accumulate,
  avgPool2d,
  batchNormTraining,
  biasAdd,
  conv2dFilterGrad,
  conv2dMaxPool,
  correct,
  type Graph,
  globalAvgPool2d,
  gradients,
  graph,
  logSoftmax,
  mean,
  softmax,
  softmaxCrossEntropy,
  sum,
  sumOfSquares,
  type Tensor,
  weightedMean,
} from '../../index.ts';
import { array64, randomStream } from '../arrays.ts';
import type { Check } from '../check.ts';
import { feed, onDevice } from '../onDevice.ts';

const LOGIT = Math.fround(-1.2);
const LOW = Math.exp(LOGIT);

/** A term by its number, of so many. */
type Terms = (i: number, n: number) => number;

const TERMS: Readonly<Record<string, Terms>> = {
  'of 0.1': () => 0.1,
  'of 0.3': () => 0.3,
  growing: (i, n) => (i + 1) / n,
  'one 0': (i) => (i === 0 ? 0 : LOGIT),
  random: (i) => 0.1 + 0.9 * randomStream(i)(),
};

/** As many terms as a shape has elements, as the device stores them. */
function filled(shape: readonly number[], terms: string): Float32Array {
  const n = shape.reduce((product, size) => product * size, 1);
  const term = TERMS[terms]!;
  return Float32Array.from({ length: n }, (_, i) => term(i, n));
}

/** Sums in double precision of every `groups`-th term, from each of the first `groups`. */
function totals(terms: ArrayLike<number>, groups = 1): Float64Array {
  const result = new Float64Array(groups);
  for (let i = 0; i < terms.length; i++) result[i % groups]! += terms[i]!;
  return result;
}

interface Built {
  readonly feeds: readonly (readonly [Tensor, ArrayLike<number>])[];
  /** What is read. */
  readonly outputs: readonly Tensor[];
  /** The right values of each output, divided by what they should be: ones, so that errors are relative. */
  readonly want: readonly ArrayLike<number>[];
}

const RELATIVE = {
  error: 1e-6,
  why: 'of the total: every level of a sum in levels rounds to 6e-8 of it at most a few times',
};

function check(op: string, title: string, build: (g: Graph) => Built, tolerance = RELATIVE): Check {
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

/** `y` of one input of a shape. */
function one(
  op: string,
  shape: readonly number[],
  terms: string,
  f: (x: Tensor) => Tensor,
  want: (x: Float32Array) => ArrayLike<number>,
  tolerance = RELATIVE,
): Check {
  const build = (g: Graph) => {
    const x = g.input('x', shape);
    const values = filled(shape, terms);
    return { feeds: [[x, values]], outputs: [f(x)], want: [want(values)] } as const;
  };
  return check(op, `[${shape}] ${terms}`, build, tolerance);
}

/** The gradient of the second input, of a shape, where the upstream gradient is terms. */
function gradientOf(
  op: string,
  title: string,
  terms: string,
  build: (g: Graph) => { y: Tensor; of: Tensor; feeds: Built['feeds']; want: (dy: Float32Array) => ArrayLike<number> },
): Check {
  return check(op, `${title}, upstream ${terms}`, (g) => {
    const { y, of, feeds, want } = build(g);
    const dy = g.input('dy', y.shape);
    const values = filled(y.shape, terms);
    return { feeds: [...feeds, [dy, values]], outputs: gradients(y, [of], dy), want: [want(values)] };
  });
}

const TEN_MILLION = 10_000_000;
const ROWS = 300_000;
const EXPONENTIALS = 1 + (ROWS - 1) * LOW;
/** So many rows of two classes are one dispatch still. */
const FUSED_ROWS = 32_768;

const ofShapes = [
  one('sum', [TEN_MILLION], 'of 0.1', sum, totals),
  ...['of 0.3', 'growing', 'random'].flatMap((terms) => [
    one('sum', [1_000_003], terms, sum, totals),
    one(
      'sum',
      [250_001, 4],
      terms,
      (x) => sum(x, { axes: 0 }),
      (x) => totals(x, 4),
    ),
    one(
      'sum',
      [99_991, 3],
      terms,
      (x) => sum(x, { axes: 0 }),
      (x) => totals(x, 3),
    ),
    one('mean', [700, 701], terms, mean, (x) => [totals(x)[0]! / x.length]),
    one('sumOfSquares', [1_000_003], terms, sumOfSquares, (x) => totals(Float64Array.from(x, (v) => v * v))),
    ...[1, 4].flatMap((c) => [
      one(
        'avgPool2d',
        [1, 96, 96, c],
        terms,
        (x) => avgPool2d(x, { poolSize: 96 }),
        (x) => totals(x, c).map((v) => v / 9216),
      ),
      one('globalAvgPool2d', [1, 401, 399, c], terms, globalAvgPool2d, (x) => totals(x, c).map((v) => v / (401 * 399))),
    ]),
  ]),
  // One exponential of 1, the others of 0.3.
  one('softmax', [1, ROWS], 'one 0', softmax, () => [1 / EXPONENTIALS, ...new Array(9).fill(LOW / EXPONENTIALS)], {
    error: 1e-5,
    why: 'all exponentials but one are off by the same units in the last place',
  }),
  one('logSoftmax', [1, ROWS], 'one 0', logSoftmax, () => [
    -Math.log(EXPONENTIALS),
    ...new Array(9).fill(Math.log(LOW / EXPONENTIALS)),
  ]),
];

/** A pixel that every window of a stride of 1 covers gets the sum of all their gradients. */
const overlapping = [1, 4].map((c) =>
  gradientOf('avgPool2d', `a gradient of 41 x 41 windows of that size, ${c} channels`, 'of 0.3', (g) => {
    const x = g.input('x', [1, 81, 81, c]);
    const y = avgPool2d(x, { poolSize: 41, strides: 1 });
    /** Windows that cover a pixel, along one axis. */
    const cover = (at: number) => Math.min(at + 1, 81 - at);
    const want = (dy: Float32Array) =>
      Float64Array.from({ length: 81 * 81 * c }, (_, i) => {
        const p = Math.floor(i / c);
        return (cover(p % 81) * cover(Math.floor(p / 81)) * dy[0]!) / 41 ** 2;
      });
    return { y, of: x, feeds: [], want };
  }),
);

const biases = ['of 0.3', 'growing', 'random'].flatMap((terms) =>
  [3, 4].map((c) =>
    gradientOf('biasAdd', `the gradient of a bias, [1,500,500,${c}]`, terms, (g) => {
      const [x, b] = [g.input('x', [1, 500, 500, c]), g.input('b', [c])];
      return { y: biasAdd(x, b), of: b, feeds: [], want: (dy) => totals(dy, c) };
    }),
  ),
);

const poolBiases = ['of 0.3', 'growing'].map((terms) =>
  gradientOf('conv2dMaxPool', 'the gradient of a bias, 40,000 windows', terms, (g) => {
    const [x, w, b] = [g.input('x', [1, 402, 402, 1]), g.input('w', [3, 3, 1, 4]), g.input('b', [4])];
    const feeds: Built['feeds'] = [
      [x, filled(x.shape, 'random')],
      [w, filled(w.shape, 'random')],
      [b, filled(b.shape, 'random')],
    ];
    return { y: conv2dMaxPool(x, w, { poolSize: 2, bias: b }), of: b, feeds, want: (dy) => totals(dy, 4) };
  }),
);

/** Terms of one sign, though those of a filter's gradient seldom are. Chunks of 128 pixels and more are added up four by four. */
const filters = [
  [4, 4, 1],
  [3, 3, 3],
].map(
  (
    [c, k, groups], // biome-ignore format: a list
  ) =>
    check('conv2dFilterGrad', `102,400 pixels of 0.3, ${groups} groups`, (g) => {
      const [x, dy] = [g.input('x', [1, 320, 320, c!]), g.input('dy', [1, 320, 320, k!])];
      const w = [1, 1, c! / groups!, k!];
      const [xs, dys] = [filled(x.shape, 'of 0.3'), filled(dy.shape, 'of 0.1')];
      return {
        feeds: [
          [x, xs],
          [dy, dys],
        ],
        outputs: [conv2dFilterGrad(x, dy, w, { groups: groups! })],
        want: [new Float64Array(w.reduce((a, b) => a * b)).fill(320 * 320 * xs[0]! * dys[0]!)],
      };
    }),
);

/** Losses, their weights, and 0 for the last rows, which are padding. */
function rowsOf(g: Graph, n: number, terms: string) {
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

const ofRows = ['of 0.3', 'growing', 'random'].flatMap((terms) => [
  check('weightedMean', `${ROWS} rows ${terms}`, (g) => {
    const { values, weights, rows, feeds, real, weighted } = rowsOf(g, ROWS, terms);
    return { feeds, outputs: [weightedMean(values, weights, rows)], want: [[weighted / real]] };
  }),
  ...[1000, ROWS].map((n) =>
    check('accumulate', `${n} rows ${terms}`, (g) => {
      const { values, weights, rows, feeds, plain, weighted } = rowsOf(g, n, terms);
      const state = g.variable({ name: 'totals', shape: [2], dtype: 'f32' });
      accumulate(state, values, rows, { slot: 0, slots: 2, weights });
      accumulate(state, values, rows, { slot: 1, slots: 2 });
      return { feeds, outputs: [state], want: [[weighted, plain]] };
    }),
  ),
]);

/** What a training step does with losses and right answers. */
const classification = [...[FUSED_ROWS, ROWS].flatMap((n) => [false, true].map((truth) => [n, 2, truth] as const))].map(
  ([n, classes, truth]) =>
    check('softmaxCrossEntropy', `${n} rows of ${classes} equal ${truth ? 'weights' : 'classes'}`, (g) => {
      const logits = g.input('logits', [n, classes]);
      const labels = truth ? g.input('labels', [n, classes]) : g.input('labels', [n], 'i32');
      const [weights, rows] = [g.input('weights', [n]), g.input('rows', [1], 'u32')];
      const state = g.variable({ name: 'totals', shape: [2], dtype: 'f32' });
      const losses = softmaxCrossEntropy(logits, labels);
      accumulate(state, losses, rows, { slot: 0, slots: 2, weights });
      accumulate(state, correct(logits, labels), rows, { slot: 1, slots: 2 });
      return {
        feeds: [
          [logits, filled(logits.shape, 'of 0.3')],
          [labels, new Float32Array(truth ? n * classes : n).fill(truth ? 1 / classes : 0)],
          [weights, new Float32Array(n).fill(Math.fround(0.3))],
          [rows, [n]],
        ],
        outputs: [state],
        want: [[n * Math.fround(0.3) * Math.log(classes), n]],
      };
    }),
);

/** Values that grow, about a mean of 1000 and about one of 1; gradients as if they were to grow more. */
const statistics = [
  [160_001, 3],
  [1, 400, 401, 4],
  [160_001, 1],
].flatMap(
  (
    shape, // biome-ignore format: a list
  ) =>
    [1, 1000].map((offset) =>
      check('batchNormTraining', `statistics and gradients of [${shape}], mean ${offset}`, (g) => {
        const c = shape.at(-1)!;
        const [x, gamma, beta] = [g.input('x', shape), g.input('gamma', [c]), g.input('beta', [c])];
        const rows = g.input('rows', [1], 'u32');
        const terms = filled(shape, 'growing');
        const xs = terms.map((v) => v - 0.5 + offset);
        const dys = terms.map((v) => (v < 0.5 ? -0.3 : 0.3));
        const values = xs.length / c;
        const means = totals(xs, c).map((total) => total / values);
        const variances = totals(
          Float64Array.from(xs, (v, i) => (v - means[i % c]!) ** 2),
          c,
        ).map((total) => total / values);
        const dgamma = totals(Float64Array.from(xs, (v, i) => (dys[i]! * (v - means[i % c]!)) / Math.sqrt(variances[i % c]! + 1e-3)), c); // biome-ignore format: one formula
        const { y, mean: m, variance } = batchNormTraining(x, gamma, beta, rows);
        const dy = g.input('dy', y.shape);
        const slopes = gradients(y, [gamma], dy);
        const ones = new Float32Array(c).fill(1);
        return {
          feeds: [
            [x, xs],
            [gamma, ones],
            [beta, ones],
            [rows, [shape[0]!]],
            [dy, dys],
          ],
          outputs: [m, variance, ...slopes],
          want: [means, variances, dgamma],
        };
      }),
    ),
);

export const longSumChecks: readonly Check[] = [
  ...ofShapes,
  ...overlapping,
  ...biases,
  ...poolBiases,
  ...filters,
  ...ofRows,
  ...classification,
  ...statistics,
];
