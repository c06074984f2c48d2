/** Spec of the affine maps of images: their taps and weights one by one, in double precision, by the draws of the shader. */
import { type RandomAffineOptions, randomAffine } from '../../augmentation/index.ts';
import { type Array64, array64, randomArray, zeros } from '../arrays.ts';
import { drawOf, unit } from '../hash.ts';
import { type OpCase, opSpec } from '../spec.ts';

export interface Params extends RandomAffineOptions {
  /** The step's seed; with another number, that of the first example. */
  readonly seed: readonly number[];
}

/** Row and column of x are rows . (i, j, 1) and columns . (i, j, 1). */
export interface Map2d {
  readonly rows: readonly [number, number, number];
  readonly columns: readonly [number, number, number];
}

/** The map of an example. */
export function mapOf(example: number, [, h, w]: readonly number[], params: Params): Map2d {
  const { seed, salt, flip, crop, translation, rotation, zoom } = params;
  const words = drawOf(example, seed, salt);
  const within = ([low, high]: readonly [number, number], k: 0 | 1) => low + (high - low) * unit(words[k]!);
  const [lastRow, lastColumn] = [h! - 1, w! - 1];
  if (flip) {
    const row = flip !== 'horizontal' && words[0]! >= 2 ** 31;
    const column = flip !== 'vertical' && words[1]! >= 2 ** 31;
    return { rows: row ? [-1, 0, lastRow] : [1, 0, 0], columns: column ? [0, -1, lastColumn] : [0, 1, 0] };
  }
  if (crop) return { rows: [1, 0, words[0]! % (h! - crop[0] + 1)], columns: [0, 1, words[1]! % (w! - crop[1] + 1)] };
  if (translation) return { rows: [1, 0, -within(translation[0], 0)], columns: [0, 1, -within(translation[1], 1)] };
  const [row, column] = [lastRow / 2, lastColumn / 2];
  if (rotation) {
    const turns = within(rotation, 0);
    // The library's cosine of a quarter turn is 6e-17, not 0, which would make the nearest pixel one of chance.
    const [cos, sin] = [Math.cos(2 * Math.PI * turns), Math.sin(2 * Math.PI * turns)].map(
      (v) => Math.round(v * 1e15) / 1e15,
    );
    return {
      rows: [cos!, sin!, row - cos! * row - sin! * column],
      columns: [-sin!, cos!, column + sin! * row - cos! * column],
    };
  }
  const a = within(zoom![0], 0);
  const b = zoom!.length === 1 ? a : within(zoom![1], 1);
  return { rows: [a, 0, row * (1 - a)], columns: [0, b, column * (1 - b)] };
}

/** The pixel that stands at a place of an axis with n of them; -1 for none. */
function fold(at: number, n: number, mode: Params['fillMode'] = 'reflect'): number {
  if (at >= 0 && at < n) return at;
  if (mode === 'constant') return -1;
  if (mode === 'nearest') return at < 0 ? 0 : n - 1;
  const tile = Math.floor(at / n);
  const inside = at - tile * n;
  return mode === 'reflect' && tile % 2 !== 0 ? n - 1 - inside : inside;
}

/** Calls `visit` with flat indices of y and x and the weight between them; -1 in place of x for what lies outside. @returns y's shape */
function taps(
  shape: readonly number[],
  params: Params,
  visit: (iy: number, ix: number, weight: number) => void = () => {},
) {
  const [n, h, w, c] = shape as [number, number, number, number];
  const { crop, flip, fillMode, interpolation = 'bilinear' } = params;
  const [height, width] = crop ?? [h, w];
  const around = (place: number): [number, number][] => {
    if (interpolation === 'nearest' || crop || flip) return [[Math.floor(place + 0.5), 1]];
    const first = Math.floor(place);
    return [[first, 1 - (place - first)], [first + 1, place - first]]; // biome-ignore format: pairs
  };
  for (let b = 0; b < n; b++) {
    const { rows, columns } = mapOf(b, shape, params);
    for (let i = 0; i < height; i++) {
      for (let j = 0; j < width; j++) {
        for (const [row, p] of around(rows[0] * i + rows[1] * j + rows[2])) {
          for (const [column, q] of around(columns[0] * i + columns[1] * j + columns[2])) {
            const [v, u] = [fold(row, h, fillMode), fold(column, w, fillMode)];
            for (let k = 0; k < c; k++) {
              const ix = v < 0 || u < 0 ? -1 : ((b * h + v) * w + u) * c + k;
              visit(((b * height + i) * width + j) * c + k, ix, p * q);
            }
          }
        }
      }
    }
  }
  return [n, height, width, c];
}

const seed = [123456789];
const half = { translation: [[-6.5, 6.5], [-5, 5]] } as const; // biome-ignore format: pairs
const turn = { rotation: [-1, 1] } as const;
const zoom = { zoom: [[0.3, 2.5], [0.3, 2.5]] } as const; // biome-ignore format: pairs
const FILLS = ['constant', 'reflect', 'wrap', 'nearest'] as const;

const CASES: readonly OpCase<Params>[] = [
  { why: 'flips in a direction', shapes: [[5, 4, 3, 2]], params: { seed, salt: 0, flip: 'horizontal' } },
  { why: 'flips in the other', shapes: [[5, 3, 4, 1]], params: { seed, salt: 1, flip: 'vertical' } },
  { why: 'flips in both, far on in a batch', shapes: [[9, 3, 5, 3]], params: { seed: [7, 4294967290], salt: 4294967295, flip: 'horizontalAndVertical' } }, // biome-ignore format: a row
  { why: 'windows', shapes: [[6, 7, 5, 3]], params: { seed, salt: 2, crop: [4, 3] } },
  { why: 'a window as large as the image', shapes: [[2, 3, 4, 1]], params: { seed, salt: 2, crop: [3, 4] } },
  { why: 'a window of one pixel', shapes: [[4, 6, 1, 4]], params: { seed, salt: 3, crop: [1, 1] } },
  ...FILLS.map((fillMode) => ({ why: 'farther than the image', shapes: [[4, 4, 3, 2]], params: { seed, salt: 4, ...half, fillMode, fillValue: -2 } })), // biome-ignore format: a row
  ...FILLS.map((fillMode) => ({ why: 'turns, no square', shapes: [[3, 5, 7, 3]], params: { seed, salt: 5, ...turn, fillMode, fillValue: 0.5 } })), // biome-ignore format: a row
  ...FILLS.map((fillMode) => ({ why: 'two draws of a size', shapes: [[3, 6, 5, 1]], params: { seed, salt: 6, ...zoom, fillMode } })), // biome-ignore format: a row
  { why: 'one draw for both directions', shapes: [[4, 6, 5, 2]], params: { seed, salt: 7, zoom: [[0.4, 1.8]] } },
  { why: 'the nearest pixel, turned', shapes: [[4, 6, 5, 3]], params: { seed, salt: 8, ...turn, interpolation: 'nearest' } }, // biome-ignore format: a row
  { why: 'the nearest pixel, moved', shapes: [[4, 4, 6, 1]], params: { seed, salt: 9, ...half, interpolation: 'nearest', fillMode: 'wrap' } }, // biome-ignore format: a row
  { why: 'the nearest pixel of an image around', shapes: [[2, 4, 3, 1]], params: { seed, salt: 9, zoom: [[3, 4]], interpolation: 'nearest', fillMode: 'nearest' } }, // biome-ignore format: a row
  { why: 'one pixel alone', shapes: [[3, 1, 1, 1]], params: { seed, salt: 10, ...turn } },
  { why: 'quarter turns of a square', shapes: [[2, 4, 4, 1]], params: { seed, salt: 11, rotation: [0.25, 0.25] } },
  { why: 'nothing to do', shapes: [[2, 3, 4, 1]], params: { seed, salt: 12, rotation: [0, 0] } },
];

export const randomAffineSpec = opSpec<Params>({
  name: 'randomAffine',
  cases: CASES.map((one) => ({ ...one, shapes: [...one.shapes, [one.params.seed.length]] })),
  dtypes: ['f32', 'u32'],
  inputs: ([x], random, params) => [randomArray(x!, random), array64([params.seed.length], params.seed)],
  build: ([x, given], { seed: _, ...options }) => randomAffine(x!, given!, options),
  forward: ([x], params) => {
    const y = zeros(taps(x!.shape, params));
    const { fillValue = 0 } = params;
    taps(x!.shape, params, (iy, ix, weight) => {
      if (weight !== 0) y.data[iy]! += weight * (ix < 0 ? fillValue : x!.data[ix]!);
    });
    return y;
  },
  backward: ([x], dy, params): (Array64 | undefined)[] => {
    const dx = zeros(x!.shape);
    taps(x!.shape, params, (iy, ix, weight) => {
      if (ix >= 0 && weight !== 0) dx.data[ix]! += weight * dy.data[iy]!;
    });
    return [dx, undefined];
  },
  // Where a place falls on a pixel, a kernel may multiply the next one by 0.
  spreads: [0, 2],
  tolerance: {
    forward: { error: 1e-5, why: 'places of up to 12 pixels in float32, off by some 1e-6 each, by slopes of up to 2' },
    backward: { error: 3e-5, why: 'sums of up to 60 weights, each as far off' },
  },
});
