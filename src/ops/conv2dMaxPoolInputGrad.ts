/** Gradient of conv2dMaxPool with respect to its images: its kernels and their dispatches. */
import source from '../../shaders/conv2dMaxPoolInputGrad.wgsl?raw';
import { apply1, type Op } from '../graph.ts';
import type { Tensor } from '../tensor.ts';
import { addInputGrad, inputGradKernels } from './conv2dInputGrad.ts';
import type { ConvPool } from './conv2dMaxPool.ts';
import { LaunchList, quads } from './convolution.ts';
import { addMaxPoolGrad, type ConvPoolGradKernel, innerConvolution, withGemmKernel } from './convolutionPool.ts';

const shader = { name: 'conv2dMaxPoolInputGrad', source };

/** The attributes of `conv2dMaxPool`, with the kernel of its gradients. */
export interface ConvPoolGradAttributes extends Omit<ConvPool, 'kernel'> {
  readonly kernel: ConvPoolGradKernel | undefined;
}

function launches({ conv, pool, relu, kernel = 'dense' }: ConvPoolGradAttributes): LaunchList {
  const result = new LaunchList();
  const { x, w } = conv;
  const [dy, chosen, filter, dx] = [
    result.input(0, pool.y),
    result.input(1, pool.y),
    result.input(2, w),
    result.output(x),
  ] as const;
  if (kernel !== 'sparse') {
    addInputGrad(
      result,
      innerConvolution(conv, kernel),
      addMaxPoolGrad(result, { conv, pool, relu }, dy, chosen),
      filter,
      dx,
    );
    return result;
  }
  const pixels = x[0] * x[1] * x[2];
  const constants = {
    PIXELS: pixels,
    H: x[1],
    W: x[2],
    C: x[3],
    OH: pool.y[1]!,
    OW: pool.y[2]!,
    K: pool.y[3]! / 4,
    KH: w[0],
    KW: w[1],
    SY: conv.strideY,
    SX: conv.strideX,
    DY: conv.dilationY,
    DX: conv.dilationX,
    TOP: conv.padTop,
    LEFT: conv.padLeft,
    PH: pool.window.kernelHeight,
    PW: pool.window.kernelWidth,
  };
  result.launch(shader, 'main', constants, { dy4: dy, chosen4: chosen, w: filter }, { dx }, pixels * quads(x[3]));
  return result;
}

/** Inputs `dy, chosen, w`. */
export const maxPoolInputGradOp: Op<ConvPoolGradAttributes> = {
  name: 'conv2dMaxPoolInputGrad',
  outputs: (_, { conv }) => [{ shape: conv.x }],
  kernels: (_, { conv, kernel }, target) => withGemmKernel(['dense', 'sparse'], inputGradKernels(conv, target), kernel),
  scratch: (_, attributes) => launches(attributes).scratch,
  dispatches: (node) => launches(node.attributes).dispatches(node),
};

/** Gradient of `conv2dMaxPool` with respect to its images. @param chosen the chosen pixel of each window */
export function maxPoolInputGrad(dy: Tensor, chosen: Tensor, w: Tensor, attributes: ConvPoolGradAttributes): Tensor {
  return apply1(maxPoolInputGradOp, [dy, chosen, w], attributes);
}
