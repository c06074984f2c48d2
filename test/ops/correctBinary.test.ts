import { expect, test } from 'vitest';
import { correctBinary, graph, ShapeError } from '../../src/index.ts';
import { array64, map, randomArray, randomIntegers } from '../support/arrays.ts';
import { checkOp } from '../support/checkOp.ts';
import { runOnce } from '../support/session.ts';

checkOp({
  name: 'correctBinary',
  cases: [
    { why: 'one row', shapes: [[1], [1]], params: {} },
    {
      why: 'a column, more than a workgroup of vec4s',
      shapes: [
        [263, 1],
        [263, 1],
      ],
      params: {},
    },
    { why: 'a column and a vector', shapes: [[7, 1], [7]], params: {} },
  ],
  inputs: ([logits, truth], random) => [randomArray(logits!, random), randomIntegers(truth!, 2, random)],
  build: ([logits, truth]) => correctBinary(logits!, truth!),
  forward: ([logits, truth]) =>
    map(array64([logits!.shape[0]!], logits!.data), (z, i) => (z > 0 === truth!.data[i]! > 0.5 ? 1 : 0)),
  oracle: (_, [logits, truth]) => logits!.flatten().greater(0).equal(truth!.flatten().greater(0.5)).toFloat(),
  tolerance: { forward: { error: 0, why: 'comparisons, no arithmetic' } },
});

test('correctBinary: a logit of 0 is no 1, a truth of 1/2 neither', async () => {
  const g = graph();
  const inputs = [g.input('logits', [4]), g.input('truth', [4])] as const;
  const [got] = await runOnce(
    g,
    [
      [inputs[0], [0, 0, 1e-30, 1]],
      [inputs[1], [0, 1, 1, 0.5]],
    ],
    [correctBinary(...inputs)],
  );
  expect(got).toEqual([1, 0, 1, 0]);
});

test('correctBinary refuses more than one output a row, and shapes that differ', () => {
  const g = graph();
  expect(() => correctBinary(g.input('a', [4, 2]), g.input('b', [4, 2]))).toThrow(ShapeError);
  expect(() => correctBinary(g.input('c', [4, 1]), g.input('d', [3]))).toThrow(ShapeError);
});
