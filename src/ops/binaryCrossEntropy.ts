import source from '../../shaders/binaryCrossEntropy.wgsl?raw';
import type { Passed } from '../options.ts';
import type { Tensor } from '../tensor.ts';
import { elementwiseLoss } from './elementwiseLoss.ts';

const loss = elementwiseLoss('sigmoidCrossEntropy', { name: 'binaryCrossEntropy', source });

/**
 * Cross-entropy of sigmoid(logits) and the truth, averaged over all axes but the first; stable for logits of any size, by
 * max(z, 0) - z t + log(1 + exp(-|z|)) (as in TensorFlow's sigmoid_cross_entropy_with_logits).
 * @param logits `[n, ...]`
 * @param truth probabilities, most often 0 or 1, of the same shape; `[n]` and `[n, 1]` are taken for the same
 * @returns `[n]`
 * @throws ShapeError where the shapes differ
 */
export function binaryCrossEntropy(logits: Tensor, truth: Tensor, ...more: Passed): Tensor {
  return loss(logits, truth, more);
}
