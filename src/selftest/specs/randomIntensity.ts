import { type RandomIntensityOptions, randomIntensity } from '../../augmentation/index.ts';
import { type Array64, array64, indices, map, randomArray, zeros } from '../arrays.ts';
import { drawOf, unit } from '../hash.ts';
import { type OpCase, opSpec } from '../spec.ts';

export interface Params extends RandomIntensityOptions {
  /** The step's seed; with another number, that of the first example. */
  readonly seed: readonly number[];
}

/** What is drawn for an example. */
export function amountOf(example: number, { seed, salt, brightness, contrast }: Params): number {
  const [low, high] = (brightness ?? contrast)!;
  return low + (high - low) * unit(drawOf(example, seed, salt)[0]!);
}

/** For each element the sum over its channel in its image. */
function channelSums(x: Array64): Array64 {
  const [n, , , c] = x.shape as [number, number, number, number];
  const sums = zeros([n, c]);
  const at = (e: number) => indices(e, x.shape)[0]! * c + (e % c);
  x.data.forEach((v, e) => {
    sums.data[at(e)]! += v;
  });
  return map(x, (_, e) => sums.data[at(e)]!);
}

/** Before values are cut off. */
function changed(x: Array64, params: Params): Array64 {
  const [, h, w] = x.shape as [number, number, number, number];
  const sums = params.contrast && channelSums(x);
  return map(x, (v, e) => {
    const amount = amountOf(indices(e, x.shape)[0]!, params);
    if (!sums) return v + amount;
    const mean = sums.data[e]! / (h * w);
    return (v - mean) * amount + mean;
  });
}

const seed = [55555];
const CASES: readonly OpCase<Params>[] = [
  { why: 'odd sizes', shapes: [[5, 3, 7, 3]], params: { seed, salt: 0, brightness: [-0.5, 0.5], valueRange: [-2, 2] } },
  { why: 'cut off at both ends', shapes: [[4, 6, 5, 1]], params: { seed, salt: 1, brightness: [-0.3, 0.6], valueRange: [-0.5, 0.7] } }, // biome-ignore format: a row
  { why: 'far on in a batch', shapes: [[7, 4, 4, 2]], params: { seed: [3, 4294967293], salt: 4294967295, brightness: [0, 1], valueRange: [-9, 9] } }, // biome-ignore format: a row
  { why: 'contrast of channels', shapes: [[5, 5, 3, 3]], params: { seed, salt: 2, contrast: [0.2, 1.8], valueRange: [-4, 4] } }, // biome-ignore format: a row
  { why: 'contrast, cut off', shapes: [[4, 9, 8, 4]], params: { seed, salt: 3, contrast: [1, 2], valueRange: [-1, 0.8] } }, // biome-ignore format: a row
  { why: 'one pixel, which is its mean', shapes: [[3, 1, 1, 2]], params: { seed, salt: 4, contrast: [0, 1], valueRange: [-1, 1] } }, // biome-ignore format: a row
];

export const randomIntensitySpec = opSpec<Params>({
  name: 'randomIntensity',
  cases: CASES.map((one) => ({ ...one, shapes: [...one.shapes, [one.params.seed.length]] })),
  dtypes: ['f32', 'u32'],
  inputs: ([x], random, params) => [randomArray(x!, random), array64([params.seed.length], params.seed)],
  build: ([x, given], { seed: _, ...options }) => randomIntensity(x!, given!, options),
  forward: ([x], params) => {
    const [lowest, highest] = params.valueRange;
    return map(changed(x!, params), (v) => (v < lowest ? lowest : v > highest ? highest : v));
  },
  backward: ([x], dy, params) => {
    const [, h, w] = x!.shape as [number, number, number, number];
    const before = changed(x!, params);
    const [lowest, highest] = params.valueRange;
    const kept = map(dy, (d, e) => (before.data[e]! < lowest || before.data[e]! > highest ? 0 : d));
    if (!params.contrast) return [kept, undefined];
    const sums = channelSums(kept);
    const dx = map(kept, (d, e) => {
      const amount = amountOf(indices(e, x!.shape)[0]!, params);
      return d * amount + ((1 - amount) * sums.data[e]!) / (h * w);
    });
    return [dx, undefined];
  },
  tolerance: {
    forward: { error: 2e-6, why: 'a mean of up to 72 values, a product, a sum; the draw rounded to float32' },
  },
});
