/** Shared by the specs of the pools: options, cases, and the windows of a pool as plain lists. */
import { type Array64, map, size } from './arrays.ts';
import { both } from './convolution.ts';
import type { OpCase } from './spec.ts';

export interface PoolParams {
  readonly poolSize: number | readonly [number, number];
  readonly strides?: number | readonly [number, number];
  readonly padding?: 'valid' | 'same' | readonly [readonly [number, number], readonly [number, number]];
}

/** An element of x in a window, and its index in the window. */
export interface Tap {
  readonly index: number;
  readonly tap: number;
}

/** The shape of y, and for each of its elements the taps that lie inside the image, in row-major order. */
export function poolWindows(
  [n, h, w, c]: readonly number[],
  { poolSize, strides = poolSize, padding = 'valid' }: PoolParams,
): { shape: readonly number[]; windows: Tap[][] } {
  const [kh, kw] = both(poolSize) as [number, number];
  const [sy, sx] = both(strides) as [number, number];
  // TensorFlow's rule for `same`: ceil(pixels / stride) outputs; of an odd padding the larger half comes last.
  const sides = (pixels: number, kernel: number, stride: number, axis: 0 | 1): readonly [number, number] => {
    if (padding === 'valid') return [0, 0];
    if (padding !== 'same') return padding[axis];
    const total = Math.max(0, (Math.ceil(pixels / stride) - 1) * stride + kernel - pixels);
    return [Math.floor(total / 2), Math.ceil(total / 2)];
  };
  const [top, bottom] = sides(h!, kh, sy, 0);
  const [left, right] = sides(w!, kw, sx, 1);
  const oh = Math.floor((h! + top + bottom - kh) / sy) + 1;
  const ow = Math.floor((w! + left + right - kw) / sx) + 1;
  const shape = [n!, oh, ow, c!];
  const windows = Array.from({ length: size(shape) }, (_, o) => {
    const channel = o % c!;
    const ox = Math.floor(o / c!) % ow;
    const oy = Math.floor(o / (c! * ow)) % oh;
    const image = Math.floor(o / (c! * ow * oh));
    const taps: Tap[] = [];
    for (let ky = 0; ky < kh; ky++) {
      for (let kx = 0; kx < kw; kx++) {
        const y = oy * sy + ky - top;
        const x = ox * sx + kx - left;
        if (y < 0 || y >= h! || x < 0 || x >= w!) continue;
        taps.push({ index: ((image * h! + y) * w! + x) * c! + channel, tap: ky * kw + kx });
      }
    }
    return taps;
  });
  return { shape, windows };
}

/** Different values in random order, exact in float32. They differ by more than the step of finite differences. */
export function distinct(shape: readonly number[], random: () => number): Array64 {
  const count = size(shape);
  const order = Array.from({ length: count }, (_, i) => i);
  for (let i = count - 1; i > 0; i--) {
    const j = Math.floor((i + 1) * random());
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return map({ shape, data: Float64Array.from(order) }, (v) => Math.fround((2 * v + 1) / count - 1));
}

export const poolCases: readonly OpCase<PoolParams>[] = [
  { why: 'one pixel', shapes: [[1, 1, 1, 1]], params: { poolSize: 1 } },
  { why: 'edge to edge, the baseline', shapes: [[2, 12, 8, 8]], params: { poolSize: 4 } },
  { why: 'edge to edge, scalar channels', shapes: [[2, 6, 10, 3]], params: { poolSize: 2 } },
  { why: 'rows and columns that no window reaches', shapes: [[2, 8, 11, 4]], params: { poolSize: [3, 4] } },
  { why: 'the same, scalar channels', shapes: [[1, 8, 11, 5]], params: { poolSize: [3, 4] } },
  { why: 'edge to edge, padded', shapes: [[2, 7, 5, 4]], params: { poolSize: [2, 3], padding: 'same' } },
  { why: 'the same, one channel', shapes: [[2, 7, 5, 1]], params: { poolSize: [2, 3], padding: 'same' } },
  { why: 'overlap, vec4 channels', shapes: [[2, 9, 7, 12]], params: { poolSize: 3, strides: 2 } },
  { why: 'overlap, padded', shapes: [[2, 6, 9, 33]], params: { poolSize: 3, strides: 2, padding: 'same' } },
  { why: 'every pixel in nine windows', shapes: [[1, 5, 6, 4]], params: { poolSize: 3, strides: 1, padding: 'same' } },
  { why: 'gaps between windows', shapes: [[2, 8, 7, 3]], params: { poolSize: 2, strides: [3, 4] } },
  { why: 'gaps between windows, padded', shapes: [[1, 8, 7, 4]], params: { poolSize: 2, strides: 3, padding: 'same' } },
  { why: 'window as large as the image', shapes: [[3, 5, 3, 4]], params: { poolSize: [5, 3] } },
  { why: 'strides of two kinds', shapes: [[1, 7, 9, 2]], params: { poolSize: [3, 2], strides: [1, 2] } },
  {
    why: 'padding on each side of its own',
    shapes: [[2, 6, 5, 4]],
    params: { poolSize: 3, strides: [2, 3], padding: [[2, 1], [0, 2]] }, // biome-ignore format: pairs
  },
  {
    why: 'edge to edge, padding on each side of its own',
    shapes: [[2, 6, 5, 3]],
    params: { poolSize: 3, padding: [[1, 2], [2, 0]] }, // biome-ignore format: pairs
  },
];
