import source from '../../shaders/relu.wgsl?raw';
import type { Passed } from '../options.ts';
import type { Tensor } from '../tensor.ts';
import { unary } from './elementwise.ts';

export const reluFunction = unary<undefined>({ name: 'relu', shader: { name: 'relu', source }, saved: 'y' });

/** Rectified linear unit, y = max(x, 0), of any shape. Its gradient at 0 is 0, as in TensorFlow. */
export function relu(x: Tensor, ...more: Passed): Tensor {
  return reluFunction.of(x, undefined, more);
}
