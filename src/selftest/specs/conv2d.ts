/** Spec of conv2d: the cases of all convolutions, and further sizes for the kernel `gemm`. */
import { conv2d } from '../../index.ts';
import { type ConvParams, convCases, convReference, filterGradReference, inputGradReference } from '../convolution.ts';
import { type OpCase, opSpec } from '../spec.ts';

export const tolerance = {
  error: 2e-5,
  why: 'sums of up to 800 products of float32 numbers up to 1, one after the other',
};

export const conv2dSpec = opSpec<ConvParams>({
  name: 'conv2d',
  cases: convCases,
  build: ([x, w], params) => conv2d(x!, w!, params),
  forward: ([x, w], params) => convReference(x!, w!, params),
  backward: ([x, w], dy, params) => [
    inputGradReference(dy, w!, x!.shape, params),
    filterGradReference(x!, dy, w!.shape, params),
  ],
  spreads: [1, 2],
  tolerance: { forward: tolerance },
});

/** Sizes around those of the tiles of `gemm`. Smaller ones are among the cases of all kernels. */
export const tileCases: readonly OpCase<ConvParams>[] = [
  {
    why: 'more pixels than a tile has',
    shapes: [
      [1, 12, 11, 3],
      [1, 1, 3, 31],
    ],
    params: {},
  },
  {
    why: 'one more filter than a narrow tile',
    shapes: [
      [2, 5, 7, 4],
      [2, 3, 4, 33],
    ],
    params: { padding: 'same' },
  },
  {
    why: 'vec4s, more filters than a tile, 72 steps',
    shapes: [
      [1, 7, 10, 8],
      [3, 3, 8, 68],
    ],
    params: { padding: 'same' },
  },
  {
    why: 'long sum in parts, odd',
    shapes: [
      [1, 4, 5, 33],
      [3, 3, 33, 5],
    ],
    params: { padding: 'same' },
  },
  {
    why: 'long sum in parts, vec4s, stride',
    shapes: [
      [2, 5, 4, 32],
      [3, 3, 32, 36],
    ],
    params: { strides: 2 },
  },
  {
    why: 'large tiles, odd',
    shapes: [
      [2, 65, 64, 3],
      [1, 1, 3, 130],
    ],
    params: {},
  },
  {
    why: 'large tiles, vec4s, groups',
    shapes: [
      [2, 64, 65, 8],
      [1, 1, 4, 256],
    ],
    params: { groups: 2 },
  },
];

export const conv2dTilesSpec = opSpec<ConvParams>({
  ...conv2dSpec,
  name: 'conv2d, sizes about those of tiles',
  // By `gemm` alone: the plain kernel adds up 8000 pixels one after the other, which is exact to 1e-4 only.
  cases: tileCases.map((c) => ({ ...c, params: { ...c.params, kernel: 'gemm' } })),
  tolerance: { forward: tolerance, backward: { error: 4e-5, why: 'sums over up to 9000 pixels' } },
});
