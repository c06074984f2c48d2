import { describe, expect, test } from 'vitest';
import { ArgumentError, correct, gradients, graph, ShapeError } from '../../src/index.ts';
import { array64, map, randomArray, randomIntegers } from '../support/arrays.ts';
import { checkOp } from '../support/checkOp.ts';
import { runOnce } from '../support/session.ts';

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

checkOp({
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
  oracle: (_, [scores, labels]) => scores!.argMax(-1).equal(labels!.toInt()).toFloat(),
  tolerance: exact,
});

checkOp({
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
  oracle: (_, [scores, truth]) => scores!.argMax(-1).equal(truth!.argMax(-1)).toFloat(),
  tolerance: exact,
});

describe('correct', () => {
  test('of equal scores the first wins', async () => {
    const g = graph();
    const scores = g.input('scores', [3, 3]);
    const labels = g.input('labels', [3], 'i32');
    const [got] = await runOnce(
      g,
      [
        [scores, [1, 1, 1, 0, 2, 2, -1, -1, -2]],
        [labels, [0, 2, 1]],
      ],
      [correct(scores, labels)],
    );
    expect(got).toEqual([1, 0, 0]);
  });

  test('has no gradient, and says so', () => {
    const g = graph();
    const scores = g.input('scores', [2, 3]);
    const y = correct(scores, g.input('labels', [2], 'i32'));
    expect(() => gradients(y, [scores])).toThrow(ArgumentError);
  });

  test('refuses labels that do not fit', () => {
    const g = graph();
    const scores = g.input('scores', [4, 3]);
    expect(() => correct(scores, g.input('a', [3], 'i32'))).toThrow(ShapeError);
    expect(() => correct(scores, g.input('b', [4, 2]))).toThrow(ShapeError);
    expect(() => correct(g.input('c', [4, 3], 'i32'), g.input('d', [4], 'i32'))).toThrow(ShapeError);
  });
});
