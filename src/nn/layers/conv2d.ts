/** The layers `conv2d` and `depthwiseConv2d`: their options, weights and output shapes. Both are a grouped convolution. */
import { ShapeError } from '../../errors.ts';
import { biasAdd, conv2d as conv2dOp, reshape } from '../../ops/index.ts';
import { type Padding, type Pair, pair, windowGeometry } from '../../ops/window.ts';
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

const CONVOLUTION_OPTIONS: OptionKinds<ConvolutionOptions> = {
  kernelSize: 'any',
  strides: 'any',
  padding: 'any',
  dilationRate: 'any',
  activation: 'any',
  useBias: 'boolean',
  biasInitializer: 'any',
};

/** Builds the part that both layers share: a grouped convolution, a bias and an activation. */
function convolution(
  what: string,
  options: ConvolutionOptions,
  inputShape: Shape,
  { filters, groups, kernel, filterShape }: { filters: number; groups: number; kernel: WeightSpec; filterShape: Shape },
  kernelInitializer: 'kernelInitializer' | 'depthwiseInitializer',
): BuiltLayer {
  const [height, width] = imageShape(what, inputShape);
  const { strides = 1, padding = 'valid', dilationRate = 1, activation = 'linear', useBias = true } = options;
  const { biasInitializer = 'zeros' } = options;
  checkActivation(what, activation);
  checkInitializer(what, kernelInitializer, kernel.initializer);
  checkInitializer(what, 'biasInitializer', biasInitializer);
  const size = pair(`${what}: kernelSize`, options.kernelSize);
  pair(`${what}: dilationRate`, dilationRate);
  const window = { strides, padding, dilation: dilationRate };
  const { outHeight, outWidth } = windowGeometry(what, [height, width], size, window);
  const bias: WeightSpec = { name: 'bias', shape: [filters], initializer: biasInitializer, trainable: true };
  return {
    outputShape: [outHeight, outWidth, filters],
    weights: useBias ? [kernel, bias] : [kernel],
    apply(x: Tensor, [w, b]) {
      const y = conv2dOp(x, reshape(w!, filterShape), { ...window, groups });
      return activate(b ? biasAdd(y, b) : y, activation);
    },
  };
}

export const conv2dLayer: LayerType<Conv2dOptions> = {
  type: 'conv2d',
  className: 'Conv2D',
  optionKinds: { ...CONVOLUTION_OPTIONS, filters: 'any', groups: 'count', kernelInitializer: 'any' },
  build(options, inputShape, what) {
    const channels = imageShape(what, inputShape)[2];
    const { filters, groups = 1, kernelInitializer: initializer = 'glorotUniform' } = options;
    check(what, 'filters', filters, 'count');
    const size = pair(`${what}: kernelSize`, options.kernelSize);
    if (channels % groups !== 0 || filters % groups !== 0) {
      throw new ShapeError(`${what}: ${groups} groups do not divide ${channels} channels and ${filters} filters.`);
    }
    const shape = [...size, channels / groups, filters];
    const kernel = { name: 'kernel', shape, initializer, trainable: true };
    const spec = { filters, groups, kernel, filterShape: shape };
    return convolution(what, options, inputShape, spec, 'kernelInitializer');
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
    const kernel = { name: 'depthwise_kernel', shape: [...size, channels, multiplier], initializer, trainable: true };
    const spec = { filters, groups: channels, kernel, filterShape: [...size, 1, filters] };
    return convolution(what, options, inputShape, spec, 'depthwiseInitializer');
  },
};
