import { describe, expect, test } from 'vitest';
import { gradients, graph, ShapeError, softmaxCrossEntropy } from '../../src/index.ts';
import { type Array64, array64, expectClose, map, randomArray, randomIntegers, zeros } from '../support/arrays.ts';
import { checkOp } from '../support/checkOp.ts';
import { runOnce } from '../support/session.ts';

/** log(sum over j of exp(z_j)) - z_k for each k of each row. */
function negativeLogSoftmax(logits: Array64): Array64 {
  const [rows, classes] = logits.shape;
  const result = zeros(logits.shape);
  for (let row = 0; row < rows!; row++) {
    const z = logits.data.subarray(row * classes!, (row + 1) * classes!);
    const largest = Math.max(...z);
    const total = z.reduce((sum, v) => sum + Math.exp(v - largest), 0);
    for (let k = 0; k < classes!; k++) result.data[row * classes! + k] = Math.log(total) + largest - z[k]!;
  }
  return result;
}

function forward([logits, truth]: readonly Array64[]): Array64 {
  const classes = logits!.shape[1]!;
  const losses = negativeLogSoftmax(logits!);
  const y = zeros([logits!.shape[0]!]);
  for (let i = 0; i < losses.data.length; i++) y.data[Math.floor(i / classes)]! += truth!.data[i]! * losses.data[i]!;
  return y;
}

function backward([logits, truth]: readonly Array64[], dy: Array64): [Array64, Array64] {
  const classes = logits!.shape[1]!;
  const losses = negativeLogSoftmax(logits!);
  const rowOf = (i: number) => Math.floor(i / classes);
  const total = (row: number) =>
    truth!.data.subarray(row * classes, (row + 1) * classes).reduce((sum, t) => sum + t, 0);
  return [
    map(losses, (loss, i) => (Math.exp(-loss) * total(rowOf(i)) - truth!.data[i]!) * dy.data[rowOf(i)]!),
    map(losses, (loss, i) => loss * dy.data[rowOf(i)]!),
  ];
}

function oneHot(labels: Array64, classes: number): Array64 {
  return map(zeros([labels.shape[0]!, classes]), (_, i) =>
    labels.data[Math.floor(i / classes)] === i % classes ? 1 : 0,
  );
}

const tolerance = {
  forward: { error: 2e-6, why: 'exp and log of the device are good to some 3 units, and 33 terms are summed' },
  backward: { error: 2e-6, why: 'a product of two exponentials, good to some 3 units each' },
};
const CASES = [
  { why: 'one row of one class, whose loss is 0', rows: 1, classes: 1 },
  { why: 'two classes, as the baseline has', rows: 5, classes: 2 },
  { why: 'more rows than a workgroup', rows: 67, classes: 3 },
  { why: 'many classes', rows: 7, classes: 33 },
];

checkOp({
  name: 'softmaxCrossEntropy of class numbers',
  cases: CASES.map(({ why, rows, classes }) => ({ why, shapes: [[rows, classes], [rows]], params: classes })),
  dtypes: ['f32', 'i32'],
  inputs: ([logits, labels], random, classes) => [
    map(randomArray(logits!, random), (z) => 4 * z),
    randomIntegers(labels!, classes, random),
  ],
  build: ([logits, labels]) => softmaxCrossEntropy(logits!, labels!),
  forward: ([logits, labels], classes) => forward([logits!, oneHot(labels!, classes)]),
  backward: ([logits, labels], dy, classes) => [backward([logits!, oneHot(labels!, classes)], dy)[0], undefined],
  oracle: (tf, [logits, labels], classes) => {
    // tf.oneHot knows no single class.
    const truth = tf.oneHot(labels!.toInt(), classes + 1).slice([0, 0], [-1, classes]);
    return truth.mul(tf.logSoftmax(logits!)).sum(-1).neg();
  },
  tolerance,
});

checkOp({
  name: 'softmaxCrossEntropy of weights of the classes',
  cases: CASES.map(({ why, rows, classes }) => ({
    why: `${why}; weights of any sum`,
    shapes: [
      [rows, classes],
      [rows, classes],
    ],
    params: {},
  })),
  inputs: ([logits, truth], random) => [
    map(randomArray(logits!, random), (z) => 4 * z),
    map(randomArray(truth!, random), (t) => Math.abs(t)),
  ],
  build: ([logits, truth]) => softmaxCrossEntropy(logits!, truth!),
  forward,
  backward,
  oracle: (tf, [logits, truth]) => truth!.mul(tf.logSoftmax(logits!)).sum(-1).neg(),
  tolerance: {
    forward: { error: 5e-6, why: 'a sum of up to 33 losses, each with a logarithm' },
    backward: { error: 5e-6, why: 'softmax is multiplied by a sum of up to 33 weights' },
  },
});

describe('softmaxCrossEntropy', () => {
  async function run(logits: Array64, labels: readonly number[], dy: readonly number[]) {
    const g = graph();
    const z = g.input('logits', logits.shape);
    const k = g.input('labels', [labels.length], 'i32');
    const upstream = g.input('dy', [labels.length]);
    const y = softmaxCrossEntropy(z, k);
    const [dz] = gradients(y, [z], upstream);
    const [losses, dlogits] = await runOnce(
      g,
      [
        [z, logits.data],
        [k, labels],
        [upstream, dy],
      ],
      [y, dz!],
    );
    return { losses: losses!, dlogits: dlogits! };
  }

  test('the gradient is p - 1(y = k), as in the course', async () => {
    const logits = array64([2, 3], [1, -2, 0.5, 3, 3, -1]);
    const labels = [2, 0];
    const { dlogits } = await run(logits, labels, [1, 1]);
    const want = map(
      negativeLogSoftmax(logits),
      (loss, i) => Math.exp(-loss) - (labels[Math.floor(i / 3)] === i % 3 ? 1 : 0),
    );
    expectClose('df', dlogits, want, tolerance.backward);
  });

  test('logits of any size neither overflow nor lose a small loss', async () => {
    const logits = array64([4, 2], [1e4, -1e4, -1e30, 1e30, -80, -80, 20, 5]);
    const { losses, dlogits } = await run(logits, [1, 1, 0, 0], [1, 1, 1, 1]);
    expectClose('losses', losses, forward([logits, oneHot(array64([4], [1, 1, 0, 0]), 2)]), {
      error: 1e-6,
      why: 'the largest logit is taken out first',
    });
    // log(1 + exp(-15)) is 3.06e-7: there to 16 %, since 1 + exp(-15) rounds to a multiple of 2^-23.
    expect(losses[3]).toBeGreaterThan(2e-7);
    expect(Math.max(...dlogits.map(Math.abs))).toBeLessThanOrEqual(1);
  });

  test('a class that does not exist gives NaN in its row alone', async () => {
    const logits = array64([4, 3], [1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3]);
    const { losses, dlogits } = await run(logits, [2, 3, -1, 0], [1, 1, 1, 1]);
    expect(losses.map(Number.isNaN)).toEqual([false, true, true, false]);
    expect(dlogits.map(Number.isNaN)).toEqual([
      ...Array(3).fill(false),
      ...Array(6).fill(true),
      ...Array(3).fill(false),
    ]);
  });

  test.each([
    ['labels of another length', [4, 3], [5], 'i32'],
    ['one-hot labels of other classes', [4, 3], [4, 2], 'f32'],
    ['class numbers as floats', [4, 3], [4], 'f32'],
    ['class numbers without a sign', [4, 3], [4], 'u32'],
    ['images as logits', [4, 3, 3], [4], 'i32'],
  ] as const)('refuses %s', (_, logits, labels, dtype) => {
    const g = graph();
    const inputs = [g.input('logits', logits), g.input('labels', labels, dtype)] as const;
    expect(() => softmaxCrossEntropy(...inputs)).toThrow(ShapeError);
  });
});
