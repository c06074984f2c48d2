import { misfit } from '../../data/dataset.ts';
import { asFloat32 } from '../../data/wanted.ts';
import { ArgumentError, DataError, ShapeError, shown } from '../../errors.ts';
import { isBytes } from '../../io/bytes.ts';
import { checkTensors } from '../../io/safetensors.ts';
import type { VariableStore } from '../../runtime/storage.ts';
import { kindOf } from '../../shown.ts';
import { elements, formatShape, type Shape, sameShape, type Variable } from '../../tensor.ts';
import type { Layer, Weight } from '../network.ts';
import { placesOf } from './weightNames.ts';

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
      shape: [...variable.shape],
      data: (await store.read(variable)) as Float32Array,
    })),
  );
}

/** Weights as they are handed in. */
export type GivenWeight = Omit<NamedWeight, 'name'> & { readonly name?: string | undefined };

/** What became of weights that were handed in, by name. */
export interface WeightsReport {
  /** Of the model's weights those that were set. */
  readonly taken: readonly string[];
  /** Of the model's weights those that were not. */
  readonly missing: readonly string[];
  /** Of the weights given those that the model does not have, as they were given. */
  readonly unexpected: readonly string[];
}

/**
 * Checks weights that were handed in, and puts them in the model's order.
 * @returns of each weight of the model a copy of its values; undefined: it stays
 * @throws ArgumentError, ShapeError, DataError where names, shapes or values do not fit
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
  const own = new Float32Array(data); // before its values are looked at: another thread may write to what is shared
  const wrong = unsound(variable, own);
  if (wrong) throw new DataError(`setWeights: ${name} ${wrong}`);
  return own;
}

/** What is wrong with values for a variable, to follow its name; undefined: nothing. */
export function unsound({ notNegative }: Variable, data: Float32Array): string | undefined {
  if (!data.every(Number.isFinite)) return 'has values that are not finite.';
  const value = notNegative ? data.find((x) => x < 0) : undefined;
  return value === undefined ? undefined : `has the value ${value}; no variance or mean of squares is below 0.`;
}
