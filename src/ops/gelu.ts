import source from '../../shaders/gelu.wgsl?raw';
import { checkOptions } from '../options.ts';
import type { Tensor } from '../tensor.ts';
import { unary } from './elementwise.ts';

interface Attributes {
  readonly approximate: boolean;
}

const { of: op } = unary<Attributes>({
  name: 'gelu',
  shader: { name: 'gelu', source },
  constants: ({ approximate }) => ({ APPROXIMATE: Number(approximate) }),
  saved: 'x',
});

export interface GeluOptions {
  /** Use tanh in place of the error function, as Keras' option of this name does. Default false: exact. */
  readonly approximate?: boolean;
}

/**
 * Gaussian error linear unit, y = x P(X <= x) for X of the standard normal distribution; x of any shape. With `approximate`,
 * y = 0.5 x (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))), which differs by up to 5e-4.
 * Source: Hendrycks, Gimpel, "Gaussian error linear units" (arXiv 1606.08415).
 * @throws ArgumentError for an option that does not exist
 */
export function gelu(x: Tensor, options: GeluOptions = {}): Tensor {
  const { approximate = false } = checkOptions('gelu', options, { approximate: 'boolean' });
  return op(x, { approximate });
}
