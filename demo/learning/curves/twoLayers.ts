/** Two layers of one number, by hand, and what they are without an activation: one. */
import { type ActivationName, activations } from '../../lesson/reference/activations.ts';

export interface TwoLayers {
  /** Of each hidden unit. */
  readonly w1: readonly number[];
  readonly b1: readonly number[];
  readonly w2: readonly number[];
  readonly b2: readonly number[];
}

export const FIRST_LAYERS: TwoLayers = { w1: [1.5, -1, 1], b1: [0.5, 1, -0.5], w2: [1, 1.5, -0.5], b2: [-2] };

const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, value, i) => sum + value * b[i]!, 0);

/** f(x) = W₂ φ(W₁ x + b₁) + b₂. */
export function outputOf({ w1, b1, w2, b2 }: TwoLayers, activation: ActivationName, x: number): number {
  const h = w1.map((w, i) => activations[activation].f(w * x + b1[i]!));
  return dot(w2, h) + b2[0]!;
}

/** W₂ W₁ and W₂ b₁ + b₂: without φ, f(x) is the first times x plus the second. */
export const oneLayer = ({ w1, b1, w2, b2 }: TwoLayers) => ({ slope: dot(w2, w1), offset: dot(w2, b1) + b2[0]! });
