import source from '../../shaders/addScaled.wgsl?raw';
import { noOptions, type Passed } from '../options.ts';
import type { Tensor } from '../tensor.ts';
import { updateOp } from './update.ts';

const add = updateOp({
  shader: { name: 'addScaled', source },
  entryPoint: 'forward',
  slots: [],
  constants: () => ({}),
  names: ['sum', 'x', 'factor'],
  count: 1,
});

/**
 * Adds to a variable in place: sum += factor x. It adds the gradients of micro-batches, each times the fraction of its
 * rows. Has no gradient.
 * @param sum the variable
 * @param x of sum's shape
 * @param factor f32 `[1]`
 * @throws ShapeError if shapes do not fit; ArgumentError if sum is not a variable
 */
export function addScaled(sum: Tensor, x: Tensor, factor: Tensor, ...more: Passed): void {
  noOptions('addScaled', more);
  add(sum, [], x, factor, undefined, {});
}
