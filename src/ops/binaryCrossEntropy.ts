import source from '../../shaders/binaryCrossEntropy.wgsl?raw';
import type { Passed } from '../options.ts';
import type { Tensor } from '../tensor.ts';
import { elementwiseLoss } from './elementwiseLoss.ts';

const loss = elementwiseLoss('sigmoidCrossEntropy', { name: 'binaryCrossEntropy', source });

/**
 * Cross-entropy of sigmoid(logits) and the truth, averaged over all axes but the first. The formula max(z, 0) - z t +
 * log(1 + exp(-|z|)), that of TensorFlow's sigmoid_cross_entropy_with_logits, is stable for logits of any size.
 * @param logits `[n, ...]`
 * @param truth probabilities, most often 0 or 1, of the same shape; `[n]` and `[n, 1]` count as the same shape
 * @returns `[n]`
 * @throws ShapeError if the shapes differ
 */
export function binaryCrossEntropy(logits: Tensor, truth: Tensor, ...more: Passed): Tensor {
  return loss(logits, truth, more);
}
