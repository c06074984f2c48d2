import { ShapeError } from '../errors.ts';
import { formatShape, type Tensor } from '../tensor.ts';
import { mean } from './reduce.ts';

/**
 * Mean over each channel's whole image.
 * @param x `[n, h, w, c]`
 * @returns `[n, c]`
 * @throws ShapeError where x is not `[n, h, w, c]`
 */
export function globalAvgPool2d(x: Tensor): Tensor {
  if (x.shape.length !== 4) {
    throw new ShapeError(`globalAvgPool2d: images must be [n, h, w, c], got ${formatShape(x.shape)}.`);
  }
  return mean(x, { axes: [1, 2] });
}
