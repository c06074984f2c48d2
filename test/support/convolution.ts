/** Convolutions in TensorFlow.js, as far as it has them. */
import { both, type ConvParams } from '../../src/selftest/convolution.ts';
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
