import source from '../../shaders/sigmoid.wgsl?raw';
import type { Passed } from '../options.ts';
import type { Tensor } from '../tensor.ts';
import { unary } from './elementwise.ts';

const { of: op } = unary<undefined>({ name: 'sigmoid', shader: { name: 'sigmoid', source }, saved: 'y' });

/**
 * Logistic function, y = 1 / (1 + exp(-x)), element by element; x of any shape. Its limits are exactly 0 and 1; no
 * number gives NaN.
 */
export function sigmoid(x: Tensor, ...more: Passed): Tensor {
  return op(x, undefined, more);
}
