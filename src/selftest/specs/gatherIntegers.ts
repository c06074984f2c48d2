import { gatherIntegers, type NarrowInteger } from '../../index.ts';
import { array64, randomIntegers, size, zeros } from '../arrays.ts';
import { opSpec } from '../spec.ts';

interface Params {
  readonly rows: number;
  readonly type: NarrowInteger;
  /** Shape of a row. */
  readonly shape: readonly number[];
  /** Number of rows of the dataset. */
  readonly count: number;
}

/** Words for as many rows, which may end within a word. */
export const wordsOf = ({ type, shape, count }: Params) =>
  Math.ceil((count * size(shape) * (type.endsWith('16') ? 2 : 1)) / 4);

const caseOf = (why: string, batch: number, params: Params) => ({
  why,
  shapes: [[wordsOf(params)], [batch], [1]],
  params,
});

export const gatherIntegersSpec = opSpec<Params>({
  name: 'gatherIntegers',
  cases: [
    caseOf('one byte', 1, { rows: 1, type: 'uint8', shape: [1], count: 1 }),
    caseOf('rows of 7 bytes, which begin anywhere in a word', 9, { rows: 9, type: 'uint8', shape: [7], count: 5 }),
    caseOf('rows of 9 bytes with a sign, a partial batch', 6, { rows: 4, type: 'int8', shape: [3, 1, 3], count: 6 }),
    caseOf('rows of 5 numbers of 16 bits', 7, { rows: 7, type: 'uint16', shape: [5], count: 3 }),
    caseOf('rows of 3 numbers of 16 bits with a sign', 5, { rows: 5, type: 'int16', shape: [3], count: 7 }),
    caseOf('pictures of whole words', 33, { rows: 33, type: 'uint8', shape: [6, 6, 3], count: 5 }),
    caseOf('whole words of bytes with a sign', 6, { rows: 1, type: 'int8', shape: [8], count: 4 }),
    caseOf('whole words of 16 bits', 5, { rows: 4, type: 'uint16', shape: [2, 2, 1], count: 6 }),
    caseOf('whole words of 16 bits with a sign', 4, { rows: 4, type: 'int16', shape: [12], count: 2 }),
    caseOf('no row at all', 3, { rows: 0, type: 'uint8', shape: [8], count: 4 }),
  ],
  dtypes: ['u32', 'u32', 'u32'],
  inputs: ([data, indices], random, { rows, count }) => [
    randomIntegers(data!, 2 ** 32, random),
    randomIntegers(indices!, count, random),
    array64([1], [rows]),
  ],
  build: ([data, indices, rows], { type, shape }) => gatherIntegers(data!, indices!, rows!, { type, shape }),
  forward: ([data, indices], { rows, type, shape }) => {
    const bits = type.endsWith('16') ? 16 : 8;
    const each = 32 / bits;
    const y = zeros([indices!.shape[0]!, ...shape]);
    const length = size(shape);
    for (let i = 0; i < rows * length; i++) {
      const at = indices!.data[Math.floor(i / length)]! * length + (i % length);
      const value = Math.floor(data!.data[Math.floor(at / each)]! / 2 ** (bits * (at % each))) % 2 ** bits;
      y.data[i] = type.startsWith('i') && value >= 2 ** (bits - 1) ? value - 2 ** bits : value;
    }
    return y;
  },
  tolerance: { forward: { error: 0, why: 'all integers of 16 bits are exact in float32' } },
});
