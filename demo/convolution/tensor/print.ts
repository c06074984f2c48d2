/** Arrays as numpy prints them, by the engine's own `ndarray`. */
import { ArgumentError, arange, ShapeError } from 'neurite';

export interface Printed {
  /** `print(x)`. */
  whole: string;
  /** `print(x[index])`; undefined where there is a problem. */
  part?: string;
  /** Of the part. */
  shape?: readonly number[];
  /** Which elements of x the part has, by their places in row-major order. */
  picked: ReadonlySet<number>;
  /** Why the index takes nothing. */
  problem?: string;
}

/** @param shape of x, which is filled with 0, 1, 2 … @param index as in numpy, `:, :, 0` */
export function printed(shape: readonly number[], index: string): Printed {
  const x = arange(shape.reduce((size, n) => size * n, 1)).reshape(shape);
  const whole = x.toString();
  try {
    const part = x.slice(index);
    // Each element of x is its own place.
    return { whole, part: part.toString(), shape: part.shape, picked: new Set(part.data) };
  } catch (error) {
    if (!(error instanceof ArgumentError || error instanceof ShapeError)) throw error;
    return { whole, picked: new Set(), problem: error.message.replace(/^slice: /, '') };
  }
}
