import source from '../../shaders/add.wgsl?raw';
import type { Passed } from '../options.ts';
import type { Tensor } from '../tensor.ts';
import { binary } from './broadcast.ts';
import { sumTo } from './reduce.ts';

const op = binary({
  name: 'add',
  shader: { name: 'add', source },
  backward: (a, b, dy) => [sumTo(dy, a.shape), sumTo(dy, b.shape)],
});

/**
 * a + b, with NumPy broadcasting.
 * @throws ShapeError if the shapes do not broadcast, or an operand is not f32
 */
export function add(a: Tensor, b: Tensor, ...more: Passed): Tensor {
  return op(a, b, more);
}
