/** The transposed convolution: the gradient of conv2d with respect to x as an op of its own, with its kernels. */
import { ShapeError } from '../errors.ts';
import { apply1, expectTensors, type Op } from '../graph.ts';
import { checkOneOf, checkOptions, type Kind } from '../options.ts';
import { formatShape, type Tensor } from '../tensor.ts';
import { conv2dInputGradOp } from './conv2d.ts';
import {
  CONV2D_OPTIONS,
  type Conv2dOptions,
  type Convolution,
  expectOperand,
  KERNELS,
  type Shape4,
} from './convolution.ts';
import { type TransposedWindowOptions, transposedGeometry } from './window.ts';

export interface Conv2dTransposeOptions extends Conv2dOptions, TransposedWindowOptions {}

const OPTIONS = { ...CONV2D_OPTIONS, outputPadding: 'any' } as const satisfies Record<
  keyof Conv2dTransposeOptions,
  Kind
>;

/** The attributes are the convolution that it transposes, whose x is this op's output and whose y is its input. */
const op: Op<Convolution> = {
  ...conv2dInputGradOp,
  name: 'conv2dTranspose',
  outputs: ([x, w], conv) => {
    expectOperand('conv2dTranspose', 'x', x!, conv.y);
    expectOperand('conv2dTranspose', 'w', w!, conv.w);
    return [{ shape: conv.x }];
  },
};

/**
 * Two-dimensional transposed convolution, as Keras' Conv2DTranspose: each pixel of x adds its filter, times its value, to
 * y, `y[b, iy * strideY + ky * dilationY - top, ix * strideX + kx * dilationX - left, f] += x[b, iy, ix, ci] * w[ky, kx, f, ci]`.
 * What falls outside of y is left out. With the same options it is the adjoint of `conv2d` from images of y's size:
 * `<conv2d(y, w), x> = <y, conv2dTranspose(x, w)>`.
 * @param x `[n, h, w, c]`
 * @param w filters `[kh, kw, filters / groups, c]`. The c channels of x and the filters are divided evenly, in order, among
 *   the groups.
 * @param options `padding` takes pixels away from y: of k taps and n pixels, `valid` gives (n - 1) * stride + max(k, stride)
 *   outputs, `same` n * stride. With `outputPadding` p these are (n - 1) * stride + k + p and (n - 1) * stride + k mod 2 + p.
 * @returns `[n, oh, ow, filters]`
 * @throws ShapeError if channels do not match, groups do not divide them, or the padding leaves no output
 * @throws ArgumentError for options with values that make no sense
 */
export function conv2dTranspose(x: Tensor, w: Tensor, options: Conv2dTransposeOptions = {}): Tensor {
  const what = 'conv2dTranspose';
  expectTensors(what, [x, w]);
  const { groups = 1, kernel, ...rest } = checkOptions(what, options, OPTIONS);
  if (kernel !== undefined) checkOneOf(what, 'kernel', kernel, KERNELS);
  const shapes = `x ${formatShape(x.shape)}, w ${formatShape(w.shape)}`;
  if (x.shape.length !== 4 || w.shape.length !== 4) {
    throw new ShapeError(`${what}: x must be [n, h, w, c] and w [kh, kw, filters / groups, c], got ${shapes}.`);
  }
  const [n, height, width, c] = x.shape as Shape4;
  const [kernelHeight, kernelWidth, perGroup, channels] = w.shape as Shape4;
  if (channels !== c) {
    throw new ShapeError(`${what}: w must have x's channels = ${c} on its last axis, got ${channels} (${shapes}).`);
  }
  if (c % groups !== 0) throw new ShapeError(`${what}: ${groups} groups do not divide ${c} channels of x (${shapes}).`);
  const { image, window } = transposedGeometry(what, [height, width], [kernelHeight, kernelWidth], rest);
  const y: Shape4 = [n, ...image, perGroup * groups];
  return apply1(op, [x, w], { ...window, x: y, w: w.shape as Shape4, y: x.shape as Shape4, groups, kernel });
}
