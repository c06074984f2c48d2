import { describe, expect, test } from 'vitest';
import { ArgumentError, type ConvKernel, conv2d, gradients, graph, ShapeError } from '../../src/index.ts';
import { conv2dKernels } from '../../src/ops/conv2d.ts';
import { convolution } from '../../src/ops/convolution.ts';
import { type Array64, expectClose, randomArray, randomStream } from '../support/arrays.ts';
import { checkOp } from '../support/checkOp.ts';
import {
  type ConvParams,
  convCases,
  convReference,
  filterGradReference,
  inputGradReference,
  tfConv,
  tfForwardOnly,
} from '../support/convolution.ts';
import { runOnce } from '../support/session.ts';

const tolerance = { error: 2e-5, why: 'sums of up to 800 products of float32 numbers up to 1, one after the other' };

checkOp<ConvParams>({
  name: 'conv2d',
  cases: convCases,
  build: ([x, w], params) => conv2d(x!, w!, params),
  forward: ([x, w], params) => convReference(x!, w!, params),
  backward: ([x, w], dy, params) => [
    inputGradReference(dy, w!, x!.shape, params),
    filterGradReference(x!, dy, w!.shape, params),
  ],
  oracle: (tf, [x, w], params) => tfConv(tf, x!, w!, params),
  oracleForwardOnly: tfForwardOnly,
  tolerance: { forward: tolerance },
});

describe('conv2d: kernels that the rule does not choose', () => {
  const others = convCases.flatMap(({ why, shapes, params }) => {
    const [x, w] = shapes as readonly [readonly number[], readonly number[]];
    const kernels = conv2dKernels(convolution('test', x, w, params)).slice(1);
    return kernels.map((kernel) => ({ why, x, w, params, kernel }));
  });

  test.each(others)('$kernel: $x $w $params ($why)', async ({ x, w, params, kernel }) => {
    const random = randomStream(1);
    const [vx, vw] = [randomArray(x, random), randomArray(w, random)];
    const y = convReference(vx, vw, params);
    const dy = randomArray(y.shape, random);
    const got = await run(vx, vw, dy, { ...params, kernel });
    expectClose('y', got[0]!, y, tolerance);
    expectClose('dx', got[1]!, inputGradReference(dy, vw, x, params), tolerance);
    expectClose('dw', got[2]!, filterGradReference(vx, dy, w, params), tolerance);
  });
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

test('conv2d: which kernels can do a case, the best first', () => {
  const kernels = (x: number[], w: number[], params: ConvParams = {}) =>
    conv2dKernels(convolution('test', x, w, params));
  expect(kernels([32, 128, 128, 1], [5, 5, 1, 32])).toEqual(['rows', 'tile', 'plain']);
  expect(kernels([32, 6, 6, 32], [2, 2, 32, 32])).toEqual(['tile', 'rows', 'plain']);
  expect(kernels([32, 64, 64, 16], [3, 3, 16, 32], { strides: 2 })).toEqual(['tile', 'plain']);
  expect(kernels([1, 8, 8, 8], [3, 3, 1, 8], { groups: 8 })).toEqual(['depthwise', 'plain']);
  expect(kernels([1, 8, 8, 4], [3, 3, 1, 8], { groups: 4 })).toEqual(['plain']);
});

test('conv2d: shapes that do not fit are refused', () => {
  const g = graph();
  const x = g.input('x', [2, 8, 9, 4]);
  const filter = (...shape: number[]) => g.input(`w${g.inputs.length}`, shape);
  expect(() => conv2d(x, filter(3, 3, 3, 8))).toThrow(ShapeError);
  expect(() => conv2d(x, filter(3, 3, 3, 8))).toThrow(
    "conv2d: w must have x's channels / groups = 4 on its third axis, got 3 (x [2, 8, 9, 4], w [3, 3, 3, 8]).",
  );
  expect(() => conv2d(x, filter(3, 3, 4))).toThrow('conv2d: x must be [n, h, w, c] and w [kh, kw, c / groups, k]');
  expect(() => conv2d(g.input('flat', [2, 4]), filter(3, 3, 4, 8))).toThrow(ShapeError);
  expect(() => conv2d(x, filter(3, 3, 1, 8), { groups: 3 })).toThrow('conv2d: 3 groups do not divide 4 channels of x');
  expect(() => conv2d(x, filter(3, 3, 2, 9), { groups: 2 })).toThrow('and 9 of w');
  expect(() => conv2d(x, filter(3, 3, 4, 8), { groups: 0 })).toThrow(ArgumentError);
  expect(() => conv2d(x, filter(9, 3, 4, 8))).toThrow('conv2d: a window of 9 x 3');
  expect(() => conv2d(x, filter(9, 3, 4, 8))).toThrow(ShapeError);
  expect(() => conv2d(x, filter(3, 4, 4, 8), { dilation: 3 })).toThrow('does not fit into an image of 8 x 9');
  expect(() => conv2d(x, filter(3, 3, 4, 8), { strides: 0 })).toThrow(ArgumentError);
  expect(() => conv2d(x, filter(3, 3, 4, 8), { padding: -1 })).toThrow(ArgumentError);
  expect(() => conv2d(g.input('integers', [2, 8, 9, 4], 'i32'), filter(3, 3, 4, 8))).toThrow(
    'conv2d: integers must be f32',
  );
  expect(conv2d(x, filter(3, 4, 4, 8), { padding: 'same', strides: [1, 2] }).shape).toEqual([2, 8, 5, 8]);
});
