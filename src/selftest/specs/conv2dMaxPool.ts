/** Spec of conv2dMaxPool: cases, and a reference that computes the feature map between convolution and pool. */
import { type Conv2dMaxPoolOptions, conv2dMaxPool } from '../../index.ts';
import { type Array64, exceeds, map, zeros } from '../arrays.ts';
import { type ConvParams, convReference, filterGradReference, inputGradReference } from '../convolution.ts';
import { type OpCase, opSpec } from '../spec.ts';

export interface Params extends ConvParams, Pick<Conv2dMaxPoolOptions, 'activation'> {
  readonly pool: readonly [number, number];
  readonly kernel?: never;
}

const cases: readonly OpCase<Params>[] = [
  { why: 'the baseline, small', shapes: [[2, 16, 20, 1], [5, 5, 1, 8], [8]], params: { pool: [4, 4] } },
  {
    why: 'rows and columns that no window covers',
    shapes: [[1, 13, 18, 1], [3, 3, 1, 4], [4]],
    params: { pool: [2, 2] },
  },
  { why: 'strips cut into bands', shapes: [[1, 70, 7, 1], [2, 4, 1, 4], [4]], params: { pool: [4, 2] } },
  { why: 'three columns to a window', shapes: [[2, 9, 14, 2], [4, 2, 2, 8], [8]], params: { pool: [2, 3] } },
  { why: 'windows of one pixel', shapes: [[2, 5, 9, 1], [3, 3, 1, 4], [4]], params: { pool: [1, 1] } },
  { why: 'a tall window', shapes: [[1, 23, 6, 1], [3, 1, 1, 4], [4]], params: { pool: [20, 2] } },
  { why: 'three channels', shapes: [[2, 10, 11, 3], [5, 5, 3, 12], [12]], params: { pool: [2, 2] } },
  { why: 'the second layer, small', shapes: [[2, 10, 10, 8], [2, 2, 8, 8], [8]], params: { pool: [4, 4] } },
  { why: 'an odd number of vec4s of channels', shapes: [[2, 7, 9, 4], [3, 3, 4, 12], [12]], params: { pool: [2, 2] } },
  { why: 'an odd number of channels in', shapes: [[1, 8, 8, 5], [3, 3, 5, 4], [4]], params: { pool: [2, 2] } },
  { why: 'same padding', shapes: [[2, 8, 8, 4], [3, 3, 4, 8], [8]], params: { pool: [2, 2], padding: 'same' } },
  {
    why: 'uneven padding',
    shapes: [[1, 6, 7, 1], [5, 5, 1, 4], [4]],
    params: {
      pool: [3, 2],
      padding: [
        [3, 1],
        [0, 4],
      ],
    },
  },
  { why: 'strides', shapes: [[2, 13, 14, 4], [3, 3, 4, 4], [4]], params: { pool: [2, 2], strides: 2 } },
  {
    why: 'strides and dilation',
    shapes: [[1, 20, 24, 3], [3, 2, 3, 4], [4]],
    params: { pool: [2, 2], strides: [2, 3], dilation: [3, 2] },
  },
  { why: 'a kernel of 7 x 8', shapes: [[1, 12, 14, 2], [7, 8, 2, 4], [4]], params: { pool: [3, 3] } },
  { why: 'no activation', shapes: [[2, 9, 9, 1], [2, 2, 1, 4], [4]], params: { pool: [2, 2], activation: 'linear' } },
  {
    why: 'no bias',
    shapes: [
      [2, 9, 9, 4],
      [2, 2, 4, 8],
    ],
    params: { pool: [4, 4] },
  },
];

export const options = ({ pool, ...rest }: Params, bias?: Conv2dMaxPoolOptions['bias']): Conv2dMaxPoolOptions => ({
  ...rest,
  poolSize: pool,
  ...(bias ? { bias } : {}),
});

/** The feature map, pooled, and which element of the map each window has chosen. */
export function reference([x, w, b]: readonly Array64[], { pool, activation = 'relu', ...conv }: Params) {
  const z = convReference(x!, w!, conv);
  const [n, height, width, k] = z.shape as [number, number, number, number];
  const map = z.data.map((v, i) => {
    const sum = v + (b?.data[i % k] ?? 0);
    return activation === 'relu' ? Math.max(sum, 0) : sum;
  });
  const shape = [n, Math.floor(height / pool[0]), Math.floor(width / pool[1]), k] as const;
  const y = zeros(shape);
  const from = Array.from(y.data, (_, o) => {
    const [c, ox, oy, image] = [
      o % k,
      Math.floor(o / k) % shape[2],
      Math.floor(o / k / shape[2]) % shape[1],
      Math.floor(o / k / shape[2] / shape[1]),
    ];
    let best = -1;
    for (let t = 0; t < pool[0] * pool[1]; t++) {
      const [my, mx] = [oy * pool[0] + Math.floor(t / pool[1]), ox * pool[1] + (t % pool[1])];
      const at = ((image * height + my) * width + mx) * k + c;
      if (best < 0 || exceeds(map[at]!, map[best]!)) best = at;
    }
    return best;
  });
  from.forEach((at, o) => {
    y.data[o] = map[at]!;
  });
  /** The activation's gradient there, for an upstream one of d. */
  const through = (at: number, d: number) => {
    if (activation !== 'relu') return d;
    return Number.isNaN(map[at]) ? map[at]! : map[at]! > 0 ? d : 0;
  };
  return { y, z, from, through };
}

/**
 * Sums of products of two tensors, in which a NaN of the first reaches what a slope other than 0 takes it to: see
 * `spreads`.
 */
function reached(a: Array64, dz: Array64, products: (a: Array64, dz: Array64) => Array64): Array64 {
  const sums = products(
    map(a, (v) => (Number.isNaN(v) ? 0 : v)),
    dz,
  );
  if (!a.data.some(Number.isNaN)) return sums;
  const hits = products(
    map(a, (v) => (Number.isNaN(v) ? 1 : 0)),
    map(dz, (d) => (d === 0 ? 0 : 1)),
  );
  return map(sums, (v, i) => (hits.data[i]! > 0 ? Number.NaN : v));
}

export function referenceGradients(inputs: readonly Array64[], dy: Array64, params: Params): Array64[] {
  const [x, w, b] = inputs;
  const { z, from, through } = reference(inputs, params);
  const dz = zeros(z.shape);
  from.forEach((at, o) => {
    dz.data[at]! += through(at, dy.data[o]!);
  });
  const { pool, activation, ...conv } = params;
  const dx = reached(w!, dz, (weights, slopes) => inputGradReference(slopes, weights, x!.shape, conv));
  const dw = reached(x!, dz, (pixels, slopes) => filterGradReference(pixels, slopes, w!.shape, conv));
  if (!b) return [dx, dw];
  const db = zeros(b.shape);
  dz.data.forEach((d, i) => {
    db.data[i % b.data.length]! += d;
  });
  return [dx, dw, db];
}

const tolerance = {
  error: 2e-5,
  why: 'sums of up to 200 products of float32 numbers up to 1, one after the other',
};

export const conv2dMaxPoolSpec = opSpec<Params>({
  name: 'conv2dMaxPool',
  cases,
  build: ([x, w, b], params) => conv2dMaxPool(x!, w!, options(params, b)),
  // Not with all kernels are pixels without a gradient multiplied with a NaN.
  spreads: [0, 1, 2, 3],
  forward: (inputs, params) => reference(inputs, params).y,
  backward: referenceGradients,
  tolerance: { forward: tolerance },
});
