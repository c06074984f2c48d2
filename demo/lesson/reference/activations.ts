/** Activations with their derivatives, by hand. */
export interface Activation {
  f(u: number): number;
  /** Derivative by u. */
  derivative(u: number): number;
}

const sigmoid = (u: number) => 1 / (1 + Math.exp(-u));

export const activations = {
  linear: { f: (u) => u, derivative: () => 1 },
  tanh: { f: Math.tanh, derivative: (u) => 1 - Math.tanh(u) ** 2 },
  sigmoid: { f: sigmoid, derivative: (u) => sigmoid(u) * (1 - sigmoid(u)) },
  // At 0, where it has none, as the engine does.
  relu: { f: (u) => Math.max(u, 0), derivative: (u) => (u > 0 ? 1 : 0) },
} as const satisfies Record<string, Activation>;

export type ActivationName = keyof typeof activations;
