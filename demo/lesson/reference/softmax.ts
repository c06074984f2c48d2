/** Softmax and cross-entropy of one example, by hand. The largest logit is subtracted first, so that nothing overflows. */

/** p_k = exp(z_k) / the sum of exp(z_j). */
export function softmax(logits: ArrayLike<number>): Float64Array {
  const z = Array.from(logits);
  const powers = z.map((value) => Math.exp(value - Math.max(...z)));
  const total = powers.reduce((sum, value) => sum + value, 0);
  return Float64Array.from(powers, (value) => value / total);
}

/** -log p of the true class, in nats. */
export function crossEntropy(logits: ArrayLike<number>, truth: number): number {
  const z = Array.from(logits);
  const largest = Math.max(...z);
  return largest - z[truth]! + Math.log(z.reduce((sum, value) => sum + Math.exp(value - largest), 0));
}

/** Of the cross-entropy by the logits: p_k - 1 for the true class, p_k for all others. Its sum is 0. */
export function crossEntropyGradient(logits: ArrayLike<number>, truth: number): Float64Array {
  return softmax(logits).map((p, k) => (k === truth ? p - 1 : p));
}
