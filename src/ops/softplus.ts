import source from '../../shaders/softplus.wgsl?raw';
import type { Passed } from '../options.ts';
import type { Tensor } from '../tensor.ts';
import { unary } from './elementwise.ts';

const { of: op } = unary<undefined>({ name: 'softplus', shader: { name: 'softplus', source }, saved: 'x' });

/** y = log(1 + exp(x)), element by element; x of any shape. Does not overflow: for large x it is x itself. */
export function softplus(x: Tensor, ...more: Passed): Tensor {
  return op(x, undefined, more);
}
