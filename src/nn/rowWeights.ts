import type { TargetArray } from '../data/dataset.ts';

/** How much examples count in the loss. Absent: 1. */
export interface RowWeights {
  /** Weight of each example of the dataset. */
  readonly byExample?: Float32Array | undefined;
  /** Weight of each class, where labels are known only once a batch was read. */
  readonly byClass?: Float32Array | undefined;
}

/** Weight of the class of row `i`: the label itself, or the largest entry of its one-hot row. */
export function classWeight(weights: Float32Array, y: TargetArray, i: number): number {
  if (y instanceof Int32Array) return weights[y[i]!]!;
  const row = y.subarray(i * weights.length, (i + 1) * weights.length);
  return weights[row.indexOf(Math.max(...row))]!;
}
