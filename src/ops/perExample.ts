/** What the ops that draw random numbers for each example have in common: their seed, their salt, and ranges of a draw. */
import { ArgumentError, ShapeError } from '../errors.ts';
import { flatGrid } from '../graph.ts';
import { isNumber } from '../options.ts';
import { shown } from '../shown.ts';
import { elements, formatShape, type Tensor } from '../tensor.ts';

/** The least and the largest value of a uniform draw. */
export type DrawRange = readonly [number, number];

export interface PerExampleOptions {
  /** An integer from 0 to 2^32 - 1, a different one for each op of a step, so that each draws other numbers. */
  readonly salt: number;
}

/** @throws ArgumentError for a salt that is no integer of 32 bits */
export function checkSalt(what: string, salt: number): void {
  if (!Number.isInteger(salt) || salt < 0 || salt >= 2 ** 32)
    throw new ArgumentError(`${what}: salt must be an integer from 0 to 2^32 - 1, got ${shown(salt)}.`);
}

/** @throws ArgumentError unless the value is `[low, high]`, within the bounds. @param bounds what the message says of them */
export function checkRange(what: string, name: string, value: unknown, bounds: DrawRange, words: string): DrawRange {
  const ok =
    Array.isArray(value) &&
    value.length === 2 &&
    value.every((x) => isNumber(x) && x >= bounds[0] && x <= bounds[1]) &&
    value[0] <= value[1];
  if (!ok) throw new ArgumentError(`${what}: ${name} must be [least, largest], ${words}, got ${shown(value)}.`);
  return value as unknown as DrawRange;
}

/** @throws ShapeError unless x is f32 `[n, h, w, c]`, and the seed u32 `[1]` or `[2]` */
export function checkOperands(what: string, x: Tensor, seed: Tensor): void {
  if (x.dtype !== 'f32') throw new ShapeError(`${what}: ${x.name} must be f32, got ${x.dtype}.`);
  if (x.shape.length !== 4) throw new ShapeError(`${what}: x must be [n, h, w, c], got ${formatShape(x.shape)}.`);
  const { dtype, shape } = seed;
  if (dtype !== 'u32' || shape.length !== 1 || shape[0]! > 2)
    throw new ShapeError(`${what}: the seed must be u32 [1] or [2], got ${dtype} ${formatShape(shape)}.`);
}

/** The constants of the draw in a shader. */
export function drawConstants(seed: Tensor, salt: number): { SALT: number; PLACED: number } {
  return { SALT: salt, PLACED: elements(seed.shape) - 1 };
}

/** The grid with an invocation for each element. */
export function elementGrid(tensor: Tensor): { COUNT: number; workgroups: [number, number, number] } {
  const COUNT = elements(tensor.shape);
  return { COUNT, workgroups: flatGrid(COUNT, 64) };
}
