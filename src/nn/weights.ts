import { ArgumentError, DataError, ShapeError } from '../errors.ts';
import type { VariableStore } from '../runtime/storage.ts';
import { elements, formatShape, type Shape, sameShape } from '../tensor.ts';
import type { Weight } from './network.ts';

/** A weight's values on the host. */
export interface NamedWeight {
  readonly name: string;
  readonly shape: Shape;
  readonly data: Float32Array;
}

/** A model's weights in Keras' order: layer by layer; kernel, bias; gamma, beta, moving mean, moving variance. */
export type NamedWeights = readonly NamedWeight[];

export async function readWeights(weights: readonly Weight[], store: VariableStore): Promise<NamedWeight[]> {
  return Promise.all(
    weights.map(async ({ name, variable }) => ({
      name,
      shape: variable.shape,
      data: (await store.read(variable)) as Float32Array,
    })),
  );
}

/**
 * Checks values for all weights.
 * @param values in the model's order; names are not compared, so that weights of another framework may come as they are
 * @throws ArgumentError, ShapeError, DataError where number, shapes or values do not fit
 */
export function checkWeights(weights: readonly Weight[], values: readonly Omit<NamedWeight, 'name'>[]): void {
  if (!Array.isArray(values) || values.length !== weights.length) {
    throw new ArgumentError(`setWeights: the model has ${weights.length} weights, got ${values?.length}.`);
  }
  weights.forEach(({ name, variable }, i) => {
    const { shape, data } = (values[i] ?? {}) as Partial<NamedWeight>;
    if (!Array.isArray(shape) || !data) throw new DataError(`setWeights: ${name} needs { shape, data }.`);
    if (!sameShape(shape, variable.shape)) {
      throw new ShapeError(`setWeights: ${name} has shape ${formatShape(variable.shape)}, got ${formatShape(shape)}.`);
    }
    if (!(data instanceof Float32Array) || data.length !== elements(shape)) {
      throw new DataError(
        `setWeights: ${name} needs a Float32Array of ${elements(shape)} values, got ${data?.length}.`,
      );
    }
    if (!data.every(Number.isFinite)) throw new DataError(`setWeights: ${name} has values that are not finite.`);
  });
}
