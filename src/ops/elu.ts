import source from '../../shaders/elu.wgsl?raw';
import { checkOptions } from '../options.ts';
import type { Tensor } from '../tensor.ts';
import { unary } from './elementwise.ts';

interface Attributes {
  readonly alpha: number;
}

const { of: op } = unary<Attributes>({
  name: 'elu',
  shader: { name: 'elu', source },
  constants: ({ alpha }) => ({ ALPHA: alpha }),
  saved: ({ alpha }) => (alpha < 0 ? 'x' : 'y'),
});

export interface EluOptions {
  /** The limit for very negative x is -alpha. Default 1, as in Keras. */
  readonly alpha?: number;
}

/**
 * Exponential linear unit, y = x where x > 0, else alpha (exp(x) - 1); x of any shape. The gradient at 0 is alpha.
 * Source: Clevert, Unterthiner, Hochreiter, "Fast and accurate deep network learning by exponential linear units"
 * (arXiv 1511.07289).
 * @throws ArgumentError for an option that does not exist, or an alpha that is not finite
 */
export function elu(x: Tensor, options: EluOptions = {}): Tensor {
  const { alpha = 1 } = checkOptions('elu', options, { alpha: 'number' });
  return op(x, { alpha });
}
