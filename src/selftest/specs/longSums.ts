/** Checks of long sums for ops with sums inside: losses, normalizations, products and their gradients. */
import {
  accumulate,
  avgPool2d,
  batchNormTraining,
  conv2dFilterGrad,
  conv2dMaxPool,
  correct,
  gradients,
  logSoftmax,
  softmax,
  softmaxCrossEntropy,
  sum,
  upSampling2d,
} from '../../index.ts';
import type { Check } from '../check.ts';
import {
  type Built,
  check,
  equal,
  filled,
  gradientOf,
  growing,
  LONG_SUMS,
  one,
  random,
  type Terms,
  totals,
} from '../longSums.ts';

const LOGIT = Math.fround(-1.2);
const LOW = Math.exp(LOGIT);

const lowLogits: Terms = { name: 'of logits, one of 0', at: (i) => (i === 0 ? 0 : LOGIT) };

const TEN_MILLION = 10_000_000;
const ROWS = 300_000;
const EXPONENTIALS = 1 + (ROWS - 1) * LOW;
/** The largest number of rows of two classes that one dispatch computes. */
const FUSED_ROWS = 32_768;

const ofKinds = [equal(0.3), growing, random].flatMap((terms) =>
  Object.entries(LONG_SUMS).flatMap(([kind, of]) => {
    if (kind.startsWith('avgPool2d'))
      return [of(96 * 96, terms), ...(terms === random ? [] : [of(1024 * 1024, terms)])];
    return kind === 'accumulate' ? [of(1000, terms), of(ROWS, terms)] : [of(ROWS + 3, terms)];
  }),
);

const ofShapes = [
  one('sum', [TEN_MILLION], equal(0.1), sum, totals),
  // One exponential of 1, the others of 0.3.
  one('softmax', [1, ROWS], lowLogits, softmax, () => [1 / EXPONENTIALS, ...new Array(9).fill(LOW / EXPONENTIALS)], {
    error: 1e-5,
    why: 'all exponentials but one are off by the same units in the last place',
  }),
  one('logSoftmax', [1, ROWS], lowLogits, logSoftmax, () => [
    -Math.log(EXPONENTIALS),
    ...new Array(9).fill(Math.log(LOW / EXPONENTIALS)),
  ]),
];

/** A pixel that every window of a stride of 1 covers gets the sum of all their gradients. */
const overlapping = [1, 4].map((c) =>
  gradientOf('avgPool2d', `a gradient of 41 x 41 windows of that size, ${c} channels`, equal(0.3), (g) => {
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

/** A pixel that is repeated over a large image gets the sum of all gradients. */
const repeated = (['nearest', 'bilinear'] as const).flatMap((interpolation) =>
  [1, 4].map((c) =>
    gradientOf(
      'upSampling2d',
      `the gradient of a pixel of 550 x 551, ${interpolation}, ${c} channels`,
      equal(0.3),
      (g) => {
        const x = g.input('x', [1, 1, 1, c]);
        const y = upSampling2d(x, { size: [550, 551], interpolation });
        return { y, of: x, feeds: [], want: (dy) => totals(dy, c) };
      },
    ),
  ),
);

const poolBiases = [equal(0.3), growing].map((terms) =>
  gradientOf('conv2dMaxPool', 'the gradient of a bias, 40,000 windows', terms, (g) => {
    const [x, w, b] = [g.input('x', [1, 402, 402, 1]), g.input('w', [3, 3, 1, 4]), g.input('b', [4])];
    const feeds: Built['feeds'] = [
      [x, filled(x.shape, random)],
      [w, filled(w.shape, random)],
      [b, filled(b.shape, random)],
    ];
    return { y: conv2dMaxPool(x, w, { poolSize: 2, bias: b }), of: b, feeds, want: (dy) => totals(dy, 4) };
  }),
);

/**
 * Terms of one sign, though those of a filter's gradient seldom are. Chunks of 128 pixels and more are added up four by
 * four.
 */
const filters = [
  [4, 4, 1],
  [3, 3, 3],
].map(
  (
    [c, k, groups], // biome-ignore format: a list
  ) =>
    check(
      'conv2dFilterGrad',
      `102,400 pixels of 0.3, ${groups} groups`,
      (g) => {
        const [x, dy] = [g.input('x', [1, 320, 320, c!]), g.input('dy', [1, 320, 320, k!])];
        const w = [1, 1, c! / groups!, k!];
        const [xs, dys] = [filled(x.shape, equal(0.3)), filled(dy.shape, equal(0.1))];
        return {
          feeds: [
            [x, xs],
            [dy, dys],
          ],
          outputs: [conv2dFilterGrad(x, dy, w, { groups: groups! })],
          want: [new Float64Array(w.reduce((a, b) => a * b)).fill(320 * 320 * xs[0]! * dys[0]!)],
        };
      },
      { error: 4e-6, why: 'of the total: the kernels add some hundred products in a row before they add up the sums' },
    ),
);

/** The sums of losses and of right answers in a training step. */
const classification = [FUSED_ROWS, ROWS].flatMap((n) =>
  [false, true].map((truth) =>
    check('softmaxCrossEntropy', `${n} rows of two equal ${truth ? 'weights' : 'classes'}`, (g) => {
      const logits = g.input('logits', [n, 2]);
      const labels = truth ? g.input('labels', [n, 2]) : g.input('labels', [n], 'i32');
      const [weights, rows] = [g.input('weights', [n]), g.input('rows', [1], 'u32')];
      const state = g.variable({ name: 'totals', shape: [2], dtype: 'f32' });
      const losses = softmaxCrossEntropy(logits, labels);
      accumulate(state, losses, rows, { slot: 0, slots: 2, weights });
      accumulate(state, correct(logits, labels), rows, { slot: 1, slots: 2 });
      return {
        feeds: [
          [logits, filled(logits.shape, equal(0.3))],
          [labels, new Float32Array(truth ? 2 * n : n).fill(truth ? 0.5 : 0)],
          [weights, new Float32Array(n).fill(Math.fround(0.3))],
          [rows, [n]],
        ],
        outputs: [state],
        want: [[n * Math.fround(0.3) * Math.LN2, n]],
      };
    }),
  ),
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
        const terms = filled(shape, growing);
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

const beta = gradientOf('batchNormTraining', 'the gradient of beta, four million values', equal(0.3), (g) => {
  const x = g.input('x', [4_000_000, 1]);
  const [gamma, of, rows] = [g.input('gamma', [1]), g.input('beta', [1]), g.input('rows', [1], 'u32')];
  const feeds: Built['feeds'] = [
    [x, filled(x.shape, growing)],
    [gamma, [1]],
    [of, [1]],
    [rows, [4_000_000]],
  ];
  return { y: batchNormTraining(x, gamma, of, rows).y, of, feeds, want: totals };
});

export const longSumChecks: readonly Check[] = [
  ...ofKinds,
  ...ofShapes,
  ...overlapping,
  ...repeated,
  ...poolBiases,
  ...filters,
  ...classification,
  ...statistics,
  beta,
];
