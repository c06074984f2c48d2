import { correct } from '../../index.ts';
import { array64, map, randomArray, randomIntegers } from '../arrays.ts';
import { opSpec } from '../spec.ts';

/** Index of the first largest entry of a row. */
function argmax(data: Float64Array, row: number, classes: number): number {
  const scores = data.subarray(row * classes, (row + 1) * classes);
  return scores.indexOf(Math.max(...scores));
}

const CASES = [
  { why: 'one row of one class', rows: 1, classes: 1 },
  { why: 'two classes', rows: 33, classes: 2 },
  { why: 'more rows than a workgroup', rows: 131, classes: 5 },
];

const exact = { forward: { error: 0, why: 'comparisons, no arithmetic' } };

export const correctByNumberSpec = opSpec({
  name: 'correct by class numbers',
  cases: CASES.map(({ why, rows, classes }) => ({ why, shapes: [[rows, classes], [rows]], params: classes })),
  dtypes: ['f32', 'i32'],
  inputs: ([scores, labels], random, classes) => [
    randomArray(scores!, random),
    randomIntegers(labels!, classes, random),
  ],
  build: ([scores, labels]) => correct(scores!, labels!),
  forward: ([scores, labels], classes) =>
    map(labels!, (label, row) => (argmax(scores!.data, row, classes) === label ? 1 : 0)),
  tolerance: exact,
});

export const correctByWeightSpec = opSpec({
  name: 'correct by weights of the classes',
  cases: CASES.map(({ why, rows, classes }) => ({
    why,
    shapes: [
      [rows, classes],
      [rows, classes],
    ],
    params: classes,
  })),
  build: ([scores, truth]) => correct(scores!, truth!),
  forward: ([scores, truth], classes) =>
    map(
      array64(
        [scores!.shape[0]!],
        scores!.data.filter((_, i) => i % classes === 0),
      ),
      (_, row) => (argmax(scores!.data, row, classes) === argmax(truth!.data, row, classes) ? 1 : 0),
    ),
  tolerance: exact,
});
