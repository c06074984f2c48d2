import source from '../../shaders/softmax.wgsl?raw';
import type { Passed } from '../options.ts';
import type { Tensor } from '../tensor.ts';
import { rowwise } from './rowwise.ts';

const op = rowwise('softmax', { name: 'softmax', source });

/**
 * exp(x) over its sum along the last axis; x `[..., c]`. Stable for any finite x: the row's largest element is subtracted first.
 */
export function softmax(x: Tensor, ...more: Passed): Tensor {
  return op(x, more);
}
