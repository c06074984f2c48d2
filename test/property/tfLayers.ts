/**
 * Layers in TensorFlow.js, as functions of tensors. What it lacks (gradients of dilated convolutions, groups, padding of one's
 * own, the gradient of a padded average) is composed of ops that it has.
 */
import type { LayerSpec } from '../../src/index.ts';
import type { ActivationName } from '../../src/nn/activations.ts';
import { stuffed, tfConvTranspose } from '../support/convolution.ts';
import type { Tf, TfTensor } from '../support/tensorflow.ts';
import { dropoutMask } from './dropoutMask.ts';

type Pair = readonly [number, number];

/** What a layer gets besides its input. Weights are in the order of `getWeights`. */
export interface TfContext {
  readonly training: boolean;
  readonly weights: readonly TfTensor[];
  readonly index: number;
  readonly seed: number;
  /** Takes the new moving averages of a batch-norm in training: mean and variance. */
  keepAverages(averages: readonly TfTensor[]): void;
  /** Takes note that something was composed. */
  composed(what: string): void;
}

interface Options {
  readonly kernelSize?: Pair;
  readonly poolSize?: Pair;
  readonly strides?: Pair;
  readonly padding?: 'valid' | 'same' | readonly [Pair, Pair];
  readonly dilationRate?: Pair;
  readonly groups?: number;
  readonly outputPadding?: Pair;
  readonly size?: Pair;
  readonly interpolation?: 'nearest' | 'bilinear';
  readonly depthMultiplier?: number;
  readonly activation?: ActivationName;
  readonly useBias?: boolean;
  readonly targetShape?: readonly number[];
  readonly rate?: number;
  readonly momentum?: number;
  readonly epsilon?: number;
  readonly center?: boolean;
  /** Of batchNormalization; a number, of rescaling. */
  readonly scale?: boolean | number;
  readonly offset?: number;
  readonly trainable?: boolean;
}

export function tfLayer(tf: Tf, { type, options }: LayerSpec, x: TfTensor, context: TfContext): TfTensor {
  const o = options as Options;
  const [n] = x.shape as [number];
  switch (type) {
    case 'input':
      return x;
    case 'conv2d':
      return convolution(tf, x, context.weights[0]!, o.groups ?? 1, o, context);
    case 'conv2dTranspose':
      return transposed(tf, x, o, context);
    case 'depthwiseConv2d':
      return depthwise(tf, x, o, context);
    case 'dense': {
      const [w, b] = context.weights;
      const y = tf.matMul(x as never, w as never);
      return tfActivation(tf, o.activation, b ? y.add(b) : y);
    }
    case 'maxPool2d': {
      const { size, strides } = poolOptions(o);
      // The least of float32 as padding: it is never the largest.
      const { padded } = explicit(tf, x, size, strides, [1, 1], o.padding, -3e38);
      return tf.maxPool(padded as never, size, strides, 'valid');
    }
    case 'avgPool2d':
      return average(tf, x, o, context);
    case 'globalAvgPool2d':
      return x.mean([1, 2]);
    case 'flatten':
      return x.reshape([n, -1]);
    case 'reshape':
      return x.reshape([n, ...o.targetShape!]);
    case 'zeroPadding2d':
      return tf.pad(x, [[0, 0], ...paddingOf(o.padding), [0, 0]]);
    case 'rescaling':
      return x.mul(o.scale as number).add(o.offset ?? 0);
    case 'upSampling2d':
      return larger(tf, x, o, context);
    case 'activation':
      return tfActivation(tf, o.activation, x);
    case 'dropout':
      return context.training && o.rate! > 0 ? x.mul(dropoutMask(tf, x.shape, context, o.rate!)) : x;
    case 'batchNormalization':
      return batchNorm(tf, x, o, context);
    default:
      throw new Error(`the reference knows no layer ${type}`);
  }
}

export function tfActivation(tf: Tf, name: ActivationName | undefined, x: TfTensor): TfTensor {
  switch (name) {
    case undefined:
    case 'linear':
      return x;
    case 'leakyRelu':
      return tf.leakyRelu(x, 0.3);
    case 'gelu':
      return x.mul(0.5).mul(tf.erf(x.mul(Math.SQRT1_2)).add(1));
    case 'logSoftmax':
      return tf.logSoftmax(x);
    default:
      return tf[name](x);
  }
}

/** A number, a pair or a pair of pairs as `[[top, bottom], [left, right]]`. */
function paddingOf(padding: unknown): [number, number][] {
  const pair = typeof padding === 'number' ? [padding, padding] : (padding as (number | Pair)[]);
  return pair.map((side): [number, number] => (typeof side === 'number' ? [side, side] : [...side]));
}

/** The image with its border in memory, and that border. */
function explicit(
  tf: Tf,
  x: TfTensor,
  kernel: Pair,
  strides: Pair,
  dilation: Pair,
  padding: Options['padding'] = 'valid',
  value = 0,
) {
  const [, h, w] = x.shape as [number, number, number];
  if (padding === 'valid') return { padded: x, pads: [[0, 0], [0, 0]] as [number, number][] }; // biome-ignore format: pairs
  const total = (size: number, axis: 0 | 1) =>
    Math.max(0, (Math.ceil(size / strides[axis]) - 1) * strides[axis] + (kernel[axis] - 1) * dilation[axis] + 1 - size);
  const same = ([h, w] as const).map((size, axis): [number, number] => {
    const all = total(size, axis as 0 | 1);
    return [Math.floor(all / 2), Math.ceil(all / 2)];
  });
  const pads = padding === 'same' ? same : paddingOf(padding);
  return { padded: tf.pad(x, [[0, 0], ...pads, [0, 0]], value), pads };
}

function finish(tf: Tf, y: TfTensor, o: Options, { weights }: TfContext): TfTensor {
  const [, b] = weights;
  return tfActivation(tf, o.activation, b ? y.add(b) : y);
}

function convolution(tf: Tf, x: TfTensor, w: TfTensor, groups: number, o: Options, context: TfContext): TfTensor {
  const { strides = [1, 1], dilationRate = [1, 1], padding = 'valid' } = o;
  const s = [...strides] as [number, number];
  const plain = groups === 1 && Math.max(...dilationRate) === 1 && typeof padding === 'string';
  if (plain) return finish(tf, tf.conv2d(x as never, w as never, s, padding), o, context);
  if (groups > 1) context.composed('groups');
  if (Math.max(...dilationRate) > 1) context.composed('dilation');
  if (typeof padding !== 'string') context.composed('padding on each side of its own');
  const { padded } = explicit(tf, x, o.kernelSize!, strides, dilationRate, padding);
  const kernel = Math.max(...dilationRate) > 1 ? stuffed(tf, w, dilationRate) : w;
  if (groups === 1) return finish(tf, tf.conv2d(padded as never, kernel as never, s, 'valid'), o, context);
  const images = tf.split(padded, groups, 3);
  const kernels = tf.split(kernel, groups, 3);
  const parts = images.map((part, g) => tf.conv2d(part as never, kernels[g] as never, s, 'valid') as TfTensor);
  return finish(tf, tf.concat(parts, 3), o, context);
}

function transposed(tf: Tf, x: TfTensor, o: Options, context: TfContext): TfTensor {
  const { strides = [1, 1], dilationRate = [1, 1], padding = 'valid', groups = 1, outputPadding } = o;
  if (groups > 1) context.composed('groups');
  if (Math.max(...dilationRate) > 1) context.composed('dilation');
  const params = { strides, dilation: dilationRate, padding, groups, ...(outputPadding ? { outputPadding } : {}) };
  return finish(tf, tfConvTranspose(tf, x, context.weights[0]!, params), o, context);
}

/** By rows and columns that are taken and weighted: TensorFlow.js has no gradient for pixels whose centers are at halves. */
function larger(tf: Tf, x: TfTensor, { size, interpolation }: Options, context: TfContext): TfTensor {
  if (interpolation === 'bilinear') context.composed('bilinear upsampling');
  return ([1, 2] as const).reduce((image, axis) => {
    const [pixels, factor] = [x.shape[axis]!, size![axis - 1]!];
    const at = tf
      .range(0, pixels * factor)
      .add(0.5)
      .div(factor)
      .sub(interpolation === 'bilinear' ? 0.5 : 0);
    const first = at.floor();
    const take = (indices: TfTensor) => tf.gather(image, indices.clipByValue(0, pixels - 1).toInt(), axis) as TfTensor;
    if (interpolation !== 'bilinear') return take(first);
    const part = at.sub(first).reshape(axis === 1 ? [-1, 1, 1] : [-1, 1]);
    return take(first)
      .mul(tf.sub(1, part))
      .add(take(first.add(1)).mul(part));
  }, x);
}

/** TensorFlow.js' own where its gradients can do it: a square kernel without dilation and with one stride. */
function depthwise(tf: Tf, x: TfTensor, o: Options, context: TfContext): TfTensor {
  const { kernelSize, strides = [1, 1], dilationRate = [1, 1], padding = 'valid', depthMultiplier = 1 } = o;
  const [w] = context.weights;
  const [kh, kw] = kernelSize!;
  const channels = x.shape[3]!;
  const own = kh === kw && strides[0] === strides[1] && Math.max(...dilationRate) === 1 && typeof padding === 'string';
  if (own) return finish(tf, tf.depthwiseConv2d(x as never, w as never, strides[0], padding), o, context);
  // Keras' order [kh, kw, c, multiplier] is that of a grouped convolution's [kh, kw, 1, c * multiplier].
  return convolution(tf, x, w!.reshape([kh, kw, 1, channels * depthMultiplier]), channels, o, context);
}

function poolOptions({ poolSize = [2, 2], strides = poolSize }: Options) {
  return { size: [...poolSize] as [number, number], strides: [...strides] as [number, number] };
}

/** Padding is not counted: the mean of the padded window times its size, divided by how many of its pixels are real. */
function average(tf: Tf, x: TfTensor, o: Options, context: TfContext): TfTensor {
  const { size, strides } = poolOptions(o);
  const { padded, pads } = explicit(tf, x, size, strides, [1, 1], o.padding);
  const mean = tf.avgPool(padded as never, size, strides, 'valid') as TfTensor;
  if (pads.flat().every((n) => n === 0)) return mean;
  context.composed('padded average');
  const [, h, w] = x.shape as [number, number, number];
  const ones = tf.pad(tf.ones([1, h, w, 1]), [[0, 0], ...pads, [0, 0]]);
  return mean.div(tf.avgPool(ones as never, size, strides, 'valid'));
}

function batchNorm(tf: Tf, x: TfTensor, o: Options, context: TfContext): TfTensor {
  const { momentum = 0.99, epsilon = 1e-3, center = true, scale = true, trainable = true } = o;
  const rest = [...context.weights];
  const gamma = scale ? rest.shift()! : tf.scalar(1);
  const beta = center ? rest.shift()! : tf.scalar(0);
  const [movingMean, movingVariance] = rest as [TfTensor, TfTensor];
  const normalized = (mean: TfTensor, variance: TfTensor): TfTensor =>
    x.sub(mean).div(variance.add(epsilon).sqrt()).mul(gamma).add(beta);
  if (!context.training || !trainable) return normalized(movingMean, movingVariance);
  const { mean, variance } = tf.moments(
    x,
    x.shape.slice(0, -1).map((_, axis) => axis),
  );
  const moved = (old: TfTensor, now: TfTensor): TfTensor => old.mul(momentum).add(now.mul(1 - momentum));
  context.keepAverages([moved(movingMean, mean), moved(movingVariance, variance)]);
  return normalized(mean, variance);
}
