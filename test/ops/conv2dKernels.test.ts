/** All kernels of conv2d by all shapes: each is compiled anew, which takes a minute or more. conv2d.test.ts has the op itself. */
import { describe, expect, test } from 'vitest';
import { apply1 } from '../../src/graph.ts';
import { type ConvKernel, conv2d, elu, gradients, graph } from '../../src/index.ts';
import { conv2dOp } from '../../src/ops/conv2d.ts';
import { conv2dKernels } from '../../src/ops/conv2dForward.ts';
import { convolution } from '../../src/ops/convolution.ts';
import { activationOf } from '../../src/ops/elementwise.ts';
import {
  type ConvParams,
  convCases,
  convReference,
  filterGradReference,
  inputGradReference,
} from '../../src/selftest/convolution.ts';
import { conv2dTilesSpec, tileCases, tolerance } from '../../src/selftest/specs/conv2d.ts';
import { type Array64, expectClose, randomArray, randomStream } from '../support/arrays.ts';
import { runOnce } from '../support/session.ts';

describe('conv2d: kernels that the rule does not choose', () => {
  type Sizes = readonly [readonly number[], readonly number[]];
  const others = convCases.flatMap(({ why, shapes, params }) => {
    const [x, w] = shapes as Sizes;
    const kernels = conv2dKernels(convolution('test', x, w, params)).slice(1);
    return kernels.map((kernel) => ({ why, x, w, params, kernel }));
  });
  const large = tileCases.map(({ why, shapes, params }) => {
    const [x, w] = shapes as Sizes;
    return { why, x, w, params, kernel: 'gemm' as const };
  });

  test.each<{ x: readonly number[]; w: readonly number[]; params: ConvParams; kernel: ConvKernel; why: string }>([
    ...others,
    ...large,
  ])('$kernel: $x $w $params ($why)', async ({ x, w, params, kernel }) => {
    const random = randomStream(1);
    const [vx, vw] = [randomArray(x, random), randomArray(w, random)];
    const y = convReference(vx, vw, params);
    const dy = randomArray(y.shape, random);
    const got = await run(vx, vw, dy, { ...params, kernel });
    expectClose('y', got[0]!, y, tolerance);
    expectClose('dx', got[1]!, inputGradReference(dy, vw, x, params), tolerance);
    expectClose(
      'dw',
      got[2]!,
      filterGradReference(vx, dy, w, params),
      y.shape[1]! > 60 ? conv2dTilesSpec.tolerance.backward! : tolerance,
    );
  });
});

test.each<{ kernel: ConvKernel; x: number[]; w: number[] }>([
  { kernel: 'tile', x: [2, 5, 6, 3], w: [2, 3, 3, 8] },
  { kernel: 'rows', x: [2, 5, 9, 3], w: [2, 3, 3, 8] },
  { kernel: 'gemm', x: [2, 5, 6, 3], w: [2, 3, 3, 8] },
  { kernel: 'gemm', x: [2, 5, 6, 3], w: [2, 3, 3, 5] },
  { kernel: 'gemm', x: [1, 4, 5, 32], w: [3, 3, 32, 8] },
  { kernel: 'gemm', x: [1, 4, 5, 33], w: [3, 3, 33, 5] },
])('conv2d $kernel $x $w: bias and activation follow the sum', async ({ kernel, x, w }) => {
  const random = randomStream(1);
  const [vx, vw, vb] = [randomArray(x, random), randomArray(w, random), randomArray([w[3]!], random)];
  const y = convReference(vx, vw, {});
  const biased = y.data.map((sum, i) => sum + vb.data[i % w[3]!]!);
  const g = graph();
  const inputs = [g.input('x', x), g.input('w', w), g.input('b', vb.shape)] as const;
  const feeds = [vx, vw, vb].map((values, i) => [inputs[i]!, values.data] as const);
  const conv = convolution('test', x, w, { kernel });
  elu(g.input('any', [4]), { alpha: 2 });
  const activations = [undefined, activationOf(g.nodes.at(-1)!)];
  const results = activations.map((activation) => apply1(conv2dOp, inputs, { ...conv, activation }));
  const got = await runOnce(g, feeds, results);
  expectClose('with bias', got[0]!, { shape: y.shape, data: biased }, tolerance);
  const activated = biased.map((v) => (v > 0 ? v : 2 * Math.expm1(v)));
  expectClose('and elu', got[1]!, { shape: y.shape, data: activated }, tolerance);
});

/** y, dx and dw. */
function run(x: Array64, w: Array64, dy: Array64, params: ConvParams): Promise<number[][]> {
  const g = graph();
  const [tx, tw, tdy] = [g.input('x', x.shape), g.input('w', w.shape), g.input('dy', dy.shape)];
  const y = conv2d(tx, tw, params);
  const feeds = [
    [tx, x.data],
    [tw, w.data],
    [tdy, dy.data],
  ] as const;
  return runOnce(g, feeds, [y, ...gradients(y, [tx, tw], tdy)]);
}

test.each<{ kernel: ConvKernel; x: number[]; w: number[] }>([
  { kernel: 'plain', x: [1, 3, 3, 1], w: [2, 2, 1, 4] },
  { kernel: 'tile', x: [1, 3, 5, 1], w: [3, 3, 1, 4] },
  { kernel: 'rows', x: [1, 3, 9, 1], w: [3, 3, 1, 4] },
  { kernel: 'gemm', x: [1, 3, 5, 1], w: [3, 3, 1, 4] },
  { kernel: 'gemm', x: [1, 3, 5, 4], w: [2, 3, 4, 4] },
])('conv2d $kernel: an infinity in the last pixel reaches what it should, and no NaN comes of it', async (c) => {
  const ones = (shape: readonly number[]) => ({ shape, data: new Float64Array(shape.reduce((a, b) => a * b)).fill(1) });
  const [x, w] = [ones(c.x), ones(c.w)];
  x.data[x.data.length - 1] = Number.POSITIVE_INFINITY;
  const y = convReference(x, w, {});
  const dy = ones(y.shape);
  const [gotY, , gotDw] = await run(x, w, dy, { kernel: c.kernel });
  expect(gotY).toEqual([...y.data]);
  expect(gotDw).toEqual([...filterGradReference(x, dy, w.shape, {}).data]);
});
