import source from '../../shaders/meanAbsoluteError.wgsl?raw';
import type { Passed } from '../options.ts';
import type { Tensor } from '../tensor.ts';
import { elementwiseLoss } from './elementwiseLoss.ts';

const loss = elementwiseLoss('absoluteError', { name: 'meanAbsoluteError', source });

/**
 * |prediction - truth|, averaged over all axes but the first. Where both are equal, the gradient is 0.
 * @param prediction `[n, ...]`
 * @param truth of the same shape; `[n]` and `[n, 1]` count as the same shape
 * @returns `[n]`
 * @throws ShapeError if the shapes differ
 */
export function meanAbsoluteError(prediction: Tensor, truth: Tensor, ...more: Passed): Tensor {
  return loss(prediction, truth, more);
}
