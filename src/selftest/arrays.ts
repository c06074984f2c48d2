/** Float64 arrays for references, seeded random numbers, and the difference between a result and its reference. */

/** A dense row-major array in double precision, for references. */
export interface Array64 {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

export function size(shape: readonly number[]): number {
  return shape.reduce((product, n) => product * n, 1);
}

export function zeros(shape: readonly number[]): Array64 {
  return { shape, data: new Float64Array(size(shape)) };
}

export function array64(shape: readonly number[], values: ArrayLike<number>): Array64 {
  if (values.length !== size(shape)) throw new Error(`[${shape}] has ${size(shape)} elements, got ${values.length}`);
  return { shape, data: Float64Array.from(values) };
}

/** Applies `f` to each element. */
export function map(x: Array64, f: (value: number, index: number) => number): Array64 {
  return { shape: x.shape, data: x.data.map(f) };
}

/** A seeded stream of numbers in [0, 1): mulberry32. */
export function randomStream(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

/**
 * Random values with |x| from 0.1 to 1, which are exact in float32. They keep away from 0, where many functions have a
 * kink.
 */
export function randomArray(shape: readonly number[], random: () => number): Array64 {
  const data = Float64Array.from({ length: size(shape) }, () => {
    const value = 0.1 + 0.9 * random();
    return Math.fround(random() < 0.5 ? -value : value);
  });
  return { shape, data };
}

/** Whether a is larger than b. A NaN counts as larger than all numbers, but not as larger than another NaN. */
export function exceeds(a: number, b: number): boolean {
  return a > b || (Number.isNaN(a) && !Number.isNaN(b));
}

/** Random integers from 0 to below `limit`. */
export function randomIntegers(shape: readonly number[], limit: number, random: () => number): Array64 {
  return { shape, data: Float64Array.from({ length: size(shape) }, () => Math.floor(limit * random())) };
}

export interface Tolerance {
  /** Allowed |got - want| / max(1, |want|). */
  readonly error: number;
  /** The reason for this size. */
  readonly why: string;
}

/** The difference between a result and its reference. */
export interface Difference {
  /** Number of elements beyond the tolerance. */
  readonly wrong: number;
  /** The largest |got - want| / max(1, |want|). A NaN on one side only counts as an infinite error. */
  readonly error: number;
  /** Flat index of the element with this error; -1 if all are equal. */
  readonly at: number;
}

/** Compares the elements of `want` with those of `got`, which may have more. */
export function difference(got: ArrayLike<number>, want: ArrayLike<number>, tolerance: number): Difference {
  let wrong = 0;
  let error = 0;
  let at = -1;
  for (let i = 0; i < want.length; i++) {
    const e = elementError(got[i]!, want[i]!);
    if (e > tolerance) wrong++;
    if (e > error) [error, at] = [e, i];
  }
  return { wrong, error, at };
}

function elementError(got: number, want: number): number {
  if (Object.is(got, want) || got === want) return 0;
  const error = Math.abs(got - want) / Math.max(1, Math.abs(want));
  return Number.isNaN(error) ? Number.POSITIVE_INFINITY : error;
}

/** The index along each axis of the element at a flat index. */
export function indices(flat: number, shape: readonly number[]): number[] {
  const result: number[] = [];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    result.unshift(flat % shape[axis]!);
    flat = Math.floor(flat / shape[axis]!);
  }
  return result;
}
