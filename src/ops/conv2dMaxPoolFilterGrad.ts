/** Gradient of conv2dMaxPool with respect to filter and bias: its kernels, and when each is chosen. */
import source from '../../shaders/conv2dMaxPoolFilterGrad.wgsl?raw';
import { apply, type Op, type Target } from '../graph.ts';
import type { Tensor } from '../tensor.ts';
import { addFilterGrad, filterGradKernels } from './conv2dFilterGrad.ts';
import type { ConvPoolGradAttributes } from './conv2dMaxPoolInputGrad.ts';
import { LaunchList, type Shape4 } from './convolution.ts';
import { addMaxPoolGrad, type ConvPoolGradKernel, innerConvolution, withGemmKernel } from './convolutionPool.ts';

const shader = { name: 'conv2dMaxPoolFilterGrad', source };

/** The windows are divided into enough chunks to have this many invocations, which keep a device busy. */
const ENOUGH_INVOCATIONS = 16384;
/** Least number of windows in a chunk. Shorter chunks would cost more in the second pass than they gain. */
const SHORTEST_CHUNK = 32;
/** Largest number of chunks, because the second pass sums over them. */
const MOST_CHUNKS = 256;

/** Divides the sum over windows into `chunks` of `length` windows. @param invocations number of invocations for each chunk */
export function windowChunks(
  windows: number,
  invocations: number,
): { readonly chunks: number; readonly length: number } {
  const wanted = Math.min(
    MOST_CHUNKS,
    Math.ceil(ENOUGH_INVOCATIONS / invocations),
    Math.ceil(windows / SHORTEST_CHUNK),
  );
  const length = Math.ceil(windows / wanted);
  return { chunks: Math.ceil(windows / length), length };
}

/**
 * From this number of pixels in a window on, summing over the chosen ones only is faster. On SwiftShader, a scattered
 * multiply-add takes five times as long as one of a dense sum.
 */
const SPARSE_ENOUGH = 6;

/** The kernels that can compute the gradient, the probably fastest first. */
function filterGradOrder(
  { conv, pool, kernel }: ConvPoolGradAttributes,
  target: Target,
): readonly ConvPoolGradKernel[] {
  const area = pool.window.kernelHeight * pool.window.kernelWidth;
  const order = area >= SPARSE_ENOUGH ? (['sparse', 'dense'] as const) : (['dense', 'sparse'] as const);
  return withGemmKernel(order, filterGradKernels(conv, target), kernel);
}

/** Spreads dy over the feature map, takes dw from the convolution's own gradient, and sums the bias's gradient. */
function denseLaunches({ conv, pool, relu, kernel }: ConvPoolGradAttributes): LaunchList {
  const result = new LaunchList();
  const [y, filters] = [pool.y as Shape4, pool.y[3]!];
  const [dy, chosen] = [result.input(1, y), result.input(2, y)];
  const dz = addMaxPoolGrad(result, { conv, pool, relu }, dy, chosen);
  const dw = result.output(conv.w);
  addFilterGrad(result, innerConvolution(conv, kernel ?? 'dense'), result.input(0, conv.x), dz, dw);
  const { chunks, length } = windowChunks(y[0] * y[1] * y[2], filters);
  const constants = {
    WINDOWS: y[0] * y[1] * y[2],
    H: 1,
    W: 1,
    C: 1,
    OH: y[1],
    OW: y[2],
    K: filters,
    KH: 1,
    KW: 1,
    SY: 1,
    SX: 1,
    DY: 1,
    DX: 1,
    PH: 1,
    PW: 1,
    CHUNKS: chunks,
    LENGTH: length,
    CI: 1,
    R: 0,
  };
  const partial = result.temporary('biases', [chunks, filters]);
  result.launch(shader, 'biases', constants, { dy, chosen }, { partial }, filters * chunks);
  const outputs = { dw, db: result.output([filters], 1) }; // with R = 0, `finish` sums the bias only
  result.launch(shader, 'finish', constants, { partials: partial }, outputs, filters);
  return result;
}

function launches(attributes: ConvPoolGradAttributes): LaunchList {
  return (attributes.kernel ?? 'sparse') === 'sparse' ? sparseRecipe(attributes) : denseLaunches(attributes);
}

function sparseRecipe({ conv, pool }: ConvPoolGradAttributes): LaunchList {
  const { kernelHeight: poolHeight, kernelWidth: poolWidth } = pool.window;
  const y = pool.y as Shape4;
  const result = new LaunchList();
  const input = result.bordered(conv, result.input(0, conv.x), conv.x[3]);
  const [, height, width, channels] = input.shape as Shape4;
  const [kernelHeight, kernelWidth] = conv.w;
  const vec4 = channels % 4 === 0;
  const units = vec4 ? channels / 4 : channels;
  const parts = (vec4 ? kernelHeight : Math.ceil(kernelHeight / 5)) * units + 1;
  const windows = y[0] * y[1] * y[2];
  const { chunks, length } = windowChunks(windows, parts * y[3]);
  const constants = {
    WINDOWS: windows,
    H: height,
    W: width,
    C: units,
    OH: y[1],
    OW: y[2],
    K: y[3],
    KH: kernelHeight,
    KW: kernelWidth,
    SY: conv.strideY,
    SX: conv.strideX,
    DY: conv.dilationY,
    DX: conv.dilationX,
    PH: poolHeight,
    PW: poolWidth,
    CHUNKS: chunks,
    LENGTH: length,
    CI: channels,
  };
  const steps = kernelHeight * kernelWidth * channels;
  const partial = result.temporary('partial', [chunks, steps + 1, y[3]]);
  const reads = { [vec4 ? 'x4' : 'x']: input, dy: result.input(1, y), chosen: result.input(2, y) };
  result.launch(shader, vec4 ? 'rows4' : 'rows', constants, reads, { partial }, parts * y[3] * chunks);
  const outputs = { dw: result.output(conv.w), db: result.output([y[3]], 1) };
  result.launch(shader, 'finish', constants, { partials: partial }, outputs, (steps + 1) * y[3]);
  return result;
}

/** Inputs `x, dy, chosen`; outputs the gradients of the filter and of the bias. */
export const maxPoolFilterGradOp: Op<ConvPoolGradAttributes> = {
  name: 'conv2dMaxPoolFilterGrad',
  outputs: (_, { conv, pool }) => [{ shape: conv.w }, { shape: [pool.y[3]!], name: 'bias' }],
  kernels: (_, attributes, target) => filterGradOrder(attributes, target),
  scratch: (_, attributes) => launches(attributes).scratch,
  dispatches: (node) => launches(node.attributes).dispatches(node),
};

/** Gradients of `conv2dMaxPool` with respect to filter and bias. @param chosen the chosen pixel of each window */
export function maxPoolFilterGrad(x: Tensor, dy: Tensor, chosen: Tensor, attributes: ConvPoolGradAttributes): Tensor[] {
  return apply(maxPoolFilterGradOp, [x, dy, chosen], attributes);
}
