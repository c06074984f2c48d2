import source from '../../shaders/logSoftmax.wgsl?raw';
import type { Passed } from '../options.ts';
import type { Tensor } from '../tensor.ts';
import { rowwise } from './rowwise.ts';

const op = rowwise('logSoftmax', { name: 'logSoftmax', source });

/**
 * Logarithm of the softmax along the last axis, x - log(sum of exp(x)); x `[..., c]`. Stable for any finite x, even if
 * the softmax itself is 0 in float32.
 */
export function logSoftmax(x: Tensor, ...more: Passed): Tensor {
  return op(x, more);
}
