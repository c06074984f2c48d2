/** Numbers by hand are of 64 bits, row by row. */
export interface Array64 {
  readonly data: Float64Array;
  readonly shape: readonly number[];
}

export function zeros(shape: readonly number[]): Array64 {
  return { data: new Float64Array(shape.reduce((size, n) => size * n, 1)), shape };
}

/** @throws Error where the numbers do not fill the shape */
export function array64(data: ArrayLike<number>, shape: readonly number[]): Array64 {
  const result = { data: Float64Array.from(data), shape };
  if (result.data.length !== shape.reduce((size, n) => size * n, 1)) {
    throw new Error(`${result.data.length} numbers do not fill the shape ${shape.join(' × ')}.`);
  }
  return result;
}
