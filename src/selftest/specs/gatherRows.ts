import { gatherRows } from '../../index.ts';
import { array64, randomArray, randomIntegers, size, zeros } from '../arrays.ts';
import { opSpec } from '../spec.ts';

export const gatherRowsSpec = opSpec({
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
