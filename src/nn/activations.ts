import { ArgumentError } from '../errors.ts';
import { elu, gelu, leakyRelu, logSoftmax, relu, sigmoid, softmax, softplus, tanh } from '../ops/index.ts';
import { likely } from '../options.ts';
import { shown } from '../shown.ts';
import type { Tensor } from '../tensor.ts';

const ACTIVATIONS = {
  linear: (x: Tensor) => x,
  relu,
  leakyRelu: (x: Tensor) => leakyRelu(x),
  elu: (x: Tensor) => elu(x),
  tanh,
  sigmoid,
  softplus,
  gelu: (x: Tensor) => gelu(x),
  softmax,
  logSoftmax,
} as const;

/** Names of the activation functions that layers take. */
export type ActivationName = keyof typeof ACTIVATIONS;

/** @throws ArgumentError for a name that does not exist */
export function checkActivation(what: string, name: string): void {
  if (typeof name !== 'string' || !Object.hasOwn(ACTIVATIONS, name)) {
    throw new ArgumentError(
      `${what}: unknown activation ${shown(name)}; there are ${Object.keys(ACTIVATIONS).join(', ')}.${likely(name, Object.keys(ACTIVATIONS))}`,
    );
  }
}

/** Applies an activation by name. */
export function activate(x: Tensor, name: ActivationName): Tensor {
  return ACTIVATIONS[name](x);
}
