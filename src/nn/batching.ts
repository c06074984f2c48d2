import { DataError } from '../errors.ts';

/** 0, 1, …, size - 1. */
export function range(size: number): Uint32Array {
  return Uint32Array.from({ length: size }, (_, i) => i);
}

/** Indices of the examples to train and to validate on. */
export function split(size: number, fraction: number): { train: Uint32Array; validation: Uint32Array } {
  const count = Math.floor(size * (1 - fraction));
  if (count < 1) throw new DataError(`fit: validationSplit ${fraction} leaves none of ${size} examples to train on.`);
  const all = range(size);
  return { train: all.subarray(0, count), validation: all.subarray(count) };
}
