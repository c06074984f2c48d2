/** Spec of gelu: the exact function and its tanh approximation. */
import { type GeluOptions, gelu } from '../../index.ts';
import { activation } from '../activation.ts';

/**
 * Distribution function of the normal distribution, by 1/2 + phi(x) (x + x^3/3 + x^5/(3 5) + ...): all terms have one sign,
 * so the sum is good to double precision (absolute).
 */
function normal(x: number): number {
  if (Math.abs(x) > 9) return x > 0 ? 1 : 0;
  let term = x;
  let total = x;
  for (let k = 3; Math.abs(term) > 1e-18 * Math.abs(total); k += 2) {
    term *= (x * x) / k;
    total += term;
  }
  return 0.5 + total * density(x);
}

const density = (x: number) => Math.exp((-x * x) / 2) / Math.sqrt(2 * Math.PI);

const SCALE = Math.sqrt(2 / Math.PI);
const inner = (x: number) => SCALE * (x + 0.044715 * x ** 3);

// The bound that the shader's header states, and that the dense grid of checkActivation measures.
const exactBound = { error: 3e-7, why: 'tail to 3e-8, then exp and a few roundings' };

/** Both are the same where they end, and near 0. */
const COMMON = {
  name: 'gelu',
  build: gelu,
  extremes: [
    [0, 0, 0.5],
    [1e-30, 5e-31, 0.5],
    [100, 100, 1],
    [-100, 0, 0],
    [1e30, 1e30, 1],
    [-1e30, 0, 0],
  ],
  relative: { from: 1e-10, to: 12, error: 8e-7 },
} as const;

export const geluSpec = activation<GeluOptions>({
  ...COMMON,
  params: [{}, { approximate: false }],
  f: (x) => x * normal(x),
  df: (x) => normal(x) + x * density(x),
  tolerance: { forward: exactBound, backward: { error: 5e-7, why: 'two terms of the same size near |x| = 1' } },
});

export const geluApproximateSpec = activation<GeluOptions>({
  ...COMMON,
  params: [{ approximate: true }],
  f: (x) => 0.5 * x * (1 + Math.tanh(inner(x))),
  df: (x) => {
    const t = Math.tanh(inner(x));
    return 0.5 * (1 + t) + 0.5 * x * (1 - t * t) * SCALE * (1 + 3 * 0.044715 * x * x);
  },
  tolerance: {
    forward: { error: 3e-7, why: 'exp and a few roundings' },
    backward: { error: 7e-7, why: 'two terms of the same size near |x| = 1' },
  },
});
