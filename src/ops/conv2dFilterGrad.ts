/** The kernels of conv2d's gradient with respect to w, and their dispatches. The op is in conv2d.ts. */
import source from '../../shaders/conv2dFilterGrad.wgsl?raw';
import gemmSource from '../../shaders/conv2dFilterGradGemm.wgsl?raw';
import { ANY_GPU, ANY_SOFTWARE, type Target } from '../graph.ts';
import { elements } from '../tensor.ts';
import {
  type ConvKernel,
  type Convolution,
  chooseKernel,
  convConstants,
  hasWholeQuads,
  isDepthwise,
  type LaunchList,
  type Operand,
  quads,
  type Shape4,
  withGemm,
} from './convolution.ts';
import { chooseTile, invocations, mostParts, splitSum, tileConstants, tileCount } from './gemm.ts';

const shader = { name: 'conv2dFilterGrad', source };
const gemmShader = { name: 'conv2dFilterGradGemm', source: gemmSource };

/** The pixels are divided into enough chunks to have this many invocations, which keep a device busy. */
const ENOUGH_INVOCATIONS = 32768;
/** Least number of pixels in a chunk. Shorter chunks would cost more in the second pass than they gain. */
const SHORTEST_CHUNK = 128;
/** Number of chunks that one invocation of the second pass sums. More chunks need a third pass. */
const SPAN = 64;

/** The kernels that can compute the gradient, the probably fastest first; see `conv2dKernels`. */
export function filterGradKernels(conv: Convolution, target: Target = ANY_GPU): readonly ConvKernel[] {
  if (isDepthwise(conv)) return ['depthwise', 'plain'];
  return hasWholeQuads(conv) ? withGemm(conv, ['tile', 'plain'], target) : ['plain'];
}

/**
 * Divides the sum over pixels into `chunks` of `length` pixels, a multiple of 4.
 * @param tiles number of tiles of the weights
 */
export function pixelChunks(pixels: number, tiles: number): { readonly chunks: number; readonly length: number } {
  const wanted = Math.min(Math.ceil(ENOUGH_INVOCATIONS / tiles), Math.ceil(pixels / SHORTEST_CHUNK));
  const length = 4 * Math.ceil(pixels / wanted / 4);
  return { chunks: Math.ceil(pixels / length), length };
}

/** Adds the dispatches that compute dw (`output`) from x (`input`) and dy (`upstream`). */
export function addFilterGrad(
  result: LaunchList,
  conv: Convolution,
  input: Operand,
  upstream: Operand,
  output: Operand,
): void {
  const { x, w, y, groups } = conv;
  const kernel = chooseKernel(conv.kernel, filterGradKernels(conv, ANY_SOFTWARE));
  if (kernel === 'gemm') {
    addGemm(result, conv, input, upstream, output);
    return;
  }
  if (kernel === 'plain') {
    const constants = { ...convConstants(conv, { x: 1, y: 1 }), KT: 1, CHUNKS: 1, LENGTH: 1, KO: w[3], SPAN: 1 };
    result.launch(shader, 'plain', constants, { x: input, dy: upstream }, { dw: output }, elements(w));
    return;
  }
  const depthwise = kernel === 'depthwise';
  const [n, oh, ow, k] = y;
  const k4 = quads(k);
  const bordered = result.bordered(conv, input, depthwise ? 4 * quads(x[3]) : x[3]);
  const dy = result.padded('dy', upstream, [n, oh, ow, 4 * k4], 'activations');

  const vec4 = depthwise || w[2] % 4 === 0;
  const kt = !depthwise && (k4 / groups) % 2 === 0 ? 2 : 1;
  const steps = w[0] * w[1] * w[2];
  const tiles = Math.ceil(steps / (depthwise ? 5 : 8)) * (k4 / kt);
  const { chunks, length } = pixelChunks(n * oh * ow, tiles);
  const constants = {
    ...convConstants({ ...conv, x: bordered.shape as Shape4, padTop: 0, padLeft: 0 }, { x: vec4 ? 4 : 1, y: 4 }),
    ...(depthwise ? { CG: 1, KG: 1 } : {}),
    KT: kt,
    CHUNKS: chunks,
    LENGTH: length,
    KO: k,
    SPAN,
  };
  const partial = partials(result, conv, chunks, output);
  const entryPoint = kernel === 'tile' && vec4 ? 'tile4' : kernel;
  const reads = { [vec4 ? 'x4' : 'x']: bordered, dy4: dy };
  result.launch(shader, entryPoint, constants, reads, { partial }, tiles * chunks);
  addFinish(result, conv, chunks, partial, output);
}

/** The tensor for the sums of the chunks. It is `output` itself if there is one chunk and the channels are whole vec4s. */
function partials(result: LaunchList, { w, y }: Convolution, chunks: number, output: Operand): Operand {
  if (chunks === 1 && y[3] % 4 === 0) return output;
  return result.temporary('partial', [chunks, w[0], w[1], w[2], 4 * quads(y[3])]);
}

/** Adds the passes that sum the chunks into `output`. */
function addFinish(result: LaunchList, conv: Convolution, chunks: number, partial: Operand, output: Operand): void {
  if (partial === output) return;
  const { w, y } = conv;
  const [k, k4] = [y[3], quads(y[3])];
  const shared = convConstants({ ...conv, padTop: 0, padLeft: 0 }, { x: 1, y: 4 });
  const constants = { ...shared, KG: 1, KT: 1, LENGTH: 1, SPAN };
  let [left, from] = [chunks, partial];
  for (; left > SPAN; left = Math.ceil(left / SPAN)) {
    const sums = result.temporary('sums', [Math.ceil(left / SPAN), w[0], w[1], w[2], 4 * k4]);
    const sizes = { ...constants, CHUNKS: left, KO: 4 * k4 };
    result.launch(shader, 'finish', sizes, { partials: from }, { dw: sums }, elements(sums.shape));
    from = sums;
  }
  const sizes = { ...constants, CHUNKS: left, KO: k };
  result.launch(shader, 'finish', sizes, { partials: from }, { dw: output }, elements(w));
}

/** Adds the dispatches of the gradient as a matrix product whose workgroups share tiles. */
function addGemm(result: LaunchList, conv: Convolution, x: Operand, dy: Operand, output: Operand): void {
  const { w, y, groups } = conv;
  const [rows, filters] = [w[0] * w[1] * w[2], y[3] / groups];
  const pixels = y[0] * y[1] * y[2];
  // Splitting the long sum gives enough workgroups, so large tiles can be chosen.
  const tile = chooseTile(rows, filters, groups * mostParts(pixels));
  const tiles = tileCount(tile, rows, filters) * groups;
  const { parts, length } = splitSum(tile, tiles, pixels);
  const constants = { ...convConstants(conv, { x: 1, y: 1 }), ...tileConstants(tile), CHUNKS: parts, LENGTH: length };
  const threads = invocations(tile);
  const partial = partials(result, conv, parts, output);
  result.launch(gemmShader, 'tile', constants, { x4: x, dy4: dy }, { partial }, tiles * parts * threads, {
    workgroupSize: threads,
  });
  addFinish(result, conv, parts, partial, output);
}
