import source from '../../shaders/leakyRelu.wgsl?raw';
import { checkOptions } from '../options.ts';
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
 * @throws ArgumentError for an option that does not exist, or an alpha that is not finite
 */
export function leakyRelu(x: Tensor, options: LeakyReluOptions = {}): Tensor {
  const { alpha = 0.3 } = checkOptions('leakyRelu', options, { alpha: 'number' });
  return op(x, { alpha });
}
