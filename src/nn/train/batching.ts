import { DataError } from '../../errors.ts';

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
