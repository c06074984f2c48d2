import { ShapeError } from '../errors.ts';
import { expectTensors } from '../graph.ts';
import type { Passed } from '../options.ts';
import { formatShape, type Tensor } from '../tensor.ts';
import { mean } from './reduce.ts';

/**
 * Mean of each channel over the whole image.
 * @param x `[n, h, w, c]`
 * @returns `[n, c]`
 * @throws ShapeError if x is not `[n, h, w, c]`
 */
export function globalAvgPool2d(x: Tensor, ...more: Passed): Tensor {
  expectTensors('globalAvgPool2d', [x], more);
  if (x.shape.length !== 4) {
    throw new ShapeError(`globalAvgPool2d: images must be [n, h, w, c], got ${formatShape(x.shape)}.`);
  }
  return mean(x, { axes: [1, 2] });
}
