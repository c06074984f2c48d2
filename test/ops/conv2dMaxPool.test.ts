import { describe, expect, test } from 'vitest';
import {
  ArgumentError,
  biasAdd,
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
import {
  conv2dMaxPoolSpec,
  options,
  type Params,
  reference,
  referenceGradients,
} from '../../src/selftest/specs/conv2dMaxPool.ts';
import { type Array64, expectClose, randomArray, randomStream } from '../support/arrays.ts';
import { checkOp } from '../support/checkOp.ts';
import { runOnce } from '../support/session.ts';

checkOp(conv2dMaxPoolSpec);

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
  const others = conv2dMaxPoolSpec.cases.flatMap(({ why, shapes, params }) => {
    const { pool: poolSize, activation, ...window } = params;
    const conv = convolution('test', shapes[0]!, shapes[1]!, window);
    const pool = poolOfShape('test', conv.y, { poolSize });
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
      expectClose('y', got!, y, conv2dMaxPoolSpec.tolerance.forward);
      referenceGradients(inputs, dy, params).forEach((want, i) => {
        expectClose(`gradient ${i}`, grads[i]!, want, conv2dMaxPoolSpec.tolerance.forward);
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
