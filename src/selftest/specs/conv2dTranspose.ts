/** Spec of conv2dTranspose: cases of all options, and a reference in which each pixel of x adds its filter to y. */
import { type Conv2dTransposeOptions, conv2dTranspose } from '../../index.ts';
import { type Array64, zeros } from '../arrays.ts';
import { both, type ConvParams } from '../convolution.ts';
import { type OpCase, opSpec } from '../spec.ts';

export interface TransposeParams extends ConvParams, Pick<Conv2dTransposeOptions, 'outputPadding'> {}

/** Size of y along an axis, and the number of pixels that the padding takes away before it, by the formulas of Keras 3. */
export function outputAxis(params: TransposeParams, axis: 0 | 1, pixels: number, kernel: number): [number, number] {
  const { padding = 'valid', outputPadding } = params;
  const stride = both(params.strides ?? 1)[axis]!;
  const taps = (kernel - 1) * both(params.dilation ?? 1)[axis]! + 1;
  const extra = outputPadding === undefined ? undefined : both(outputPadding)[axis]!;
  if (padding === 'valid') {
    return [
      extra === undefined ? pixels * stride + Math.max(taps - stride, 0) : (pixels - 1) * stride + taps + extra,
      0,
    ];
  }
  if (padding === 'same') {
    const size = extra === undefined ? pixels * stride : (pixels - 1) * stride + (taps % 2) + extra;
    // TensorFlow's rule for the convolution from that size: of an odd padding the larger half comes last.
    return [size, Math.floor(Math.max((pixels - 1) * stride + taps - size, 0) / 2)];
  }
  const [before, after] = padding[axis];
  return [(pixels - 1) * stride + taps - before - after + (extra ?? 0), before];
}

/**
 * Calls `visit` with the flat indices into x, w and y of every product.
 * @returns the shape of y
 */
function products(
  x: readonly number[],
  w: readonly number[],
  params: TransposeParams,
  visit: (ix: number, iw: number, iy: number) => void = () => {},
): readonly number[] {
  const { strides = 1, dilation = 1, groups = 1 } = params;
  const [n, height, width, c] = x as [number, number, number, number];
  const [kh, kw, perGroup] = w as [number, number, number, number];
  const [oh, top] = outputAxis(params, 0, height, kh);
  const [ow, left] = outputAxis(params, 1, width, kw);
  const [sy, sx] = both(strides) as [number, number];
  const [dy, dx] = both(dilation) as [number, number];
  const filters = perGroup * groups;
  for (let b = 0; b < n; b++) {
    for (let iy = 0; iy < height; iy++) {
      for (let ix = 0; ix < width; ix++) {
        for (let ky = 0; ky < kh; ky++) {
          const oy = iy * sy + ky * dy - top;
          if (oy < 0 || oy >= oh) continue;
          for (let kx = 0; kx < kw; kx++) {
            const ox = ix * sx + kx * dx - left;
            if (ox < 0 || ox >= ow) continue;
            for (let ci = 0; ci < c; ci++) {
              const group = Math.floor(ci / (c / groups));
              for (let f = 0; f < perGroup; f++) {
                visit(
                  ((b * height + iy) * width + ix) * c + ci,
                  ((ky * kw + kx) * perGroup + f) * c + ci,
                  ((b * oh + oy) * ow + ox) * filters + group * perGroup + f,
                );
              }
            }
          }
        }
      }
    }
  }
  return [n, oh, ow, filters];
}

function reference([x, w]: readonly Array64[], params: TransposeParams): Array64 {
  const y = zeros(products(x!.shape, w!.shape, params));
  products(x!.shape, w!.shape, params, (ix, iw, iy) => {
    y.data[iy]! += x!.data[ix]! * w!.data[iw]!;
  });
  return y;
}

function gradientReference([x, w]: readonly Array64[], dy: Array64, params: TransposeParams): Array64[] {
  const [dx, dw] = [zeros(x!.shape), zeros(w!.shape)];
  products(x!.shape, w!.shape, params, (ix, iw, iy) => {
    dx.data[ix]! += dy.data[iy]! * w!.data[iw]!;
    dw.data[iw]! += dy.data[iy]! * x!.data[ix]!;
  });
  return [dx, dw];
}

const sized = (
  why: string,
  x: readonly [number, number, number, number],
  w: readonly [number, number, number, number],
  params: TransposeParams = {},
): OpCase<TransposeParams> => ({ why, shapes: [x, w], params });

export const conv2dTransposeSpec = opSpec<TransposeParams>({
  name: 'conv2dTranspose',
  cases: [
    sized('one pixel, one tap', [1, 1, 1, 1], [1, 1, 1, 1]),
    sized('one pixel, many taps', [2, 1, 1, 5], [4, 3, 7, 5]),
    sized('stride 1: each pixel within the reach of others', [2, 5, 7, 3], [3, 2, 5, 3]),
    sized('stride 1, same, whole vec4s', [1, 6, 9, 8], [3, 3, 8, 8], { padding: 'same' }),
    sized('stride 1, same, even kernel: the output begins at the second pixel', [1, 5, 6, 4], [4, 2, 4, 4], { padding: 'same' }), // biome-ignore format: one line a case
    sized('a generator in small: 4 x 4, stride 2, same', [2, 4, 5, 16], [4, 4, 8, 16], { strides: 2, padding: 'same' }),
    sized('to one channel, 5 x 5, stride 2, same', [2, 6, 5, 8], [5, 5, 1, 8], { strides: 2, padding: 'same' }),
    sized('3 x 3, stride 2, same', [2, 5, 4, 3], [3, 3, 6, 3], { strides: 2, padding: 'same' }),
    sized('3 x 3, stride 2, valid: pixels of y overlap', [1, 5, 6, 4], [3, 3, 8, 4], { strides: 2 }),
    sized('2 x 2, stride 2: edge to edge', [3, 4, 7, 12], [2, 2, 5, 12], { strides: 2 }),
    sized('stride larger than the kernel: gaps, and zeros at the end', [1, 4, 3, 4], [2, 1, 4, 4], { strides: [3, 4] }),
    sized('the same, same', [2, 3, 4, 5], [2, 1, 3, 5], { strides: [3, 4], padding: 'same' }),
    sized('strides of two kinds', [1, 5, 4, 33], [3, 4, 5, 33], { strides: [1, 3], padding: 'same' }),
    sized('output padding 0, same: an odd size', [2, 4, 5, 4], [3, 3, 8, 4], { strides: 2, padding: 'same', outputPadding: 0 }), // biome-ignore format: one line a case
    sized('output padding 1, same', [2, 4, 5, 4], [3, 3, 8, 4], { strides: 2, padding: 'same', outputPadding: 1 }),
    sized('output padding of two kinds, even kernel, same', [1, 5, 4, 3], [4, 2, 5, 3], { strides: [2, 3], padding: 'same', outputPadding: [0, 2] }), // biome-ignore format: one line a case
    sized('output padding, valid', [1, 3, 5, 8], [3, 2, 4, 8], { strides: [2, 3], outputPadding: [1, 2] }),
    sized('output padding less than the stride leaves', [1, 3, 4, 4], [1, 2, 4, 4], { strides: 4, outputPadding: [0, 1] }), // biome-ignore format: one line a case
    sized('padding on each side of its own', [2, 5, 6, 3], [3, 4, 8, 3], { strides: 2, padding: [[2, 0], [1, 3]] }), // biome-ignore format: pairs
    sized('the same, and output padding', [1, 4, 5, 4], [3, 3, 4, 4], { strides: 3, padding: [[1, 2], [0, 1]], outputPadding: 1 }), // biome-ignore format: pairs
    sized('padding wider than the kernel takes whole pixels away', [1, 6, 7, 4], [2, 2, 4, 4], { padding: [[3, 1], [0, 4]] }), // biome-ignore format: pairs
    sized('dilation', [1, 6, 7, 4], [3, 2, 8, 4], { dilation: [2, 3] }),
    sized('dilation, same', [2, 5, 6, 3], [3, 3, 5, 3], { dilation: 2, padding: 'same' }),
    sized('dilation and stride', [1, 5, 4, 4], [3, 2, 4, 4], { dilation: 2, strides: 2, padding: 'same' }),
    sized('dilation of rows, stride of columns', [1, 5, 6, 4], [3, 3, 8, 4], { dilation: [2, 1], strides: [1, 2] }),
    sized('groups of whole vec4s, stride', [2, 4, 5, 16], [3, 3, 4, 16], { groups: 2, strides: 2, padding: 'same' }),
    sized('groups of 2 to 3 channels', [2, 4, 5, 6], [3, 2, 3, 6], { groups: 3, strides: 2 }),
    sized('depthwise, stride', [2, 4, 5, 8], [3, 3, 1, 8], { groups: 8, strides: 2, padding: 'same' }),
    sized('depthwise, odd channels', [1, 6, 5, 5], [3, 3, 1, 5], { groups: 5 }),
  ],
  build: ([x, w], params) => conv2dTranspose(x!, w!, params),
  forward: reference,
  backward: gradientReference,
  spreads: [0, 1],
  sharesKernels: true, // conv2dInputGrad's, and in its gradients those of conv2d and conv2dFilterGrad
  tolerance: { forward: { error: 1e-5, why: 'sums of up to 300 products of float32 numbers up to 1' } },
});
