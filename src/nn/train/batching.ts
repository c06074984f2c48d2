import { DataError } from '../../errors.ts';

/** 0, 1, …, size - 1. */
export function range(size: number): Uint32Array {
  return Uint32Array.from({ length: size }, (_, i) => i);
}

/**
 * How many of so many examples are trained on where a fraction is held out: floor(size (1 - fraction)) for the decimal that the
 * fraction was written as. In floating point 100 * 0.2 may be a little less or more than 20; fifteen digits know no such little.
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
