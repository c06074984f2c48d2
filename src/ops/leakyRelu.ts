import source from '../../shaders/leakyRelu.wgsl?raw';
import { ArgumentError } from '../errors.ts';
import type { Tensor } from '../tensor.ts';
import { unary } from './elementwise.ts';

interface Attributes {
  readonly alpha: number;
}

const { of: op } = unary<Attributes>({
  name: 'leakyRelu',
  shader: { name: 'leakyRelu', source },
  constants: ({ alpha }) => ({ ALPHA: alpha }),
  saved: ({ alpha }) => (alpha < 0 ? 'x' : 'y'),
});

export interface LeakyReluOptions {
  /** Slope below 0. Default 0.3, that of the LeakyReLU layers of Keras and TF.js (the function `tf.leakyRelu` has 0.2). */
  readonly alpha?: number;
}

/**
 * Leaky rectified linear unit, y = x where x > 0, else alpha x; x of any shape. The gradient at 0 is alpha, as in TensorFlow.
 * Source: Maas, Hannun, Ng, "Rectifier nonlinearities improve neural network acoustic models" (2013).
 * @throws ArgumentError where alpha is not finite
 */
export function leakyRelu(x: Tensor, { alpha = 0.3 }: LeakyReluOptions = {}): Tensor {
  if (!Number.isFinite(alpha)) throw new ArgumentError(`leakyRelu: alpha must be a finite number, got ${alpha}.`);
  return op(x, { alpha });
}
