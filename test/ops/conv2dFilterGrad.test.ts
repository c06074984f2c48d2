import { expect, test } from 'vitest';
import { ANY_GPU, ANY_SOFTWARE } from '../../src/graph.ts';
import { conv2dFilterGrad, graph, ShapeError } from '../../src/index.ts';
import { filterGradKernels, pixelChunks } from '../../src/ops/conv2dFilterGrad.ts';
import { convolution } from '../../src/ops/convolution.ts';
import { chooseTile, LARGE, mostParts } from '../../src/ops/gemm.ts';
import { type ConvParams, filterGradReference } from '../../src/selftest/convolution.ts';
import { conv2dFilterGradSpec } from '../../src/selftest/specs/conv2dFilterGrad.ts';
import { expectClose, randomArray, randomStream } from '../support/arrays.ts';
import { checkOp } from '../support/checkOp.ts';
import { runOnce } from '../support/session.ts';

checkOp(conv2dFilterGradSpec);

test('conv2dFilterGrad: which kernels can do a case, the best first', () => {
  const kernels = (x: number[], w: number[], params: ConvParams = {}, target = ANY_GPU) =>
    filterGradKernels(convolution('test', x, w, params), target);
  expect(kernels([2, 9, 9, 3], [3, 3, 3, 8], { dilation: 2, strides: 2 })).toEqual(['tile', 'plain', 'gemm']);
  expect(kernels([32, 30, 30, 32], [2, 2, 32, 32])).toEqual(['gemm', 'tile', 'plain']);
  expect(kernels([32, 30, 30, 32], [2, 2, 32, 32], {}, ANY_SOFTWARE)).toEqual(['tile', 'plain', 'gemm']);
  expect(kernels([2, 9, 9, 6], [3, 3, 1, 6], { groups: 6 })).toEqual(['depthwise', 'plain']);
  expect(kernels([2, 9, 9, 6], [3, 3, 3, 8], { groups: 2 })).toEqual(['plain']);
});

test('conv2dFilterGrad gemm: large tiles, where weights and pixels are many', async () => {
  const random = randomStream(1);
  const x = randomArray([1, 128, 129, 66], random);
  const dy = randomArray([1, 128, 129, 68], random);
  const w = [1, 1, 66, 68];
  expect(chooseTile(66, 68, mostParts(128 * 129))).toBe(LARGE);
  const g = graph();
  const inputs = [g.input('x', x.shape), g.input('dy', dy.shape)] as const;
  const feeds = [
    [inputs[0], x.data],
    [inputs[1], dy.data],
  ] as const;
  const [dw] = await runOnce(g, feeds, [conv2dFilterGrad(...inputs, w, { kernel: 'gemm' })]);
  const tolerance = { error: 1e-4, why: 'sums over 16512 pixels, in parts of 144' };
  expectClose('dw', dw!, filterGradReference(x, dy, w, {}), tolerance);
});

test('conv2dFilterGrad: pixels are cut into chunks where the tiles are few, of whole fours, and all of them are covered', () => {
  expect(pixelChunks(32 * 124 * 124, 16)).toEqual({ chunks: 2017, length: 244 });
  expect(pixelChunks(100, 16)).toEqual({ chunks: 1, length: 100 });
  expect(pixelChunks(32 * 28 * 28, 40000)).toEqual({ chunks: 1, length: 32 * 28 * 28 });
  for (const pixels of [1, 127, 129, 257, 1023, 4099]) {
    const { chunks, length } = pixelChunks(pixels, 1);
    expect(length % 4).toBe(0);
    expect(chunks * length).toBeGreaterThanOrEqual(pixels);
    expect((chunks - 1) * length).toBeLessThan(pixels);
  }
});

test('conv2dFilterGrad: shapes that do not fit are refused', () => {
  const g = graph();
  const x = g.input('x', [2, 8, 9, 4]);
  const dy = g.input('dy', [2, 6, 7, 8]);
  expect(conv2dFilterGrad(x, dy, [3, 3, 4, 8]).shape).toEqual([3, 3, 4, 8]);
  expect(() => conv2dFilterGrad(x, dy, [3, 2, 4, 8])).toThrow(ShapeError);
  expect(() => conv2dFilterGrad(x, dy, [3, 2, 4, 8])).toThrow(
    'conv2dFilterGrad: dy must be [2, 6, 8, 8], got [2, 6, 7, 8].',
  );
  expect(() => conv2dFilterGrad(x, dy, [3, 3, 2, 8])).toThrow(
    "conv2dFilterGrad: w must have x's channels / groups = 4",
  );
});
