import { describe, expect, test } from 'vitest';
import {
  ArgumentError,
  biasAdd,
  type Conv2dMaxPoolOptions,
  type ConvPoolGradKernel,
  type ConvPoolKernel,
  conv2d,
  conv2dMaxPool,
  gradients,
  graph,
  maxPool2d,
  relu,
  ShapeError,
} from '../../src/index.ts';
import { convPoolKernels } from '../../src/ops/conv2dMaxPool.ts';
import { convolution } from '../../src/ops/convolution.ts';
import { poolOfShape } from '../../src/ops/pool.ts';
import { type Array64, expectClose, randomArray, randomStream, zeros } from '../support/arrays.ts';
import { checkOp, type OpCase } from '../support/checkOp.ts';
import {
  type ConvParams,
  convReference,
  filterGradReference,
  inputGradReference,
  tfConv,
} from '../support/convolution.ts';
import { runOnce } from '../support/session.ts';

interface Params extends ConvParams, Pick<Conv2dMaxPoolOptions, 'activation'> {
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

const options = ({ pool, ...rest }: Params, bias?: Conv2dMaxPoolOptions['bias']): Conv2dMaxPoolOptions => ({
  ...rest,
  poolSize: pool,
  ...(bias ? { bias } : {}),
});

/** The feature map, pooled, and which element of the map each window has chosen. */
function reference([x, w, b]: readonly Array64[], { pool, activation = 'relu', ...conv }: Params) {
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
      if (best < 0 || map[at]! > map[best]!) best = at;
    }
    return best;
  });
  from.forEach((at, o) => {
    y.data[o] = map[at]!;
  });
  const alive = (at: number) => activation !== 'relu' || map[at]! > 0;
  return { y, z, from, alive };
}

function referenceGradients(inputs: readonly Array64[], dy: Array64, params: Params): Array64[] {
  const [x, w, b] = inputs;
  const { z, from, alive } = reference(inputs, params);
  const dz = zeros(z.shape);
  from.forEach((at, o) => {
    if (alive(at)) dz.data[at]! += dy.data[o]!;
  });
  const { pool, activation, ...conv } = params;
  const dx = inputGradReference(dz, w!, x!.shape, conv);
  const dw = filterGradReference(x!, dz, w!.shape, conv);
  if (!b) return [dx, dw];
  const db = zeros(b.shape);
  dz.data.forEach((d, i) => {
    db.data[i % b.data.length]! += d;
  });
  return [dx, dw, db];
}

const tolerance = { error: 2e-5, why: 'sums of up to 200 products of float32 numbers up to 1, one after the other' };

checkOp<Params>({
  name: 'conv2dMaxPool',
  cases,
  build: ([x, w, b], params) => conv2dMaxPool(x!, w!, options(params, b)),
  forward: (inputs, params) => reference(inputs, params).y,
  backward: referenceGradients,
  oracle: (tf, [x, w, b], params) => {
    const { pool, activation, ...conv } = params;
    const z = tfConv(tf, x!, w!, conv);
    if (!z) return undefined;
    const sum = b ? tf.add(z, b) : z;
    return tf.maxPool(
      (activation === 'linear' ? sum : tf.relu(sum)) as never,
      pool as [number, number],
      pool as [number, number],
      'valid',
    );
  },
  // TensorFlow.js has no gradient for dilated convolutions.
  oracleForwardOnly: ({ dilation }) => dilation !== undefined,
  tolerance: { forward: tolerance },
});

/** y and the gradients, with one of the kernels. */
function run(
  inputs: readonly Array64[],
  dy: Array64,
  params: Params,
  kernel: ConvPoolKernel,
  gradKernel: ConvPoolGradKernel = 'dense',
): Promise<number[][]> {
  const g = graph();
  const [x, w, b] = inputs.map(({ shape }, i) => g.input(`x${i}`, shape));
  const y = conv2dMaxPool(x!, w!, { ...options(params, b), kernel, gradKernel });
  const up = g.input('dy', dy.shape);
  const feeds = [...[x!, w!, ...(b ? [b] : [])].map((t, i) => [t, inputs[i]!.data] as const), [up, dy.data] as const];
  return runOnce(g, feeds, [y, ...gradients(y, [x!, w!, ...(b ? [b] : [])], up)]);
}

describe('conv2dMaxPool: kernels that the rule does not choose', () => {
  const others = cases.flatMap(({ why, shapes, params }) => {
    const conv = convolution('test', shapes[0]!, shapes[1]!, params);
    const pool = poolOfShape('test', conv.y, { poolSize: params.pool });
    const kernels = convPoolKernels({ conv, pool, relu: true, kernel: 'gemm' });
    const gradKernels = ['sparse', 'dense', 'gemm'] as const;
    return Array.from({ length: Math.max(kernels.length, gradKernels.length) }, (_, i) => ({
      ...{ why, shapes, params },
      kernel: kernels[i % kernels.length]!,
      gradKernel: gradKernels[i % gradKernels.length]!,
    }));
  });

  test.each(others)(
    '$kernel, gradient $gradKernel: $shapes $params ($why)',
    async ({ shapes, params, kernel, gradKernel }) => {
      const random = randomStream(1);
      const inputs = shapes.map((shape) => randomArray(shape, random));
      const { y } = reference(inputs, params);
      const dy = randomArray(y.shape, random);
      const [got, ...grads] = await run(inputs, dy, params, kernel, gradKernel);
      expectClose('y', got!, y, tolerance);
      referenceGradients(inputs, dy, params).forEach((want, i) => {
        expectClose(`gradient ${i}`, grads[i]!, want, tolerance);
      });
    },
  );
});

describe('conv2dMaxPool', () => {
  test('of equal values the first is chosen; a window that relu made 0 passes no gradient', async () => {
    for (const kernel of ['column', 'window', 'apart'] as const) {
      const x = { shape: [1, 2, 4, 1], data: Float64Array.of(7, 7, -1, -5, 7, 7, -5, -5) };
      const w = { shape: [1, 1, 1, 4], data: Float64Array.of(1, 1, 1, 1) };
      const dy = { shape: [1, 1, 2, 4], data: Float64Array.from({ length: 8 }, (_, i) => i + 1) };
      const [y, dx] = await run([x, w], dy, { pool: [2, 2] }, kernel);
      expect(y).toEqual([7, 7, 7, 7, 0, 0, 0, 0]);
      expect(dx).toEqual([10, 0, 0, 0, 0, 0, 0, 0]);
    }
  });

  test.each(['column', 'window', 'apart'] as const)(
    '%s: NaN in x reaches y as it does through the four ops',
    async (kernel) => {
      const g = graph();
      const [x, w, b] = [g.input('x', [1, 4, 4, 1]), g.input('w', [1, 1, 1, 4]), g.input('b', [4])];
      const z = biasAdd(conv2d(x, w), b);
      const apart = [maxPool2d(z, { poolSize: 2 }), maxPool2d(relu(z), { poolSize: 2 })];
      const fused = (['linear', 'relu'] as const).map((activation) =>
        conv2dMaxPool(x, w, { poolSize: 2, bias: b, activation, kernel }),
      );
      const values = Array.from({ length: 16 }, (_, i) => (i % 5 === 2 ? Number.NaN : i));
      const feeds = [
        [x, values],
        [w, [1, 2, -1, 0]],
        [b, [0, 1, 2, 3]],
      ] as const;
      const [linear, rectified, fusedLinear, fusedRectified] = await runOnce(g, feeds, [...apart, ...fused]);
      expect(fusedLinear).toEqual(linear);
      expect(fusedRectified).toEqual(rectified);
    },
  );

  test('what no kernel does is refused', () => {
    const g = graph();
    const x = g.input('x', [1, 20, 20, 1]);
    const w = (shape: readonly number[]) => g.input(`w${shape}`, shape);
    expect(() => conv2dMaxPool(x, w([3, 3, 1, 6]), { poolSize: 2 })).toThrow(ArgumentError);
    expect(() => conv2dMaxPool(x, w([3, 9, 1, 4]), { poolSize: 5 })).toThrow(
      /no kernel does.*use conv2d and maxPool2d/,
    );
    expect(() => conv2dMaxPool(x, w([3, 3, 2, 4]), { poolSize: 2 })).toThrow(ShapeError);
    expect(() => conv2dMaxPool(x, w([3, 3, 1, 4]), { poolSize: 2, bias: g.input('b', [3]) })).toThrow(
      /bias must be \[4\]/,
    );
  });
});
