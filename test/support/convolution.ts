/** Convolutions in TensorFlow.js, as far as it has them. */
import { both, type ConvParams } from '../../src/selftest/convolution.ts';
import { outputAxis, type TransposeParams } from '../../src/selftest/specs/conv2dTranspose.ts';
import type { Tf, TfTensor } from './tensorflow.ts';

/** TensorFlow.js: it has no grouped convolution, and refuses strides together with dilations. */
export function tfConv(tf: Tf, x: TfTensor, w: TfTensor, params: ConvParams): TfTensor | undefined {
  const { strides = 1, dilation = 1, padding = 'valid', groups = 1 } = params;
  const s = both(strides) as [number, number];
  const d = both(dilation) as [number, number];
  if (Math.max(...s) > 1 && Math.max(...d) > 1) return undefined;
  type Four = [[number, number], [number, number], [number, number], [number, number]];
  const pad = typeof padding === 'string' ? padding : ([[0, 0], ...padding, [0, 0]] as unknown as Four);
  if (groups === 1) return tf.conv2d(x as never, w as never, s, pad, 'NHWC', d);
  const [kh, kw, perGroup, k] = w.shape as [number, number, number, number];
  // Its depthwise kernel is as wide as it is high wherever it takes a gradient, and has no padding of its own.
  if (perGroup !== 1 || typeof padding !== 'string') return undefined;
  return tf.depthwiseConv2d(x as never, w.reshape([kh, kw, groups, k / groups]) as never, s, pad, 'NHWC', d);
}

/** Whether TensorFlow.js has no gradient. */
export function tfForwardOnly({ dilation = 1 }: ConvParams): boolean {
  return Math.max(...both(dilation)) > 1;
}

/** Zeros between the taps: a dilated kernel as a plain one. */
export function stuffed(tf: Tf, w: TfTensor, [dy, dx]: readonly [number, number]): TfTensor {
  const [kh, kw, c, k] = w.shape as [number, number, number, number];
  const rows = tf.pad(w.reshape([kh, 1, kw, 1, c, k]), [[0, 0], [0, dy - 1], [0, 0], [0, dx - 1], [0, 0], [0, 0]]); // biome-ignore format: pairs
  const [height, width] = [(kh - 1) * dy + 1, (kw - 1) * dx + 1];
  return tf.slice(rows.reshape([kh * dy, kw * dx, c, k]), [0, 0, 0, 0], [height, width, c, k]);
}

/**
 * The transposed convolution of TensorFlow.js. What it lacks is composed: a dilated kernel is one with zeros between its taps,
 * groups are convolved one by one. It takes the size of y, and by TensorFlow's rule finds the padding; where that rule would
 * have fewer pixels of x (`same`, an even kernel and little output padding), the padding is given.
 */
export function tfConvTranspose(tf: Tf, x: TfTensor, w: TfTensor, params: TransposeParams): TfTensor {
  const { strides = 1, dilation = 1, padding = 'valid', groups = 1 } = params;
  const [n, ...pixels] = x.shape.slice(0, 3) as [number, number, number];
  const [s, d] = [both(strides) as [number, number], both(dilation) as [number, number]];
  const kernel = Math.max(...d) > 1 ? stuffed(tf, w, d) : w;
  const axes = ([0, 1] as const).map((axis) => outputAxis(params, axis, pixels[axis]!, w.shape[axis]!));
  const [height, width] = axes.map(([size]) => size) as [number, number];
  const own =
    typeof padding === 'string' &&
    axes.every(([size], axis) => Math.ceil(size / s[axis]!) === pixels[axis] || padding === 'valid');
  const sides = axes.map(([size, before], axis): [number, number] => [
    before,
    Math.max(0, (pixels[axis]! - 1) * s[axis]! + kernel.shape[axis]! - size - before),
  ]);
  const pad = own ? padding : [[0, 0], ...sides, [0, 0]];
  const images = groups === 1 ? [x] : tf.split(x, groups, 3);
  const kernels = groups === 1 ? [kernel] : tf.split(kernel, groups, 3);
  const parts = images.map((image, g): TfTensor => {
    const shape = [n, height, width, w.shape[2]!] as [number, number, number, number];
    return tf.conv2dTranspose(image as never, kernels[g] as never, shape, s, pad as never);
  });
  return groups === 1 ? parts[0]! : tf.concat(parts, 3);
}
