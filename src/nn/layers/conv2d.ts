/**
 * The layers `conv2d`, `depthwiseConv2d` and `conv2dTranspose`: their options, weights and output shapes. All are grouped
 * convolutions, the last one the other way round.
 */
import { ShapeError } from '../../errors.ts';
import { biasAdd, conv2d as conv2dOp, conv2dTranspose as conv2dTransposeOp, reshape } from '../../ops/index.ts';
import {
  type Padding,
  type Pair,
  pair,
  transposedGeometry,
  type WindowOptions,
  windowGeometry,
} from '../../ops/window.ts';
import { check } from '../../options.ts';
import type { Shape, Tensor } from '../../tensor.ts';
import { type ActivationName, activate, checkActivation } from '../activations.ts';
import { checkInitializer, type Initializer } from '../initializers.ts';
import { imageShape } from './checks.ts';
import type { BuiltLayer, LayerOptions, LayerType, OptionKinds, WeightSpec } from './layer.ts';

interface ConvolutionOptions extends LayerOptions {
  /** Size of the kernel in pixels. */
  readonly kernelSize: Pair;
  /** Default 1. */
  readonly strides?: Pair;
  /** Default `valid`. */
  readonly padding?: Padding;
  /** Default 1. */
  readonly dilationRate?: Pair;
  /** Default `linear`. */
  readonly activation?: ActivationName;
  /** Default true. */
  readonly useBias?: boolean;
  /** Default `zeros`. */
  readonly biasInitializer?: Initializer;
}

export interface Conv2dOptions extends ConvolutionOptions {
  /** Number of kernels, i.e. of output channels. */
  readonly filters: number;
  /** Number of groups of channels; each group is convolved separately. Default 1. */
  readonly groups?: number;
  /** Default `glorotUniform`. */
  readonly kernelInitializer?: Initializer;
}

export interface DepthwiseConv2dOptions extends ConvolutionOptions {
  /** Output channels for each input channel; default 1. */
  readonly depthMultiplier?: number;
  /** Default `glorotUniform`. */
  readonly depthwiseInitializer?: Initializer;
}

export interface Conv2dTransposeOptions extends Conv2dOptions {
  /**
   * Rows and columns of the output beyond those that the padding leaves, smaller than `strides`. If it is left out,
   * `padding: 'same'` gives outputs of size * strides.
   */
  readonly outputPadding?: Pair;
}

const CONVOLUTION_OPTIONS: OptionKinds<ConvolutionOptions> = {
  kernelSize: 'any',
  strides: 'any',
  padding: 'any',
  dilationRate: 'any',
  activation: 'any',
  useBias: 'boolean',
  biasInitializer: 'any',
};

/** How a layer differs from the others. */
interface Kind {
  readonly filters: number;
  readonly kernel: WeightSpec;
  readonly kernelInitializer: 'kernelInitializer' | 'depthwiseInitializer';
  /** Height and width of the output, for those of the input and of the kernel. */
  outputSize(
    input: readonly [number, number],
    kernel: readonly [number, number],
    window: WindowOptions,
  ): readonly number[];
  /** Appends the convolution itself. */
  convolve(x: Tensor, w: Tensor, window: WindowOptions): Tensor;
}

/** Builds the part that the layers share: a convolution, a bias and an activation. */
function convolution(what: string, options: ConvolutionOptions, inputShape: Shape, kind: Kind): BuiltLayer {
  const [height, width] = imageShape(what, inputShape);
  const { strides = 1, padding = 'valid', dilationRate = 1, activation = 'linear', useBias = true } = options;
  const { biasInitializer = 'zeros' } = options;
  const { filters, kernel } = kind;
  checkActivation(what, activation);
  checkInitializer(what, kind.kernelInitializer, kernel.initializer);
  checkInitializer(what, 'biasInitializer', biasInitializer);
  const size = pair(`${what}: kernelSize`, options.kernelSize);
  pair(`${what}: dilationRate`, dilationRate);
  const window = { strides, padding, dilation: dilationRate };
  const bias: WeightSpec = { name: 'bias', shape: [filters], initializer: biasInitializer, trainable: true };
  return {
    outputShape: [...kind.outputSize([height, width], size, window), filters],
    weights: useBias ? [kernel, bias] : [kernel],
    apply(x: Tensor, [w, b]) {
      const y = kind.convolve(x, w!, window);
      return activate(b ? biasAdd(y, b) : y, activation);
    },
  };
}

/** The output of a window that slides over an image. */
function slid(what: string): Kind['outputSize'] {
  return (input, kernel, window) => {
    const { outHeight, outWidth } = windowGeometry(what, input, kernel, window);
    return [outHeight, outWidth];
  };
}

/** The checked options that `conv2d` and its transposed have in common. */
function filtersOf(what: string, options: Conv2dOptions, inputShape: Shape) {
  const channels = imageShape(what, inputShape)[2];
  const { filters, groups = 1, kernelInitializer: initializer = 'glorotUniform' } = options;
  check(what, 'filters', filters, 'count');
  const size = pair(`${what}: kernelSize`, options.kernelSize);
  if (channels % groups !== 0 || filters % groups !== 0) {
    throw new ShapeError(`${what}: ${groups} groups do not divide ${channels} channels and ${filters} filters.`);
  }
  return { channels, filters, groups, initializer, size };
}

export const conv2dLayer: LayerType<Conv2dOptions> = {
  type: 'conv2d',
  className: 'Conv2D',
  optionKinds: { ...CONVOLUTION_OPTIONS, filters: 'any', groups: 'count', kernelInitializer: 'any' },
  build(options, inputShape, what) {
    const { channels, filters, groups, initializer, size } = filtersOf(what, options, inputShape);
    const shape = [...size, channels / groups, filters];
    return convolution(what, options, inputShape, {
      filters,
      kernel: { name: 'kernel', shape, initializer, trainable: true },
      kernelInitializer: 'kernelInitializer',
      outputSize: slid(what),
      convolve: (x, w, window) => conv2dOp(x, w, { ...window, groups }),
    });
  },
};

export const conv2dTransposeLayer: LayerType<Conv2dTransposeOptions> = {
  type: 'conv2dTranspose',
  className: 'Conv2DTranspose',
  optionKinds: { ...conv2dLayer.optionKinds, outputPadding: 'any' },
  build(options, inputShape, what) {
    const { outputPadding } = options;
    const { channels, filters, groups, initializer, size } = filtersOf(what, options, inputShape);
    // As in Keras, whose initializers take the last axis for the outputs: the fans are those of the convolution transposed.
    const shape = [...size, filters / groups, channels];
    return convolution(what, options, inputShape, {
      filters,
      kernel: { name: 'kernel', shape, initializer, trainable: true },
      kernelInitializer: 'kernelInitializer',
      outputSize: (input, kernel, window) =>
        transposedGeometry(what, input, kernel, { ...window, outputPadding }).image,
      convolve: (x, w, window) => conv2dTransposeOp(x, w, { ...window, groups, outputPadding }),
    });
  },
};

export const depthwiseConv2dLayer: LayerType<DepthwiseConv2dOptions> = {
  type: 'depthwiseConv2d',
  className: 'DepthwiseConv2D',
  optionKinds: { ...CONVOLUTION_OPTIONS, depthMultiplier: 'count', depthwiseInitializer: 'any' },
  build(options, inputShape, what) {
    const channels = imageShape(what, inputShape)[2];
    const { depthMultiplier: multiplier = 1, depthwiseInitializer: initializer = 'glorotUniform' } = options;
    const size = pair(`${what}: kernelSize`, options.kernelSize);
    const filters = channels * multiplier;
    // Keras' shape [kh, kw, c, multiplier] has the same memory layout as [kh, kw, 1, c * multiplier] of a grouped convolution.
    const shape = [...size, channels, multiplier];
    return convolution(what, options, inputShape, {
      filters,
      kernel: { name: 'depthwise_kernel', shape, initializer, trainable: true },
      kernelInitializer: 'depthwiseInitializer',
      outputSize: slid(what),
      convolve: (x, w, window) => conv2dOp(x, reshape(w, [...size, 1, filters]), { ...window, groups: channels }),
    });
  },
};
