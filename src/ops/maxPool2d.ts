/** Max-pooling, with the index of the largest value of each window, and its gradient. */
import source from '../../shaders/maxPool2d.wgsl?raw';
import { apply, apply1, type Dispatch, type Op } from '../graph.ts';
import type { Tensor } from '../tensor.ts';
import { type Pool, type PoolOptions, poolBackward, poolForward, poolOf } from './pool.ts';

const shader = { name: 'maxPool2d', source };

/** The dispatch that writes dx. @param rectified the same value as for `maxPoolDispatch` */
export function maxPoolGradDispatch(pool: Pool, dy: Tensor, chosen: Tensor, dx: Tensor, rectified: boolean): Dispatch {
  const constants = { RECTIFIED: Number(rectified) };
  return poolBackward(pool, { shader, reads: { dy, chosen }, writes: { dx }, constants });
}

/**
 * The dispatch that writes y and argmax.
 * @param rectified whether x is the result of a relu: argmax then also encodes where the relu has no gradient, or a NaN
 */
export function maxPoolDispatch(pool: Pool, x: Tensor, y: Tensor, argmax: Tensor, rectified: boolean): Dispatch {
  return poolForward(pool, {
    shader,
    reads: { x },
    writes: { y, argmax },
    constants: { RECTIFIED: Number(rectified) },
  });
}

/** Inputs `dy, argmax`. */
export const maxPool2dGradOp: Op<Pool> = {
  name: 'maxPool2dGrad',
  outputs: (_, { x }) => [{ shape: x }],
  dispatches: ({ inputs: [dy, chosen], outputs: [dx], attributes }) => [
    maxPoolGradDispatch(attributes, dy!, chosen!, dx!, false),
  ],
};

export const maxPool2dOp: Op<Pool> = {
  name: 'maxPool2d',
  outputs: (_, { y }) => [{ shape: y }, { shape: y, dtype: 'u32', name: 'argmax' }],
  dispatches: ({ inputs: [x], outputs: [y, argmax], attributes }) => [
    maxPoolDispatch(attributes, x!, y!, argmax!, false),
  ],
  backward: ({ outputs: [, argmax], attributes }, [dy]) => [apply1(maxPool2dGradOp, [dy!, argmax!], attributes)],
};

/**
 * Largest value of each window, and the index of its tap in the window.
 * @param x `[n, h, w, c]`
 * @returns y `[n, oh, ow, c]`, and argmax of the same shape, u32: `row * width + column` of the chosen tap within its
 *   window (padding counted). Of equal values the first in row-major order is chosen, as in TensorFlow, and gets the whole
 *   gradient.
 * @throws ShapeError if x is not `[n, h, w, c]`, or a window would cover no pixel
 * @throws ArgumentError for options with values that make no sense
 */
export function maxPool2dWithArgmax(x: Tensor, options: PoolOptions): { readonly y: Tensor; readonly argmax: Tensor } {
  const [y, argmax] = apply(maxPool2dOp, [x], poolOf('maxPool2d', x, options));
  return { y: y!, argmax: argmax! };
}

/** Largest value of each window, `[n, h, w, c]` to `[n, oh, ow, c]`: see `maxPool2dWithArgmax`. */
export function maxPool2d(x: Tensor, options: PoolOptions): Tensor {
  return maxPool2dWithArgmax(x, options).y;
}
