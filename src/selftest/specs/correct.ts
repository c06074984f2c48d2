/** Spec of correct: class indices and one-hot labels, and scores with NaNs. */
import { correct } from '../../index.ts';
import { array64, map, randomArray, randomIntegers } from '../arrays.ts';
import { opSpec } from '../spec.ts';

/** Index of the first largest entry of a row; -1 if an entry is a NaN. */
function argmax(data: Float64Array, row: number, classes: number): number {
  const scores = data.subarray(row * classes, (row + 1) * classes);
  return scores.indexOf(Math.max(...scores));
}

interface Params {
  readonly classes: number;
  /** Whether some scores are NaN. */
  readonly nan?: boolean;
}

const CASES: readonly (Params & { readonly why: string; readonly rows: number })[] = [
  { why: 'one row of one class', rows: 1, classes: 1 },
  { why: 'two classes', rows: 33, classes: 2 },
  { why: 'more rows than a workgroup', rows: 131, classes: 5 },
  { why: 'rows with a NaN, which are not right', rows: 70, classes: 2, nan: true },
];

const exact = { forward: { error: 0, why: 'comparisons, no arithmetic' } };

const drawn = (shape: readonly number[], random: Parameters<typeof randomArray>[1], { nan }: Params) =>
  map(randomArray(shape, random), (v, i) => (nan && i % 5 === 1 ? Number.NaN : v));

export const correctByNumberSpec = opSpec<Params>({
  name: 'correct by class numbers',
  cases: CASES.map(({ why, rows, ...params }) => ({ why, shapes: [[rows, params.classes], [rows]], params })),
  dtypes: ['f32', 'i32'],
  inputs: ([scores, labels], random, params) => [
    drawn(scores!, random, params),
    randomIntegers(labels!, params.classes, random),
  ],
  build: ([scores, labels]) => correct(scores!, labels!),
  forward: ([scores, labels], { classes }) =>
    map(labels!, (label, row) => (argmax(scores!.data, row, classes) === label ? 1 : 0)),
  tolerance: exact,
});

export const correctByWeightSpec = opSpec<Params>({
  name: 'correct by weights of the classes',
  cases: CASES.map(({ why, rows, ...params }) => ({
    why,
    shapes: [
      [rows, params.classes],
      [rows, params.classes],
    ],
    params,
  })),
  inputs: ([scores, truth], random, params) => [drawn(scores!, random, params), randomArray(truth!, random)],
  build: ([scores, truth]) => correct(scores!, truth!),
  forward: ([scores, truth], { classes }) =>
    map(
      array64(
        [scores!.shape[0]!],
        scores!.data.filter((_, i) => i % classes === 0),
      ),
      (_, row) => (argmax(scores!.data, row, classes) === argmax(truth!.data, row, classes) ? 1 : 0),
    ),
  tolerance: exact,
});
