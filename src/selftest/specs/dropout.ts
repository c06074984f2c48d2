/** Spec of dropout: the hash of its shader in JavaScript gives the expected mask. */
import { type DropoutOptions, dropout } from '../../index.ts';
import { type Array64, array64, map, randomArray } from '../arrays.ts';
import { mix32, pcg4d } from '../hash.ts';
import { opSpec } from '../spec.ts';

/** For each element the factor that it is multiplied with: 0 or 1 / (1 - rate). */
function factor(index: number, seed: number, { rate, salt }: DropoutOptions): number {
  const hash = pcg4d([index >>> 2, mix32(seed), mix32(salt), 0])[index & 3]!;
  return hash >= Math.floor(rate * 2 ** 32) ? 1 / (1 - rate) : 0;
}

interface Params extends DropoutOptions {
  readonly seed: number;
}

const apply = (x: Array64, seed: Array64, options: DropoutOptions) =>
  map(x, (v, i) => {
    const scale = factor(i, seed.data[0]!, options);
    return scale === 0 ? 0 : v * scale;
  });

export const dropoutSpec = opSpec<Params>({
  name: 'dropout',
  cases: [
    { why: 'one element', shapes: [[1], [1]], params: { rate: 0.5, salt: 0, seed: 0 } },
    {
      why: 'odd sizes, partial vec4 and workgroup',
      shapes: [[3, 5, 7, 3], [1]],
      params: { rate: 0.3, salt: 1, seed: 7 },
    },
    {
      why: 'seed and salt use all bits',
      shapes: [[9, 33], [1]],
      params: { rate: 0.9, salt: 4294967295, seed: 3735928559 },
    },
    { why: 'rate 0 is the identity', shapes: [[5, 3], [1]], params: { rate: 0, salt: 1, seed: 7 } },
    { why: 'a rate that float32 rounds to 1', shapes: [[5, 3], [1]], params: { rate: 1 - 1e-12, salt: 1, seed: 7 } },
  ],
  dtypes: ['f32', 'u32'],
  inputs: ([shape], random, { seed }) => [randomArray(shape!, random), array64([1], [seed])],
  build: ([x, seed], { rate, salt }) => dropout(x!, seed!, { rate, salt }),
  forward: ([x, seed], options) => apply(x!, seed!, options),
  backward: ([, seed], dy, options) => [apply(dy, seed!, options), undefined],
  tolerance: { forward: { error: 2e-7, why: 'the scale rounded to float32, one product; the mask is exact' } },
});
