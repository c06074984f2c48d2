import { ArgumentError, DataError } from '../errors.ts';

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
