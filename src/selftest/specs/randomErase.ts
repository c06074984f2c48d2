import { type RandomEraseOptions, randomErase } from '../../augmentation/index.ts';
import { type Array64, array64, indices, map, randomArray } from '../arrays.ts';
import { drawOf } from '../hash.ts';
import { type OpCase, opSpec } from '../spec.ts';

export interface Params extends RandomEraseOptions {
  /** The step's seed; with another number, that of the first example. */
  readonly seed: readonly number[];
}

/** x with another value where the rectangles lie. */
function erased(x: Array64, { seed, salt, size: [height, width] }: Params, value: number): Array64 {
  const [, h, w] = x.shape as [number, number, number, number];
  return map(x, (v, e) => {
    const [b, i, j] = indices(e, x.shape) as [number, number, number, number];
    const [row, column] = drawOf(b, seed, salt) as [number, number, number, number];
    const top = (row % h) - Math.floor(height / 2);
    const left = (column % w) - Math.floor(width / 2);
    return i >= top && i < top + height && j >= left && j < left + width ? value : v;
  });
}

const seed = [987654321];
const CASES: readonly OpCase<Params>[] = [
  { why: 'odd sizes', shapes: [[5, 7, 9, 3]], params: { seed, salt: 0, size: [3, 5] } },
  { why: 'even sizes, a value', shapes: [[4, 6, 5, 1]], params: { seed, salt: 1, size: [2, 4], fillValue: 0.25 } },
  {
    why: 'far on in a batch',
    shapes: [[7, 5, 5, 2]],
    params: { seed: [3, 4294967293], salt: 4294967295, size: [3, 3] },
  },
  { why: 'larger than the image', shapes: [[6, 3, 4, 2]], params: { seed, salt: 2, size: [7, 1] } },
  { why: 'one pixel', shapes: [[2, 1, 1, 4]], params: { seed, salt: 3, size: [1, 1], fillValue: -1 } },
];

export const randomEraseSpec = opSpec<Params>({
  name: 'randomErase',
  cases: CASES.map((one) => ({ ...one, shapes: [...one.shapes, [one.params.seed.length]] })),
  dtypes: ['f32', 'u32'],
  inputs: ([x], random, params) => [randomArray(x!, random), array64([params.seed.length], params.seed)],
  build: ([x, given], { seed: _, ...options }) => randomErase(x!, given!, options),
  forward: ([x], params) => erased(x!, params, params.fillValue ?? 0),
  backward: (_, dy, params) => [erased(dy, params, 0), undefined],
  tolerance: { forward: { error: 0, why: 'values are copied' } },
});
