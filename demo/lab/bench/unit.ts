/**
 * One number of a feature map, taken apart: the window that its layer looks at, the kernel, and their products. It is computed in
 * double precision from what the layer got, to be compared with what the GPU made of it.
 */
import { offsetOf } from '../../draw/positions.ts';
import { type ActivationName, activations } from '../../lesson/reference/activations.ts';
import type { KernelSet } from '../protocol/index.ts';

/** What comes in, and what the layer is. */
export interface UnitLayer {
  type: string;
  options: Record<string, unknown>;
  /** Height, width, channels. */
  shape: readonly number[];
}

export interface Place {
  row: number;
  column: number;
  channel: number;
}

export interface Unit {
  /** First row and column of the window in what comes in; negative where it begins in the padding. */
  top: number;
  left: number;
  /** Rows and columns from the first to the last that the window reaches. */
  height: number;
  width: number;
  /** `[window height, window width, channels]`: the numbers in the window, 0 in the padding; of the channels that count. */
  shape: readonly [number, number, number];
  window: Float32Array;
  /** As `window`; absent where the layer has none. */
  kernel?: Float32Array;
  products?: Float32Array;
  bias: number;
  /** What the activation is given: the sum with the bias, the largest, or the mean. */
  sum: number;
  activation: string;
  /** Undefined for an activation that is not computed here. */
  result: number | undefined;
}

type Pair = [number, number];
const pairOf = (value: unknown, standard: Pair): Pair => {
  if (typeof value === 'number') return [value, value];
  return Array.isArray(value) ? [Number(value[0]), Number(value[1] ?? value[0])] : standard;
};

/** Window, strides and distance between taps of a layer that slides over its input; undefined for any other. */
export function slideOf({ type, options }: Pick<UnitLayer, 'type' | 'options'>) {
  const pool = type === 'maxPool2d' || type === 'avgPool2d';
  if (!pool && type !== 'conv2d' && type !== 'depthwiseConv2d') return undefined;
  const size = pool ? pairOf(options.poolSize, [2, 2]) : pairOf(options.kernelSize, [1, 1]);
  const strides = pairOf(options.strides, pool ? size : [1, 1]);
  return { size, strides, dilation: pairOf(options.dilationRate, [1, 1]), same: options.padding === 'same' };
}

/**
 * @param input what the layer gets, `[height, width, channels]`
 * @param kernels absent for pools
 * @returns undefined for a layer that does not slide
 */
export function unitOf(
  layer: UnitLayer,
  input: { shape: readonly number[]; data: ArrayLike<number> },
  kernels: KernelSet | undefined,
  { row, column, channel }: Place,
): Unit | undefined {
  const slide = slideOf(layer);
  const convolves = layer.type === 'conv2d' || layer.type === 'depthwiseConv2d';
  if (!slide || input.shape.length !== 3 || (convolves && !kernels)) return undefined;
  const { size, strides, dilation, same } = slide;
  const [inHeight, inWidth, inChannels] = input.shape as [number, number, number];
  const [height, width] = [0, 1].map((i) => (size[i]! - 1) * dilation[i]! + 1) as Pair;
  const before = (i: 0 | 1, reach: number) =>
    same ? offsetOf(input.shape[i]!, layer.shape[i]!, reach, strides[i]) : 0;
  const top = row * strides[0] - before(0, height);
  const left = column * strides[1] - before(1, width);
  const { first, count, weight } = channelsOf(layer, kernels, inChannels, channel);
  const shape = [size[0], size[1], count] as const;
  const window = new Float32Array(size[0] * size[1] * count);
  const kernel = new Float32Array(convolves ? window.length : 0);
  const products = new Float32Array(kernel.length);
  const inside: number[] = [];
  let sum = kernels?.bias?.[channel] ?? 0;
  for (let i = 0; i < window.length; i++) {
    const tap = Math.floor(i / count);
    const y = top + Math.floor(tap / size[1]) * dilation[0];
    const x = left + (tap % size[1]) * dilation[1];
    if (y >= 0 && x >= 0 && y < inHeight && x < inWidth) {
      window[i] = input.data[(y * inWidth + x) * inChannels + first + (i % count)]!;
      inside.push(window[i]!);
    }
    if (!convolves) continue;
    kernel[i] = weight(tap, i % count);
    products[i] = window[i]! * kernel[i]!;
    sum += window[i]! * kernel[i]!;
  }
  if (layer.type === 'maxPool2d') sum = Math.max(...inside);
  if (layer.type === 'avgPool2d') sum = inside.reduce((all, x) => all + x, 0) / inside.length;
  const activation = String((convolves && layer.options.activation) || 'linear');
  const known = activations[activation as ActivationName];
  return {
    ...{ top, left, height, width, shape, window, sum, activation },
    ...(convolves ? { kernel, products } : {}),
    bias: kernels?.bias?.[channel] ?? 0,
    result: known?.f(sum),
  };
}

/** Which channels of the input a channel of the output is made from, and the weights for them. */
function channelsOf(layer: UnitLayer, kernels: KernelSet | undefined, inputs: number, channel: number) {
  if (!kernels) return { first: channel, count: 1, weight: () => 1 };
  const [, , depth, outputs] = kernels.shape as [number, number, number, number];
  if (layer.type === 'depthwiseConv2d') {
    const all = depth * outputs;
    return {
      first: Math.floor(channel / outputs),
      count: 1,
      weight: (tap: number) => kernels.data[tap * all + channel]!,
    };
  }
  const group = Math.floor(channel / (outputs / (inputs / depth)));
  const weight = (tap: number, input: number) => kernels.data[(tap * depth + input) * outputs + channel]!;
  return { first: group * depth, count: depth, weight };
}
