import source from '../../shaders/meanSquaredError.wgsl?raw';
import type { Passed } from '../options.ts';
import type { Tensor } from '../tensor.ts';
import { elementwiseLoss } from './elementwiseLoss.ts';

const loss = elementwiseLoss('squaredError', { name: 'meanSquaredError', source });

/**
 * (prediction - truth)^2, averaged over all axes but the first.
 * @param prediction `[n, ...]`
 * @param truth of the same shape; `[n]` and `[n, 1]` count as the same shape
 * @returns `[n]`
 * @throws ShapeError if the shapes differ
 */
export function meanSquaredError(prediction: Tensor, truth: Tensor, ...more: Passed): Tensor {
  return loss(prediction, truth, more);
}
