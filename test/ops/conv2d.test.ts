import { expect, test } from 'vitest';
import { ANY_GPU, ANY_SOFTWARE } from '../../src/graph.ts';
import { ArgumentError, conv2d, graph, ShapeError } from '../../src/index.ts';
import { conv2dKernels } from '../../src/ops/conv2dForward.ts';
import { convolution } from '../../src/ops/convolution.ts';
import type { ConvParams } from '../../src/selftest/convolution.ts';
import { conv2dSpec } from '../../src/selftest/specs/conv2d.ts';
import { checkOp } from '../support/checkOp.ts';

// By the kernel that is likely the fastest. conv2dKernels.test.ts has the others, which take a minute or more to compile.
checkOp(conv2dSpec);

test('conv2d: which kernels can do a case, the best first', () => {
  const kernels = (x: number[], w: number[], params: ConvParams = {}, target = ANY_GPU) =>
    conv2dKernels(convolution('test', x, w, params), target);
  expect(kernels([32, 128, 128, 1], [5, 5, 1, 32])).toEqual(['rows', 'tile', 'plain', 'gemm']);
  expect(kernels([32, 6, 6, 32], [2, 2, 32, 32])).toEqual(['gemm', 'tile', 'rows', 'plain']);
  expect(kernels([32, 6, 6, 32], [2, 2, 32, 32], {}, ANY_SOFTWARE)).toEqual(['tile', 'rows', 'plain', 'gemm']);
  expect(kernels([32, 64, 64, 16], [3, 3, 16, 32], { strides: 2 })).toEqual(['gemm', 'tile', 'plain']);
  expect(kernels([1, 8, 8, 16], [3, 3, 16, 32], { strides: 2 })).toEqual(['tile', 'plain', 'gemm']);
  expect(kernels([1, 8, 8, 8], [3, 3, 1, 8], { groups: 8 })).toEqual(['depthwise', 'plain']);
  expect(kernels([1, 8, 8, 4], [3, 3, 1, 8], { groups: 4 })).toEqual(['plain', 'gemm']);
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
