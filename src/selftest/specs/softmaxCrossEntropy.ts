/** Spec of softmaxCrossEntropy: class indices and weights of the classes as labels, from one class to many. */
import { softmaxCrossEntropy } from '../../index.ts';
import { type Array64, map, randomArray, randomIntegers, zeros } from '../arrays.ts';
import { opSpec } from '../spec.ts';

/** log(sum over j of exp(z_j)) - z_k for each k of each row. */
export function negativeLogSoftmax(logits: Array64): Array64 {
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

export function forward([logits, truth]: readonly Array64[]): Array64 {
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

export function oneHot(labels: Array64, classes: number): Array64 {
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

export const softmaxCrossEntropySpec = opSpec({
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
  tolerance,
});

export const softmaxCrossEntropyOfWeightsSpec = opSpec({
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
  tolerance: {
    forward: { error: 5e-6, why: 'a sum of up to 33 losses, each with a logarithm' },
    backward: { error: 5e-6, why: 'softmax is multiplied by a sum of up to 33 weights' },
  },
});
