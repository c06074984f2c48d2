/**
 * Weights of examples in the loss, from the options `sampleWeight` and `classWeight`. If all labels are in memory, both are
 * multiplied in advance; otherwise class weights are looked up when a batch is read.
 */

import { gone } from '../../data/dataErrors.ts';
import {
  ArrayDataset,
  checkFinite,
  type Dataset,
  type ExampleStream,
  isStream,
  type TargetArray,
} from '../../data/dataset.ts';
import { ArgumentError, DataError } from '../../errors.ts';
import { flushed } from '../../options.ts';
import { shown } from '../../shown.ts';

/** Weights of examples in the loss. If absent, each weight is 1. */
export interface RowWeights {
  /** Weight of each example of the dataset. */
  readonly byExample?: Float32Array | undefined;
  /** Weight of each class, if labels are known only after a batch is read. */
  readonly byClass?: Float32Array | undefined;
}

/**
 * Checks and combines the weights of samples and classes.
 * @param what name of the call, for error messages
 * @throws DataError, ArgumentError for weights that do not fit the data
 */
export function rowWeights(
  what: string,
  dataset: Dataset | ExampleStream,
  classes: number,
  sampleWeight: ArrayLike<number> | undefined,
  classWeights: Readonly<Record<number, number>> | undefined,
): RowWeights {
  if (sampleWeight && isStream(dataset)) {
    throw new ArgumentError(
      `${what}: sampleWeight weighs examples in memory; those of a dataset that streams bring theirs: { x, y, sampleWeight }.`,
    );
  }
  const byExample = sampleWeight && weightsOf(what, (dataset as Dataset).size, sampleWeight);
  if (!classWeights) return { byExample };
  if (classes < 2) {
    throw new ArgumentError(
      `${what}: there are no classes for classWeight to weigh: with this loss and these outputs examples are not of one class each. ` +
        'sampleWeight weighs single examples.',
    );
  }
  if (Object.prototype.toString.call(classWeights) !== '[object Object]') {
    throw new ArgumentError(
      `${what}: classWeight must be an object, such as { 0: 1, 1: 5 }, got ${shown(classWeights)}.`,
    );
  }
  const byClass = new Float32Array(classes).fill(1);
  for (const [key, weight] of Object.entries(classWeights)) {
    const index = key.trim() === '' ? Number.NaN : Number(key);
    if (byClass[index] === undefined || !isWeight(weight)) {
      throw new ArgumentError(
        `${what}: classWeight must give classes from 0 to ${classes - 1} numbers ${RANGE}, got ${shown(weight)} for ${key || "''"}.`,
      );
    }
    byClass[index] = flushed(weight);
  }
  const labels: TargetArray | undefined = dataset instanceof ArrayDataset ? dataset.y : undefined;
  if (!labels) return { byExample, byClass };
  const { size } = dataset as Dataset;
  const combined = Float32Array.from(
    { length: size },
    (_, i) => (byExample?.[i] ?? 1) * classWeight(byClass, labels, i, labels.length / size),
  );
  checkFinite('the product of sampleWeight and classWeight', combined, [1]);
  return { byExample: combined };
}

const RANGE = 'from 0 to 3.4e38';
const isWeight = (weight: unknown): weight is number =>
  typeof weight === 'number' && weight >= 0 && Math.fround(weight) < Number.POSITIVE_INFINITY;

function weightsOf(what: string, size: number, given: ArrayLike<number>): Float32Array {
  if (given.length !== size) {
    throw new DataError(`${what}: sampleWeight has ${given.length} weights for ${size} examples${gone(given) || '.'}`);
  }
  const values = new Float32Array(size);
  for (let i = 0; i < size; i++) {
    const weight: unknown = given[i];
    if (!isWeight(weight)) {
      throw new DataError(`${what}: sampleWeight must be numbers ${RANGE}, got ${shown(weight)} for example ${i}.`);
    }
    values[i] = flushed(weight);
  }
  return values;
}

/**
 * Weight of the class of row `i`. The class is the integer label, the position of the largest entry of a one-hot row, or for two
 * classes the nearer of 0 and 1.
 * @param example number of the example in the dataset, for the error message
 * @throws DataError if several entries of the row share the largest value
 */
export function classWeight(weights: Float32Array, y: TargetArray, i: number, width: number, example = i): number {
  if (y instanceof Int32Array) return weights[y[i]!]!;
  if (width === 1) return weights[y[i]! > 0.5 ? 1 : 0]!;
  const row = y.subarray(i * width, (i + 1) * width);
  const most = Math.max(...row);
  const label = row.indexOf(most);
  if (row.lastIndexOf(most) === label) return weights[label]!;
  throw new DataError(
    `classWeight: y of example ${example} names no single class, it is [${row.slice(0, 8).join(', ')}${width > 8 ? ', …' : ''}]; ` +
      'sampleWeight weighs examples that are of several classes.',
  );
}
