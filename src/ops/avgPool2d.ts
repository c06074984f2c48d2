import source from '../../shaders/avgPool2d.wgsl?raw';
import { apply1, type Op } from '../graph.ts';
import type { Tensor } from '../tensor.ts';
import { type Pool, type PoolOptions, poolBackward, poolForward, poolOf } from './pool.ts';

const shader = { name: 'avgPool2d', source };

const gradient: Op<Pool> = {
  name: 'avgPool2dGrad',
  outputs: (_, { x }) => [{ shape: x }],
  dispatches: ({ inputs: [dy], outputs: [dx], attributes }) => [
    poolBackward(attributes, { shader, reads: { dy: dy! }, writes: { dx: dx! } }),
  ],
};

const op: Op<Pool> = {
  name: 'avgPool2d',
  outputs: (_, { y }) => [{ shape: y }],
  dispatches: ({ inputs: [x], outputs: [y], attributes }) => [
    poolForward(attributes, { shader, reads: { x: x! }, writes: { y: y! } }),
  ],
  backward: ({ attributes }, [dy]) => [apply1(gradient, [dy!], attributes)],
};

/**
 * Mean of each window. A window that reaches over the edge is the mean of its pixels inside, as in TensorFlow.
 * @param x `[n, h, w, c]`
 * @returns `[n, oh, ow, c]`
 * @throws ShapeError if x is not `[n, h, w, c]`, or a window would cover no pixel
 * @throws ArgumentError for options with values that make no sense
 */
export function avgPool2d(x: Tensor, options: PoolOptions): Tensor {
  return apply1(op, [x], poolOf('avgPool2d', x, options));
}
