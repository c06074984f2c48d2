import { describe, expect, test } from 'vitest';
import { ArgumentError, gatherRows, gradients, graph, plan, ShapeError } from '../../src/index.ts';
import { array64, randomArray, randomIntegers, size, zeros } from '../support/arrays.ts';
import { checkOp } from '../support/checkOp.ts';
import { runOnce } from '../support/session.ts';

checkOp({
  name: 'gatherRows',
  cases: [
    { why: 'one row of one word', shapes: [[1, 1], [1], [1]], params: { rows: 1 } },
    { why: 'scalars, such as labels', shapes: [[9], [5], [1]], params: { rows: 5 } },
    { why: 'rows of odd length, word by word', shapes: [[6, 3, 5], [7], [1]], params: { rows: 7 } },
    { why: 'images of whole vec4s', shapes: [[5, 6, 6, 1], [33], [1]], params: { rows: 33 } },
    { why: 'a partial batch, word by word', shapes: [[4, 7], [6], [1]], params: { rows: 4 } },
    { why: 'a partial batch of vec4s', shapes: [[4, 8], [6], [1]], params: { rows: 1 } },
    { why: 'no row at all', shapes: [[4, 8], [3], [1]], params: { rows: 0 } },
  ],
  dtypes: ['f32', 'u32', 'u32'],
  inputs: ([data, indices], random, { rows }) => [
    randomArray(data!, random),
    randomIntegers(indices!, data![0]!, random),
    array64([1], [rows]),
  ],
  build: ([data, indices, rows]) => gatherRows(data!, indices!, rows!),
  forward: ([data, indices], { rows }) => {
    const [, ...row] = data!.shape;
    const y = zeros([indices!.shape[0]!, ...row]);
    for (let b = 0; b < rows; b++) {
      const from = indices!.data[b]! * size(row);
      y.data.set(data!.data.subarray(from, from + size(row)), b * size(row));
    }
    return y;
  },
  tolerance: { forward: { error: 0, why: 'words are moved as they are' } },
});

describe('gatherRows', () => {
  test.each(['i32', 'u32'] as const)('moves %s as it is, also where it would be no number', async (dtype) => {
    const g = graph();
    const data = g.input('labels', [3], dtype);
    const indices = g.input('indices', [4], 'u32');
    const rows = g.input('rows', [1], 'u32');
    const y = gatherRows(data, indices, rows);
    expect([y.shape, y.dtype]).toEqual([[4], dtype]);
    const words = dtype === 'i32' ? [-1, 0x7fc00001, 7] : [0xffffffff, 0x7f800001, 7];
    const [got] = await runOnce(
      g,
      [
        [data, words],
        [indices, [2, 0, 1, 0]],
        [rows, [3]],
      ],
      [y],
    );
    expect(got).toEqual([words[2], words[0], words[1], 0]);
  });

  test('datasets of all lengths share a pipeline', () => {
    const constants = [10, 1000].map((length) => {
      const g = graph();
      const data = g.input('data', [length, 8]);
      const y = gatherRows(data, g.input('indices', [4], 'u32'), g.input('rows', [1], 'u32'));
      return plan(g, [y]).dispatches[0]!.constants;
    });
    expect(constants[0]).toEqual(constants[1]);
  });

  test('has no gradient, and says so', () => {
    const g = graph();
    const data = g.input('data', [3, 2]);
    const y = gatherRows(data, g.input('indices', [2], 'u32'), g.input('rows', [1], 'u32'));
    expect(() => gradients(y, [data])).toThrow(ArgumentError);
  });

  test('refuses indices and counts that do not fit', () => {
    const g = graph();
    const data = g.input('data', [3, 2]);
    const [indices, rows] = [g.input('indices', [2], 'u32'), g.input('rows', [1], 'u32')];
    expect(() => gatherRows(data, g.input('signed', [2], 'i32'), rows)).toThrow(ShapeError);
    expect(() => gatherRows(data, g.input('matrix', [2, 1], 'u32'), rows)).toThrow(ShapeError);
    expect(() => gatherRows(data, indices, g.input('float', [1]))).toThrow(ShapeError);
  });
});
