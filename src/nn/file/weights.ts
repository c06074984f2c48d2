/**
 * Reads weights from the GPU for `getWeights`, and checks and orders the weights that `setWeights` gets. Names are resolved in
 * `weightNames.ts`.
 */

import { asFloat32 } from '../../data/dataErrors.ts';
import { misfit } from '../../data/dataset.ts';
import { ArgumentError, DataError, ShapeError } from '../../errors.ts';
import { isBytes } from '../../io/bytes.ts';
import { checkTensors } from '../../io/safetensors.ts';
import type { VariableStore } from '../../runtime/storage.ts';
import { kindOf, shown } from '../../shown.ts';
import { elements, formatShape, type Shape, sameShape, type Variable } from '../../tensor.ts';
import type { Layer, Weight } from '../network.ts';
import { placesOf } from './weightNames.ts';

/** The values of a weight on the host. */
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
      shape: [...variable.shape],
      data: (await store.read(variable)) as Float32Array,
    })),
  );
}

/** A weight for `setWeights`; its name is optional. */
export type GivenWeight = Omit<NamedWeight, 'name'> & { readonly name?: string | undefined };

/** The result of `setWeights`, as names of weights. */
export interface WeightsReport {
  /** Weights of the model that were set. */
  readonly taken: readonly string[];
  /** Weights of the model that were not set. */
  readonly missing: readonly string[];
  /** Given weights that the model does not have, by their given names. */
  readonly unexpected: readonly string[];
}

/**
 * Checks given weights and puts them into the model's order.
 * @returns for each weight of the model a copy of its new values, or undefined if it keeps its values
 * @throws ArgumentError, ShapeError, DataError if names, shapes or values do not fit
 */
export function orderWeights(
  layers: readonly Layer[],
  given: readonly GivenWeight[],
  strict: boolean,
): { values: (Float32Array | undefined)[]; report: WeightsReport } {
  checkTensors('setWeights: weights', given);
  const weights = layers.flatMap((layer) => layer.weights);
  const names = given.map((weight) => weight?.name);
  const places = placesOf(layers, names, strict);
  if (strict && places.length !== weights.length) {
    throw new ArgumentError(`setWeights: the model has ${weights.length} weights, got ${places.length}.`);
  }
  const values = new Array<Float32Array | undefined>(weights.length).fill(undefined);
  const unexpected: string[] = [];
  for (const [i, place] of places.entries()) {
    const weight = weights[place];
    if (weight) values[place] = checkWeight(weight, given[i] ?? {});
    else unexpected.push(names[i]!);
  }
  const named = (taken: boolean) =>
    weights.flatMap(({ name }, i) => ((values[i] !== undefined) === taken ? [name] : []));
  return { values, report: { taken: named(true), missing: named(false), unexpected } };
}

function checkWeight({ name, variable }: Weight, { shape, data }: Partial<GivenWeight>): Float32Array {
  if (!Array.isArray(shape) || !data) throw new DataError(`setWeights: ${name} needs { shape, data }.`);
  if (!sameShape(shape, variable.shape)) {
    throw new ShapeError(`setWeights: ${name} has shape ${formatShape(variable.shape)}, got ${formatShape(shape)}.`);
  }
  if (kindOf(data) !== 'Float32Array') {
    const known = Array.isArray(data) || isBytes(data);
    const hint = known ? ` Write ${asFloat32('data', data, elements(shape))}.` : '';
    throw new DataError(`setWeights: ${name}: data must be a Float32Array, got ${shown(data)}.${hint}`);
  }
  const short = misfit(data, shape);
  if (short) throw new DataError(`setWeights: ${name}: ${short}`);
  const own = new Float32Array(data); // copied before the check, since another thread may write to shared memory
  const wrong = unsound(variable, own);
  if (wrong) throw new DataError(`setWeights: ${name} ${wrong}`);
  return own;
}

/** Why values do not fit a variable, as the end of a message that begins with its name; undefined if they fit. */
export function unsound({ notNegative }: Variable, data: Float32Array): string | undefined {
  if (!data.every(Number.isFinite)) return 'has values that are not finite.';
  const value = notNegative ? data.find((x) => x < 0) : undefined;
  return value === undefined ? undefined : `has the value ${value}; no variance or mean of squares is below 0.`;
}
