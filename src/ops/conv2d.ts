/** conv2d and its two gradients, in one file because the gradient of each is made of the other two. */
import { apply1, expectTensors, type Op } from '../graph.ts';
import type { Shape, Tensor } from '../tensor.ts';
import { addFilterGrad, filterGradKernels } from './conv2dFilterGrad.ts';
import { addConv2d, conv2dKernels } from './conv2dForward.ts';
import { addInputGrad, inputGradKernels } from './conv2dInputGrad.ts';
import { type Conv2dOptions, type Convolution, convolution, expectOperand, LaunchList } from './convolution.ts';
import type { Activation } from './elementwise.ts';

/** A convolution with the activation that fusion adds to it. */
interface Attributes extends Convolution {
  readonly activation?: Activation | undefined;
}

function forwardLaunches(conv: Attributes, biased: boolean): LaunchList {
  const result = new LaunchList();
  const epilogue = { bias: biased ? result.input(2, [conv.y[3]]) : undefined, activation: conv.activation };
  addConv2d(result, conv, result.input(0, conv.x), result.input(1, conv.w), result.output(conv.y), epilogue);
  return result;
}

/** Inputs `x, w`, and perhaps the bias `[k]`. */
export const conv2dOp: Op<Attributes> = {
  name: 'conv2d',
  outputs: ([x, w], conv) => {
    expectOperand('conv2d', 'x', x!, conv.x);
    expectOperand('conv2d', 'w', w!, conv.w);
    return [{ shape: conv.y }];
  },
  kernels: ([, , bias], conv, target) =>
    conv2dKernels(conv, target).filter((kernel) => kernel !== 'plain' || !(bias || conv.activation)),
  scratch: ([, , bias], conv) => forwardLaunches(conv, bias !== undefined).scratch,
  dispatches: (node) => forwardLaunches(node.attributes, node.inputs.length > 2).dispatches(node),
  backward: ({ inputs: [x, w], attributes: conv }, [dy]) => [inputGrad(dy!, w!, conv), filterGrad(x!, dy!, conv)],
};

/** conv2d for a convolution whose shapes have been checked: for the gradients of its gradients. */
export function conv2dOf(x: Tensor, w: Tensor, conv: Convolution): Tensor {
  return apply1(conv2dOp, [x, w], conv);
}

/**
 * Two-dimensional convolution (cross-correlation, as in TensorFlow): `y[b, oy, ox, k] = sum x[b, oy * strideY + ky *
 * dilationY - top, ox * strideX + kx * dilationX - left, ci] * w[ky, kx, ci, k]`, x being 0 outside the image.
 * @param x images `[n, h, w, c]`
 * @param w filters `[kh, kw, c / groups, k]`. The k output channels are divided evenly, in order, among the groups.
 *   With `groups = c` (depthwise), output channel `ci * multiplier + m` is the m-th of image channel ci.
 * @returns `[n, oh, ow, k]`
 * @throws ShapeError if channels do not match, groups do not divide them, or the window does not fit into the image
 * @throws ArgumentError for strides, padding, dilation or groups with values that make no sense
 */
export function conv2d(x: Tensor, w: Tensor, options: Conv2dOptions = {}): Tensor {
  expectTensors('conv2d', [x, w]);
  return conv2dOf(x, w, convolution('conv2d', x.shape, w.shape, options));
}

function inputGradLaunches(conv: Convolution): LaunchList {
  const result = new LaunchList();
  addInputGrad(result, conv, result.input(0, conv.y), result.input(1, conv.w), result.output(conv.x));
  return result;
}

export const conv2dInputGradOp: Op<Convolution> = {
  name: 'conv2dInputGrad',
  outputs: ([dy, w], conv) => {
    expectOperand('conv2dInputGrad', 'dy', dy!, conv.y);
    expectOperand('conv2dInputGrad', 'w', w!, conv.w);
    return [{ shape: conv.x }];
  },
  kernels: (_, conv, target) => inputGradKernels(conv, target),
  scratch: (_, conv) => inputGradLaunches(conv).scratch,
  dispatches: (node) => inputGradLaunches(node.attributes).dispatches(node),
  // dx is linear in dy and in w, and the upstream gradient g has the shape of x: sum g dx = sum conv2d(g, w) dy.
  backward: ({ inputs: [dy, w], attributes: conv }, [g]) => [conv2dOf(g!, w!, conv), filterGrad(g!, dy!, conv)],
};

/** The gradient for x, for a convolution whose shapes have been checked. */
export function inputGrad(dy: Tensor, w: Tensor, conv: Convolution): Tensor {
  return apply1(conv2dInputGradOp, [dy, w], conv);
}

/**
 * Gradient of `conv2d(x, w, options)` with respect to x.
 * @param dy upstream gradient, `[n, oh, ow, k]`
 * @param w `[kh, kw, c / groups, k]`
 * @param x shape of x, `[n, h, w, c]`
 * @throws ShapeError, ArgumentError as `conv2d`, and if dy does not have the shape of its result
 */
export function conv2dInputGrad(dy: Tensor, w: Tensor, x: Shape, options: Conv2dOptions = {}): Tensor {
  expectTensors('conv2dInputGrad', [dy, w]);
  return inputGrad(dy, w, convolution('conv2dInputGrad', x, w.shape, options));
}

function filterGradLaunches(conv: Convolution): LaunchList {
  const result = new LaunchList();
  addFilterGrad(result, conv, result.input(0, conv.x), result.input(1, conv.y), result.output(conv.w));
  return result;
}

export const conv2dFilterGradOp: Op<Convolution> = {
  name: 'conv2dFilterGrad',
  outputs: ([x, dy], conv) => {
    expectOperand('conv2dFilterGrad', 'x', x!, conv.x);
    expectOperand('conv2dFilterGrad', 'dy', dy!, conv.y);
    return [{ shape: conv.w }];
  },
  kernels: (_, conv, target) => filterGradKernels(conv, target),
  scratch: (_, conv) => filterGradLaunches(conv).scratch,
  dispatches: (node) => filterGradLaunches(node.attributes).dispatches(node),
  // dw is linear in x and in dy, and the upstream gradient g has the shape of w: sum g dw = sum conv2d(x, g) dy.
  backward: ({ inputs: [x, dy], attributes: conv }, [g]) => [inputGrad(dy!, g!, conv), conv2dOf(x!, g!, conv)],
};

/** The gradient for w, for a convolution whose shapes have been checked. */
export function filterGrad(x: Tensor, dy: Tensor, conv: Convolution): Tensor {
  return apply1(conv2dFilterGradOp, [x, dy], conv);
}

/**
 * Gradient of `conv2d(x, w, options)` with respect to w.
 * @param x `[n, h, w, c]`
 * @param dy upstream gradient, `[n, oh, ow, k]`
 * @param w shape of w, `[kh, kw, c / groups, k]`
 * @throws ShapeError, ArgumentError as `conv2d`, and if dy does not have the shape of its result
 */
export function conv2dFilterGrad(x: Tensor, dy: Tensor, w: Shape, options: Conv2dOptions = {}): Tensor {
  expectTensors('conv2dFilterGrad', [x, dy]);
  return filterGrad(x, dy, convolution('conv2dFilterGrad', x.shape, w, options));
}
