import { ArrayDataset, type Dataset, type TargetArray } from '../data/dataset.ts';
import { ArgumentError, DataError, shown } from '../errors.ts';

/** How much examples count in the loss. Absent: 1. */
export interface RowWeights {
  /** Weight of each example of the dataset. */
  readonly byExample?: Float32Array | undefined;
  /** Weight of each class, where labels are known only once a batch was read. */
  readonly byClass?: Float32Array | undefined;
}

/** Weights of examples from those of samples and classes. @param what the call they were given to @throws DataError, ArgumentError where they do not fit */
export function rowWeights(
  what: string,
  dataset: Dataset,
  classes: number,
  sampleWeight: ArrayLike<number> | undefined,
  classWeights: Readonly<Record<number, number>> | undefined,
): RowWeights {
  const byExample = sampleWeight && Float32Array.from(sampleWeight);
  if (byExample && byExample.length !== dataset.size) {
    throw new DataError(`${what}: sampleWeight has ${byExample.length} weights for ${dataset.size} examples.`);
  }
  if (byExample && !byExample.every((w) => Number.isFinite(w) && w >= 0)) {
    throw new DataError(`${what}: sampleWeight must be finite numbers from 0.`);
  }
  if (!classWeights) return { byExample };
  const byClass = new Float32Array(classes).fill(1);
  for (const [key, weight] of Object.entries(classWeights)) {
    const index = Number(key);
    if (!Number.isInteger(index) || index < 0 || index >= classes || !(Number.isFinite(weight) && weight >= 0)) {
      throw new ArgumentError(
        `${what}: classWeight: class ${key} with weight ${shown(weight)} does not fit ${classes} classes.`,
      );
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

/** Weight of the class of row `i`: the label itself, or the largest entry of its one-hot row. */
export function classWeight(weights: Float32Array, y: TargetArray, i: number): number {
  if (y instanceof Int32Array) return weights[y[i]!]!;
  const row = y.subarray(i * weights.length, (i + 1) * weights.length);
  return weights[row.indexOf(Math.max(...row))]!;
}
