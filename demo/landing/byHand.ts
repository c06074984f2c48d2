/**
 * The landing page's network by hand: what network.ts computes, in float64 and plain TypeScript. Numbers of the GPU are checked
 * against it, and where there is no WebGPU it is what computes.
 */
import { type Array64, array64, zeros } from '../lesson/reference/array64.ts';
import { dense } from '../lesson/reference/dense.ts';
import { meanPool2d } from '../lesson/reference/pool2d.ts';
import { softmax } from '../lesson/reference/softmax.ts';

/** As `model.getWeights` gives them. */
export interface Weight {
  readonly name: string;
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

export interface ByHand {
  /** Of both layers that look at the picture, `[height, width, channels]`. */
  readonly maps: readonly [Array64, Array64];
  /** Of real and fake. */
  readonly logits: Float64Array;
  /** Probability of fake. */
  readonly fake: number;
}

const SIZE = 128;
/** Rows and columns between the pixels that the second layer compares, at half the picture's size. */
const DISTANCE = 16;
/** The default of batch-norm. */
const EPSILON = 0.001;

/** @param pixels `[128, 128]`, from 0 to 1 */
export function forward(weights: readonly Weight[], pixels: ArrayLike<number>): ByHand {
  const left = weights.map(({ data, shape }) => array64(data, shape));
  const next = () => left.shift()!;
  const normalize = (x: Array64) => batchNorm(x, [next(), next(), next(), next()]);
  const half = meanPool2d(array64(pixels, [SIZE, SIZE, 1]), { size: 2 });
  const first = normalize(dilated(half, next(), 1));
  const second = normalize(dilated(first, next(), DISTANCE));
  second.data.forEach((value, i) => {
    second.data[i] = Math.max(value, 0);
  });
  const logits = dense(normalize(channelMeans(second)), next(), next()).data;
  return { maps: [first, second], logits, fake: softmax(logits)[1]! };
}

/** A convolution without padding whose taps lie `distance` pixels apart. @param w `[height, width, in, out]` */
function dilated(x: Array64, w: Array64, distance: number): Array64 {
  const [height, width, inputs] = x.shape as [number, number, number];
  const [kernelHeight, kernelWidth, , outputs] = w.shape as [number, number, number, number];
  const y = zeros([height - (kernelHeight - 1) * distance, width - (kernelWidth - 1) * distance, outputs]);
  const columns = y.shape[1]!;
  for (let row = 0; row < y.shape[0]!; row++) {
    for (let column = 0; column < columns; column++) {
      const to = (row * columns + column) * outputs;
      for (let tap = 0; tap < kernelHeight * kernelWidth; tap++) {
        const fromRow = row + Math.floor(tap / kernelWidth) * distance;
        const from = (fromRow * width + column + (tap % kernelWidth) * distance) * inputs;
        for (let i = 0; i < inputs; i++) {
          const value = x.data[from + i]!;
          for (let o = 0; o < outputs; o++) y.data[to + o]! += value * w.data[(tap * inputs + i) * outputs + o]!;
        }
      }
    }
  }
  return y;
}

/** As in inference: by the moving averages. The weights are gamma, beta, mean and variance of each channel. */
function batchNorm(x: Array64, [gamma, beta, mean, variance]: readonly [Array64, Array64, Array64, Array64]): Array64 {
  const channels = gamma.data.length;
  const y = zeros(x.shape);
  x.data.forEach((value, i) => {
    const c = i % channels;
    y.data[i] = ((value - mean.data[c]!) / Math.sqrt(variance.data[c]! + EPSILON)) * gamma.data[c]! + beta.data[c]!;
  });
  return y;
}

/** Of each channel its mean, as one row. */
function channelMeans(x: Array64): Array64 {
  const channels = x.shape[2]!;
  const means = zeros([1, channels]);
  x.data.forEach((value, i) => {
    means.data[i % channels]! += (value * channels) / x.data.length;
  });
  return means;
}
