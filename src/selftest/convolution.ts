/**
 * Shared by the specs of the convolutions: options, cases, and references as plain loops over the products of a
 * convolution.
 */
import type { Conv2dOptions } from '../index.ts';
import { type Array64, zeros } from './arrays.ts';
import type { OpCase } from './spec.ts';

export interface ConvParams extends Conv2dOptions {
  readonly strides?: number | readonly [number, number];
  readonly dilation?: number | readonly [number, number];
  readonly padding?: 'valid' | 'same' | readonly [readonly [number, number], readonly [number, number]];
}

/** A number for each axis. */
export const both = (value: number | readonly [number, number]) => (typeof value === 'number' ? [value, value] : value);

/** `[before, after]` along an axis. For `same`, TensorFlow's rule: of an odd padding the larger half comes last. */
function sides(
  padding: ConvParams['padding'],
  axis: 0 | 1,
  size: number,
  span: number,
  stride: number,
): readonly [number, number] {
  if (padding === undefined || padding === 'valid') return [0, 0];
  if (padding !== 'same') return padding[axis];
  const total = Math.max(0, (Math.ceil(size / stride) - 1) * stride + span - size);
  return [Math.floor(total / 2), Math.ceil(total / 2)];
}

/**
 * Calls `visit` with the flat indices into x, w and y of every product of the convolution.
 * @returns the shape of y
 */
export function products(
  x: readonly number[],
  w: readonly number[],
  { strides = 1, dilation = 1, padding, groups = 1 }: ConvParams,
  visit: (ix: number, iw: number, iy: number) => void = () => {},
): readonly number[] {
  const [n, height, width, c] = x as [number, number, number, number];
  const [kh, kw, perGroup, k] = w as [number, number, number, number];
  const [sy, sx] = both(strides) as [number, number];
  const [dy, dx] = both(dilation) as [number, number];
  const [spanY, spanX] = [(kh - 1) * dy + 1, (kw - 1) * dx + 1];
  const [top, bottom] = sides(padding, 0, height, spanY, sy);
  const [left, right] = sides(padding, 1, width, spanX, sx);
  const oh = Math.floor((height + top + bottom - spanY) / sy) + 1;
  const ow = Math.floor((width + left + right - spanX) / sx) + 1;
  for (let b = 0; b < n; b++) {
    for (let oy = 0; oy < oh; oy++) {
      for (let ox = 0; ox < ow; ox++) {
        for (let ky = 0; ky < kh; ky++) {
          const iy = oy * sy + ky * dy - top;
          if (iy < 0 || iy >= height) continue;
          for (let kx = 0; kx < kw; kx++) {
            const ix = ox * sx + kx * dx - left;
            if (ix < 0 || ix >= width) continue;
            for (let ci = 0; ci < perGroup; ci++) {
              for (let ko = 0; ko < k; ko++) {
                const channel = Math.floor(ko / (k / groups)) * perGroup + ci;
                visit(
                  ((b * height + iy) * width + ix) * c + channel,
                  ((ky * kw + kx) * perGroup + ci) * k + ko,
                  ((b * oh + oy) * ow + ox) * k + ko,
                );
              }
            }
          }
        }
      }
    }
  }
  return [n, oh, ow, k];
}

export function convReference(x: Array64, w: Array64, params: ConvParams): Array64 {
  const y = zeros(products(x.shape, w.shape, { ...params, strides: params.strides ?? 1 }));
  products(x.shape, w.shape, params, (ix, iw, iy) => {
    y.data[iy]! += x.data[ix]! * w.data[iw]!;
  });
  return y;
}

export function inputGradReference(dy: Array64, w: Array64, x: readonly number[], params: ConvParams): Array64 {
  const dx = zeros(x);
  products(x, w.shape, params, (ix, iw, iy) => {
    dx.data[ix]! += dy.data[iy]! * w.data[iw]!;
  });
  return dx;
}

export function filterGradReference(x: Array64, dy: Array64, w: readonly number[], params: ConvParams): Array64 {
  const dw = zeros(w);
  products(x.shape, w, params, (ix, iw, iy) => {
    dw.data[iw]! += x.data[ix]! * dy.data[iy]!;
  });
  return dw;
}

const sized = (
  why: string,
  x: readonly [number, number, number, number],
  w: readonly [number, number, number, number],
  params: ConvParams = {},
): OpCase<ConvParams> => ({ why, shapes: [x, w], params });

export const convCases: readonly OpCase<ConvParams>[] = [
  sized('one pixel, one tap', [1, 1, 1, 1], [1, 1, 1, 1]),
  sized('one pixel, many channels', [3, 1, 1, 33], [1, 1, 33, 5]),
  sized('kernel as large as the image', [2, 5, 3, 3], [5, 3, 3, 8]),
  sized('the brain baseline in small', [1, 20, 20, 1], [5, 5, 1, 32]),
  sized('the same, batch, padded', [2, 9, 11, 1], [5, 5, 1, 8], { padding: 'same' }),
  sized('the course in small: 2x2, whole vec4s', [2, 11, 9, 8], [2, 2, 8, 16]),
  sized('rows of whole tiles', [1, 4, 18, 4], [3, 3, 4, 8]),
  sized('rows of tiles with a rest, one vec4 of channels', [2, 5, 9, 3], [3, 2, 3, 12]),
  sized('33 channels to 5', [1, 6, 7, 33], [3, 3, 33, 5], { padding: 'same' }),
  sized('5 channels to 33', [2, 5, 8, 5], [2, 3, 5, 33]),
  sized('one channel to one', [2, 7, 10, 1], [3, 3, 1, 1], { padding: 'same' }),
  sized('1 x 1, whole vec4s, one row a batch', [5, 1, 3, 8], [1, 1, 8, 12]),
  sized('a row of 8 taps, the widest of `rows`', [1, 3, 17, 2], [2, 8, 2, 4]),
  sized('a row of 9 taps', [1, 3, 24, 2], [1, 9, 2, 4]),
  sized('a column of 7 taps', [1, 9, 3, 2], [7, 1, 2, 4]),
  sized('stride 2 same: more padding below and right', [2, 6, 8, 3], [3, 3, 3, 4], { strides: 2, padding: 'same' }),
  sized('stride 2 same, odd size', [1, 7, 9, 8], [3, 3, 8, 16], { strides: 2, padding: 'same' }),
  sized('stride 2 valid: pixels that no window reaches', [2, 8, 10, 4], [3, 3, 4, 8], { strides: 2 }),
  sized('strides of two kinds, larger than the kernel', [1, 8, 11, 4], [2, 1, 4, 4], { strides: [3, 2] }),
  sized('stride 3, kernel 4', [1, 13, 10, 5], [4, 4, 5, 8], { strides: 3, padding: 'same' }),
  sized('dilation', [1, 9, 10, 3], [3, 3, 3, 4], { dilation: 2 }),
  sized('dilation of two kinds, padded', [2, 8, 7, 4], [2, 3, 4, 8], { dilation: [3, 2], padding: 'same' }),
  sized('dilation and stride', [1, 11, 9, 4], [3, 2, 4, 8], { dilation: 2, strides: 2, padding: 'same' }),
  sized('dilation of rows, stride of columns', [1, 9, 9, 4], [3, 3, 4, 4], { dilation: [2, 1], strides: [1, 2] }),
  sized('padding on each side of its own', [2, 6, 5, 3], [3, 3, 3, 8], { padding: [[2, 0], [1, 3]] }), // biome-ignore format: pairs
  sized('padding wider than the kernel', [1, 4, 5, 4], [2, 2, 4, 4], { padding: [[3, 1], [0, 4]] }), // biome-ignore format: pairs
  sized('padding wider than the kernel, stride', [1, 5, 4, 4], [2, 3, 4, 8], { strides: [2, 3], padding: [[3, 1], [4, 0]] }), // biome-ignore format: pairs
  sized('groups of whole vec4s', [2, 6, 7, 16], [3, 3, 8, 24], { groups: 2, padding: 'same' }),
  sized('groups of one vec4, stride', [1, 7, 9, 12], [3, 3, 4, 12], { groups: 3, strides: 2, padding: 'same' }),
  sized('groups of 2 to 3 channels', [2, 5, 6, 6], [3, 2, 2, 9], { groups: 3 }),
  sized('groups, dilation', [1, 8, 8, 8], [3, 3, 4, 8], { groups: 2, dilation: 2 }),
  sized('depthwise', [2, 7, 9, 8], [3, 3, 1, 8], { groups: 8, padding: 'same' }),
  sized('depthwise, odd channels, stride', [1, 8, 7, 5], [3, 3, 1, 5], { groups: 5, strides: 2, padding: 'same' }),
  sized('depthwise, 33 channels, dilation', [1, 9, 8, 33], [2, 2, 1, 33], { groups: 33, dilation: 3 }),
  sized('depthwise, not square, valid', [2, 6, 9, 4], [1, 5, 1, 4], { groups: 4, strides: [2, 1] }),
  sized('depthwise with multiplier', [2, 6, 5, 3], [3, 3, 1, 6], { groups: 3, padding: 'same' }),
  sized('depthwise with multiplier, stride, one channel', [1, 7, 6, 1], [3, 3, 1, 4], { groups: 1, strides: 2 }),
  sized('pixels for several chunks of the filter gradient', [3, 11, 14, 1], [3, 3, 1, 4], { padding: 'same' }),
  {
    ...sized('pixels for more chunks than one pass sums', [1, 91, 97, 1], [1, 1, 1, 2]),
    // Partial sums of up to 35 are each rounded to 2e-6, with different signs. This adds up to about 1e-5, on some
    // devices more.
    tolerance: { backward: { error: 1e-4, why: 'the plain kernel adds up 8827 pixels one after the other' } },
  },
];

/** A few cases of each kind, for the gradients as ops of their own. */
export const gradientCases: readonly OpCase<ConvParams>[] = [
  sized('one pixel, one tap', [1, 1, 1, 1], [1, 1, 1, 1]),
  sized('odd sizes, padded', [2, 5, 7, 3], [3, 2, 3, 5], { padding: 'same' }),
  sized('whole vec4s, stride', [2, 7, 6, 8], [3, 3, 8, 8], { strides: 2, padding: 'same' }),
  sized('dilation and stride', [1, 8, 7, 4], [3, 2, 4, 8], { dilation: 2, strides: 2, padding: 'same' }),
  sized('groups', [1, 6, 5, 6], [3, 3, 3, 4], { groups: 2 }),
  sized('depthwise', [2, 6, 5, 5], [3, 3, 1, 5], { groups: 5, padding: 'same' }),
];
