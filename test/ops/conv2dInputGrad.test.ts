import { expect, test } from 'vitest';
import { ANY_GPU, ANY_SOFTWARE } from '../../src/graph.ts';
import { conv2dInputGrad, graph, ShapeError } from '../../src/index.ts';
import { inputGradKernels } from '../../src/ops/conv2dInputGrad.ts';
import { convolution } from '../../src/ops/convolution.ts';
import type { ConvParams } from '../../src/selftest/convolution.ts';
import { conv2dInputGradSpec } from '../../src/selftest/specs/conv2dInputGrad.ts';
import { checkOp } from '../support/checkOp.ts';

checkOp(conv2dInputGradSpec);

test('conv2dInputGrad: which kernels can do a case, the best first', () => {
  const kernels = (x: number[], w: number[], params: ConvParams = {}, target = ANY_GPU) =>
    inputGradKernels(convolution('test', x, w, params), target);
  expect(kernels([2, 9, 9, 3], [3, 3, 3, 8], { strides: 2 })).toEqual(['tile', 'plain']);
  expect(kernels([2, 9, 9, 3], [3, 3, 3, 8], { dilation: 2 })).toEqual(['tile', 'plain', 'gemm']);
  expect(kernels([2, 9, 9, 3], [3, 3, 3, 8], { dilation: [1, 2], strides: [2, 1] })).toEqual(['tile', 'plain']);
  expect(kernels([2, 16, 16, 3], [3, 3, 3, 8])).toEqual(['rows', 'tile', 'plain', 'gemm']);
  expect(kernels([2, 16, 9, 3], [3, 3, 3, 8])).toEqual(['tile', 'rows', 'plain', 'gemm']);
  expect(kernels([32, 30, 30, 32], [2, 2, 32, 32])).toEqual(['gemm', 'rows', 'tile', 'plain']);
  expect(kernels([32, 30, 30, 32], [2, 2, 32, 32], {}, ANY_SOFTWARE)).toEqual(['rows', 'tile', 'plain', 'gemm']);
  expect(kernels([2, 9, 9, 3], [3, 3, 3, 8], { dilation: 2, strides: 2 })).toEqual(['plain']);
  expect(kernels([2, 9, 9, 6], [3, 3, 1, 6], { groups: 6 })).toEqual(['depthwise', 'plain']);
  expect(kernels([2, 9, 9, 6], [3, 3, 3, 8], { groups: 2 })).toEqual(['plain', 'gemm']);
});

test('conv2dInputGrad: shapes that do not fit are refused', () => {
  const g = graph();
  const w = g.input('w', [3, 3, 4, 8]);
  const dy = g.input('dy', [2, 6, 7, 8]);
  expect(conv2dInputGrad(dy, w, [2, 8, 9, 4]).shape).toEqual([2, 8, 9, 4]);
  expect(() => conv2dInputGrad(dy, w, [2, 8, 8, 4])).toThrow(ShapeError);
  expect(() => conv2dInputGrad(dy, w, [2, 8, 8, 4])).toThrow(
    'conv2dInputGrad: dy must be [2, 6, 6, 8], got [2, 6, 7, 8].',
  );
  expect(() => conv2dInputGrad(dy, w, [2, 8, 9, 3])).toThrow("conv2dInputGrad: w must have x's channels / groups = 3");
});
