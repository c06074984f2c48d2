import source from '../../shaders/tanh.wgsl?raw';
import type { Passed } from '../options.ts';
import type { Tensor } from '../tensor.ts';
import { unary } from './elementwise.ts';

const { of: op } = unary<undefined>({ name: 'tanh', shader: { name: 'tanh', source }, saved: 'y' });

/** Hyperbolic tangent, element by element; x of any shape. */
export function tanh(x: Tensor, ...more: Passed): Tensor {
  return op(x, undefined, more);
}
