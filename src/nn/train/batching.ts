/** Which examples a pass over data consists of, and in what batches. */
import { type Dataset, type ExampleStream, isStream } from '../../data/dataset.ts';
import { DataError } from '../../errors.ts';
import type { RowWeights } from './rowWeights.ts';

/** Examples of a dataset that make one batch. */
export interface DataBatch {
  readonly dataset: Dataset;
  readonly rows: Uint32Array;
  /** Weights of the dataset's examples. */
  readonly weights: RowWeights;
}

/** The batches of a pass over data. */
export interface Batches {
  /** Their number, if it is known. */
  readonly count?: number;
  /**
   * A batch, undefined behind the last one.
   * @param at its number, from 0: the next one, or one whose step is under way
   */
  batch(at: number): DataBatch | undefined | Promise<DataBatch | undefined>;
  /** Called when the step of a batch was submitted: the next batch may be read. */
  readAhead?(): void;
}

/** Batches of rows of a dataset, in this order. */
export function batchesOf(dataset: Dataset, rows: Uint32Array, weights: RowWeights, batchSize: number): Batches {
  return {
    count: Math.ceil(rows.length / batchSize),
    batch: (at) => ({ dataset, weights, rows: rows.subarray(at * batchSize, (at + 1) * batchSize) }),
  };
}

/** Examples of a batch: as the call says, or the data, or 32. */
export const batchSizeOf = (data: Dataset | ExampleStream, given: number | undefined): number =>
  given ?? (isStream(data) ? data.batchSize : undefined) ?? 32;

/** The numbers 0, 1, …, size - 1. */
export function range(size: number): Uint32Array {
  return Uint32Array.from({ length: size }, (_, i) => i);
}

/**
 * Number of examples to train on if a fraction is held out: floor(size * (1 - fraction)), in decimal arithmetic. In floating
 * point a product such as 100 * 0.2 may differ slightly from 20; rounding it to fifteen digits removes the difference.
 */
export function trainedOn(size: number, fraction: number): number {
  return size - Math.ceil(Number((size * fraction).toPrecision(15)));
}

/** Indices of the examples to train and to validate on. */
export function split(size: number, fraction: number): { train: Uint32Array; validation: Uint32Array } {
  const count = trainedOn(size, fraction);
  if (count < 1) throw new DataError(`fit: validationSplit ${fraction} leaves none of ${size} examples to train on.`);
  const all = range(size);
  return { train: all.subarray(0, count), validation: all.subarray(count) };
}
