import { ArrayDataset, type Dataset, type TargetArray } from '../data/dataset.ts';
import { ArgumentError, DataError } from '../errors.ts';
import { classWeight, type RowWeights } from './rowWeights.ts';

/** @throws ArgumentError unless it is an integer of at least `least` */
export function checkCount(name: string, value: number, least = 1): number {
  if (!Number.isInteger(value) || value < least) {
    throw new ArgumentError(`${name} must be a whole number of at least ${least}, got ${value}.`);
  }
  return value;
}

/** 0, 1, …, size - 1. */
export function range(size: number): Uint32Array {
  return Uint32Array.from({ length: size }, (_, i) => i);
}

/** Indices of the examples to train and to validate on. */
export function split(size: number, fraction: number): { train: Uint32Array; validation: Uint32Array } {
  if (!(fraction >= 0 && fraction < 1)) {
    throw new ArgumentError(`validationSplit must be from 0 to below 1, got ${fraction}.`);
  }
  const count = Math.floor(size * (1 - fraction));
  if (count < 1) throw new DataError(`validationSplit ${fraction} leaves none of ${size} examples to train on.`);
  const all = range(size);
  return { train: all.subarray(0, count), validation: all.subarray(count) };
}

/** Weights of examples from those of samples and classes. @throws DataError, ArgumentError where they do not fit */
export function rowWeights(
  dataset: Dataset,
  classes: number,
  sampleWeight: ArrayLike<number> | undefined,
  classWeights: Readonly<Record<number, number>> | undefined,
): RowWeights {
  const byExample = sampleWeight && Float32Array.from(sampleWeight);
  if (byExample && byExample.length !== dataset.size) {
    throw new DataError(`sampleWeight has ${byExample.length} weights for ${dataset.size} examples.`);
  }
  if (byExample && !byExample.every((w) => Number.isFinite(w) && w >= 0)) {
    throw new DataError('sampleWeight must be finite numbers from 0.');
  }
  if (!classWeights) return { byExample };
  const byClass = new Float32Array(classes).fill(1);
  for (const [key, weight] of Object.entries(classWeights)) {
    const index = Number(key);
    if (!Number.isInteger(index) || index < 0 || index >= classes || !(Number.isFinite(weight) && weight >= 0)) {
      throw new ArgumentError(`classWeight: class ${key} with weight ${weight} does not fit ${classes} classes.`);
    }
    byClass[index] = weight;
  }
  const labels: TargetArray | undefined = dataset instanceof ArrayDataset ? dataset.y : undefined;
  if (!labels) return { byExample, byClass };
  const combined = Float32Array.from(
    { length: dataset.size },
    (_, i) => (byExample?.[i] ?? 1) * classWeight(byClass, labels, i),
  );
  return { byExample: combined };
}
