/**
 * A convolution followed by a max-pool, as one op that need not write the feature map between them. Fusion puts it in
 * the place of the single ops.
 */
import source from '../../shaders/conv2dMaxPool.wgsl?raw';
import { ArgumentError } from '../errors.ts';
import { ANY_SOFTWARE, apply, expectTensors, type Op } from '../graph.ts';
import { checkOneOf, checkOptions, type Kind } from '../options.ts';
import { formatShape, type Tensor } from '../tensor.ts';
import { addConv2d, conv2dKernels } from './conv2dForward.ts';
import { maxPoolFilterGrad } from './conv2dMaxPoolFilterGrad.ts';
import { maxPoolInputGrad } from './conv2dMaxPoolInputGrad.ts';
import {
  type Conv2dOptions,
  type Convolution,
  convolution,
  expectOperand,
  LaunchList,
  type Shape4,
} from './convolution.ts';
import { type ConvPoolGradKernel, GRAD_KERNELS, innerConvolution, withGemmKernel } from './convolutionPool.ts';
import { maxPoolDispatch } from './maxPool2d.ts';
import { type Pool, poolOfShape } from './pool.ts';
import { reluFunction } from './relu.ts';
import { type Pair, pair } from './window.ts';

const shader = { name: 'conv2dMaxPool', source };

/**
 * `column` walks down the image and reads each value of x once. `window` can do any window of at most 16 pixels.
 * `apart` runs conv2d and maxPool2d with the feature map between them: with many channels, writing it costs little
 * compared with the arithmetic. `gemm` is `apart` with the workgroup-tiled convolution.
 */
const KERNELS = ['column', 'window', 'apart', 'gemm'] as const;
export type ConvPoolKernel = (typeof KERNELS)[number];

/** A convolution followed by a max-pool whose windows lie edge to edge, without padding. */
export interface ConvPool {
  /** Its y is the feature map, which `column` and `window` never write. */
  readonly conv: Convolution;
  readonly pool: Pool;
  readonly relu: boolean;
  readonly kernel: ConvPoolKernel | undefined;
  /** Kernel of the gradients. */
  readonly gradKernel?: ConvPoolGradKernel | undefined;
}

/** From this number of input channels on, `apart` is faster than `window` (on SwiftShader, twice as fast). */
const MANY_CHANNELS = 8;
/** Number of invocations of `column` that keeps a device busy. With fewer, the strips are divided into bands. */
const ENOUGH_STRIPS = 4096;

/**
 * The kernels that can compute it, the probably fastest first. If there are none, conv2d and maxPool2d must be separate
 * ops.
 */
export function convPoolKernels(
  { conv, pool, kernel: asked }: ConvPool,
  target = ANY_SOFTWARE,
): readonly ConvPoolKernel[] {
  const { kernelHeight: poolHeight, kernelWidth: poolWidth, padTop, padLeft } = pool.window;
  // The windows must lie edge to edge, and all inside the feature map.
  const edgeToEdge = pool.window.strideY === poolHeight && pool.window.strideX === poolWidth;
  const inside = pool.y[1]! * poolHeight <= pool.x[1]! && pool.y[2]! * poolWidth <= pool.x[2]!;
  if (!edgeToEdge || !inside || padTop > 0 || padLeft > 0) return [];
  const { w, y, x, groups, strideY, strideX, dilationY, dilationX } = conv;
  if (groups !== 1 || y[3] % 4 !== 0 || w[1] > 8) return [];
  const dense = Math.max(strideY, strideX, dilationY, dilationX) === 1 && Math.max(w[0], w[1]) <= 5 && poolWidth <= 4;
  const small = poolHeight * poolWidth <= 16;
  // With few channels `column` keeps the weights in registers; with many it reads them for each row again.
  const order: readonly Exclude<ConvPoolKernel, 'gemm'>[] =
    x[3] <= 2
      ? ['column', 'window', 'apart']
      : x[3] < MANY_CHANNELS
        ? ['window', 'column', 'apart']
        : ['apart', 'window'];
  const able = order.filter((kernel) => kernel === 'apart' || (kernel === 'column' ? dense : small));
  return withGemmKernel(able, conv2dKernels(conv, target), asked);
}

/** Number of rows of windows that an invocation of `column` walks down. */
function rowsOfStrip(strips: number, rows: number): number {
  const bands = Math.min(rows, Math.ceil(ENOUGH_STRIPS / strips));
  return Math.ceil(rows / bands);
}

function launches(attributes: ConvPool, bias: boolean): LaunchList {
  const { conv, pool, relu } = attributes;
  const { kernelHeight: poolHeight, kernelWidth: poolWidth } = pool.window;
  const y = pool.y as Shape4;
  const result = new LaunchList();
  const able = convPoolKernels(attributes);
  const { kernel = able[0]! } = attributes;
  if (kernel === 'apart' || kernel === 'gemm') {
    const [map, pooled, chosen] = [
      result.temporary('map', conv.y, 'activations'),
      result.output(y),
      result.output(y, 1),
    ] as const;
    const epilogue = {
      bias: bias ? result.input(2, [y[3]]) : undefined,
      activation: relu ? reluFunction.activation(undefined) : undefined,
    };
    addConv2d(result, innerConvolution(conv, kernel), result.input(0, conv.x), result.input(1, conv.w), map, epilogue);
    result.add((node) => maxPoolDispatch(pool, map.of(node), pooled.of(node), chosen.of(node), relu));
    return result;
  }
  const input = result.bordered(conv, result.input(0, conv.x), conv.x[3]);
  const [images, height, width, channels] = input.shape as Shape4;
  const vec4 = kernel === 'window' && channels % 4 === 0;
  const k4 = y[3] / 4;
  const tile = kernel === 'column' ? Math.floor(4 / poolWidth) : Math.floor(16 / (poolHeight * poolWidth));
  const strips = images * Math.ceil(y[2] / tile) * k4;
  const rows = rowsOfStrip(strips, y[1]);
  const kt = k4 % 2 === 0 ? 2 : 1;
  const constants = {
    IMAGES: images,
    H: height,
    W: width,
    C: vec4 ? channels / 4 : channels,
    OH: y[1],
    OW: y[2],
    K: k4,
    KH: conv.w[0],
    KW: conv.w[1],
    SY: conv.strideY,
    SX: conv.strideX,
    DY: conv.dilationY,
    DX: conv.dilationX,
    PH: poolHeight,
    PW: poolWidth,
    ROWS: rows,
    KT: kt,
    RELU: Number(relu),
    BIAS: Number(bias),
  };
  const invocations = kernel === 'column' ? strips * Math.ceil(y[1] / rows) : (strips * y[1]) / kt;
  const w = result.input(1, conv.w);
  result.launch(
    shader,
    vec4 ? 'window4' : kernel,
    constants,
    { [vec4 ? 'x4' : 'x']: input, w4: w, bias4: bias ? result.input(2, [y[3]]) : w },
    { y4: result.output(y), chosen4: result.output(y, 1) },
    invocations,
    { unused: bias ? undefined : ['bias4'] },
  );
  return result;
}

/** Inputs `x, w` and perhaps the bias. Outputs y and, for each window, which pixel was the largest. */
export const convPoolOp: Op<ConvPool> = {
  name: 'conv2dMaxPool',
  outputs: ([x, w, b], attributes) => {
    expectOperand('conv2dMaxPool', 'x', x!, attributes.conv.x);
    expectOperand('conv2dMaxPool', 'w', w!, attributes.conv.w);
    if (b) expectOperand('conv2dMaxPool', 'bias', b, [attributes.pool.y[3]!]);
    return [{ shape: attributes.pool.y }, { shape: attributes.pool.y, dtype: 'u32', name: 'chosen' }];
  },
  kernels: (_, attributes, target) => convPoolKernels(attributes, target),
  scratch: ([, , b], attributes) => launches(attributes, b !== undefined).scratch,
  dispatches: (node) => launches(node.attributes, node.inputs.length > 2).dispatches(node),
  backward: ({ inputs: [x, w, b], outputs: [, chosen], attributes }, [dy]) => {
    const [dw, db] = maxPoolFilterGrad(x!, dy!, chosen!, { ...attributes, kernel: attributes.gradKernel });
    return [
      maxPoolInputGrad(dy!, chosen!, w!, { ...attributes, kernel: attributes.gradKernel }),
      dw,
      ...(b ? [db] : []),
    ];
  },
};

export interface Conv2dMaxPoolOptions extends Omit<Conv2dOptions, 'kernel' | 'groups'> {
  /** Height and width of the pool's windows, which lie edge to edge, without padding. */
  readonly poolSize: Pair;
  /** `[k]`; absent: none. */
  readonly bias?: Tensor;
  /** Default `relu`. */
  readonly activation?: 'relu' | 'linear';
  /** Asks for a kernel, for tests and benchmarks. It is ignored if it cannot do the case. Default: chosen by the shapes. */
  readonly kernel?: ConvPoolKernel;
  /** The same for the gradients. */
  readonly gradKernel?: ConvPoolGradKernel;
}

const OPTIONS = {
  strides: 'any',
  padding: 'any',
  dilation: 'any',
  poolSize: 'any',
  bias: 'any',
  activation: 'any',
  kernel: 'any',
  gradKernel: 'any',
} as const satisfies Record<keyof Conv2dMaxPoolOptions, Kind>;

/**
 * `maxPool2d(relu(biasAdd(conv2d(x, w), bias)))` as one op. Most of its kernels never write the feature map, which is
 * most often the largest tensor of a network, and its gradients can sum over the chosen pixels only. Graphs need not
 * call it: the planner puts it in the place of the four ops when they follow one another.
 * @param x images `[n, h, w, c]`
 * @param w filters `[kh, kw, c, k]`; k a multiple of 4
 * @returns `[n, oh, ow, k]`
 * @throws ShapeError if shapes do not fit
 * @throws ArgumentError for sizes that no kernel can do: k not a multiple of 4, or kw over 8
 */
export function conv2dMaxPool(x: Tensor, w: Tensor, options: Conv2dMaxPoolOptions): Tensor {
  expectTensors('conv2dMaxPool', [x, w]);
  const {
    poolSize,
    bias,
    activation = 'relu',
    kernel,
    gradKernel,
    ...convOptions
  } = checkOptions('conv2dMaxPool', options, OPTIONS);
  const size = pair('conv2dMaxPool: poolSize', poolSize);
  checkOneOf('conv2dMaxPool', 'activation', activation, ['relu', 'linear']);
  if (kernel !== undefined) checkOneOf('conv2dMaxPool', 'kernel', kernel, KERNELS);
  if (gradKernel !== undefined) checkOneOf('conv2dMaxPool', 'gradKernel', gradKernel, GRAD_KERNELS);
  const conv = convolution('conv2dMaxPool', x.shape, w.shape, convOptions);
  const pool = poolOfShape('conv2dMaxPool', conv.y, { poolSize: size });
  const attributes: ConvPool = { conv, pool, relu: activation === 'relu', kernel, gradKernel };
  if (convPoolKernels(attributes).length === 0) {
    throw new ArgumentError(
      `conv2dMaxPool: no kernel does filters ${formatShape(w.shape)} with a pool of ${size.join(' x ')}; ` +
        'use conv2d and maxPool2d.',
    );
  }
  return apply(convPoolOp, bias !== undefined ? [x, w, bias] : [x, w], attributes)[0]!;
}
