/** Keras' update rules for one array of weights, in double precision. */
import type { OptimizerCase } from './network.ts';

/** Changes weights in place by their gradient; keeps its slots. The first step is number 1. */
export type UpdateRule = (w: Float64Array, g: Float64Array, step: number) => void;

interface Settings {
  readonly learningRate: number;
  readonly momentum: number;
  readonly nesterov: boolean;
  readonly centered: boolean;
  readonly rho: number;
  readonly beta1: number;
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
}

const DEFAULTS: Settings = {
  learningRate: 0.001,
  momentum: 0,
  nesterov: false,
  centered: false,
  rho: 0.9,
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-7,
  weightDecay: 0,
};

/** A rule for an array of weights. @param length number of weights */
export function updateRule({ name, options }: OptimizerCase, length: number): UpdateRule {
  const settings: Settings = { ...DEFAULTS, ...options };
  const [m, v, a] = [new Float64Array(length), new Float64Array(length), new Float64Array(length)];
  const { learningRate: rate, momentum, nesterov, centered, rho, beta1, beta2, epsilon, weightDecay } = settings;
  const element = (w: number, g: number, i: number, step: number): number => {
    switch (name) {
      case 'sgd':
        m[i] = momentum * m[i]! - rate * g;
        return nesterov && momentum > 0 ? w + momentum * m[i]! - rate * g : w + m[i]!;
      case 'rmsprop':
        v[i] = rho * v[i]! + (1 - rho) * g * g;
        a[i] = centered ? rho * a[i]! + (1 - rho) * g : 0;
        m[i] = momentum * m[i]! + (rate * g) / Math.sqrt(v[i]! - a[i]! ** 2 + epsilon);
        return w - m[i]!;
      default: {
        m[i] = beta1 * m[i]! + (1 - beta1) * g;
        v[i] = beta2 * v[i]! + (1 - beta2) * g * g;
        const alpha = (rate * Math.sqrt(1 - beta2 ** step)) / (1 - beta1 ** step);
        return w - rate * weightDecay * w - (alpha * m[i]!) / (Math.sqrt(v[i]!) + epsilon);
      }
    }
  };
  return (w, g, step) => {
    for (let i = 0; i < length; i++) w[i] = element(w[i]!, g[i]!, i, step);
  };
}

/** Keras' `global_clipnorm`: all gradients scaled down together, in place. */
export function clipByGlobalNorm(gradients: readonly Float64Array[], norm: number): void {
  const squares = gradients.reduce((sum, g) => sum + g.reduce((s, v) => s + v * v, 0), 0);
  const scale = norm / Math.max(norm, Math.sqrt(squares));
  for (const g of gradients) for (let i = 0; i < g.length; i++) g[i]! *= scale;
}
