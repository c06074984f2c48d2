import source from '../../shaders/mul.wgsl?raw';
import type { Passed } from '../options.ts';
import type { Tensor } from '../tensor.ts';
import { binary } from './broadcast.ts';
import { sumTo } from './reduce.ts';

const op = binary({
  name: 'mul',
  shader: { name: 'mul', source },
  backward: (a, b, dy) => [sumTo(mul(dy, b), a.shape), sumTo(mul(dy, a), b.shape)],
});

/**
 * a * b, element by element, with NumPy broadcasting.
 * @throws ShapeError if the shapes do not broadcast, or an operand is not f32
 */
export function mul(a: Tensor, b: Tensor, ...more: Passed): Tensor {
  return op(a, b, more);
}
