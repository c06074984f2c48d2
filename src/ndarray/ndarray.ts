/**
 * Arrays on the host that print, reshape and slice as numpy's do: to look at data, weights and predictions. The engine itself
 * computes with `{ data, shape }`, which an `NDArray` is as well.
 */
import { ShapeError } from '../errors.ts';
import { check, checkOneOf } from '../options.ts';
import { refuseOtherNames } from '../otherNames.ts';
import { shown } from '../shown.ts';
import { elements, formatShape, type Shape, strides } from '../tensor.ts';
import { type Part, partOf } from './indexing.ts';
import { textOf } from './text.ts';

export type NumberArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Uint8ClampedArray
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array;

/** numpy's names. An int64 is held as a float64, so it is exact up to 2^53. A bool is a byte. */
export type ElementType = keyof typeof ARRAYS;

/** The typed array that holds the elements of each type. */
export const ARRAYS = {
  float32: Float32Array,
  float64: Float64Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: Float64Array,
  bool: Uint8Array,
} as const;

/** Numbers and booleans in lists of lists. */
export type NestedList = number | boolean | readonly NestedList[];

/**
 * An array of numbers with a shape, in row-major order. Its methods return new arrays and leave it as it is. `predict` returns
 * one of float32, and the engine takes one of float32 wherever it takes `{ data, shape }`.
 */
export class NDArray<T extends NumberArray = NumberArray> {
  readonly data: T;
  /** Sizes of the axes. A number by itself has none. */
  readonly shape: Shape;
  readonly dtype: ElementType;

  /** @internal Made by `ndarray`, which checks. */
  constructor(data: T, shape: Shape, dtype: ElementType) {
    this.data = data;
    this.shape = shape;
    this.dtype = dtype;
  }

  static {
    refuseOtherNames('an array', NDArray.prototype, {
      dataSync: 'its numbers are array.data',
      arraySync: 'its numbers are array.data, and array.print() shows them with their axes',
      array: 'its numbers are array.data, and array.print() shows them with their axes',
      dispose: 'leave it out, JavaScript frees its memory',
    });
  }

  /** Number of axes. */
  get ndim(): number {
    return this.shape.length;
  }

  /** Number of elements. */
  get size(): number {
    return this.data.length;
  }

  /** The text that numpy's `print` has for it. */
  toString(): string {
    const { data, shape, dtype } = this;
    const kind = dtype === 'float32' || dtype === 'float64' || dtype === 'bool' ? dtype : 'integer';
    return textOf({ data, shape, kind });
  }

  /** Writes its text to the console. */
  print(): void {
    console.log(this.toString());
  }

  /**
   * A part of it, copied, by numpy's index syntax without the brackets: `x.slice('1:3, ::2, -1')`. A whole number takes its axis
   * away, `start:stop:step` keeps it, `...` stands for all axes that are not named, `None` adds one of size 1.
   * @throws ArgumentError for a text that is no index, or an index that is out of bounds
   * @throws ShapeError for more indices than axes
   */
  slice(index: string): NDArray<T> {
    check('slice', 'index', index, 'text');
    return this.#part(partOf(this.shape, index));
  }

  /**
   * The same numbers, in the same memory, in another shape; one size may be -1.
   * @throws ShapeError unless it has as many elements
   */
  reshape(...sizes: readonly number[] | readonly [Shape]): NDArray<T> {
    const wanted = listOf(sizes);
    const known = elements(wanted.filter((size) => size !== -1));
    const shape = wanted.map((size) => (size === -1 ? (known === 0 ? Number.NaN : this.size / known) : size));
    const open = wanted.filter((size) => size === -1).length;
    if (open > 1 || !shape.every(isSize) || elements(shape) !== this.size) {
      const why = open > 1 ? 'only one size may be -1' : `it has ${this.size} elements`;
      throw new ShapeError(
        `reshape: an array ${formatShape(this.shape)} does not become ${formatShape(wanted)}: ${why}.`,
      );
    }
    return new NDArray(this.data, shape, this.dtype);
  }

  /**
   * Its axes in another order, copied: `x.transpose(1, 2, 0)`. Without arguments, in the reverse order.
   * @throws ShapeError unless each axis is named once; negative ones count from the end
   */
  transpose(...axes: readonly number[] | readonly [Shape]): NDArray<T> {
    const { shape, ndim } = this;
    const given = axes.length === 0 ? shape.map((_, axis) => ndim - 1 - axis) : listOf(axes);
    const order = given.map((axis) => (axis < 0 ? axis + ndim : axis));
    if (order.length !== ndim || !shape.every((_, axis) => order.includes(axis))) {
      throw new ShapeError(
        `transpose: ${formatShape(given)} must name each of the ${ndim} axes of ${formatShape(shape)} once.`,
      );
    }
    const steps = strides(shape);
    return this.#part({ offset: 0, axes: order.map((axis) => ({ size: shape[axis]!, step: steps[axis]! })) });
  }

  /**
   * The index into `data` of the largest element, the first one of several; a NaN counts as the largest, as in numpy.
   * @throws ShapeError if there is no element
   */
  argMax(): number;
  /**
   * The index of the largest element along an axis, for each of the others.
   * @param axis negative ones count from the end
   * @throws ShapeError if there is no such axis, or no element
   */
  argMax(axis: number): NDArray<Float64Array>;
  argMax(axis?: number): number | NDArray<Float64Array> {
    if (axis === undefined) {
      if (this.size === 0) throw new ShapeError(`argMax: an array ${formatShape(this.shape)} has no elements.`);
      return largest(this.data, 0, this.size, 1);
    }
    const { shape, ndim } = this;
    const along = axis < 0 ? axis + ndim : axis;
    const size = shape[along];
    if (size === undefined) throw new ShapeError(`argMax: ${formatShape(shape)} has no axis ${shown(axis)}.`);
    const rest = shape.filter((_, other) => other !== along);
    if (size === 0) throw new ShapeError(`argMax: axis ${axis} of ${formatShape(shape)} has no elements.`);
    const step = strides(shape)[along]!;
    const at = (i: number) => Math.floor(i / step) * step * size + (i % step);
    const found = Float64Array.from({ length: elements(rest) }, (_, i) => largest(this.data, at(i), size, step));
    return new NDArray(found, rest, 'int64');
  }

  /**
   * The same numbers in another element type, copied, as typed arrays convert them: `ndarray([[0, 1], [1, 0]]).asType('float32')`
   * is data for a model. For a bool, each number but 0 is true.
   * @throws ArgumentError for a type that does not exist
   */
  asType<D extends ElementType>(dtype: D): NDArray<InstanceType<(typeof ARRAYS)[D]>> {
    checkOneOf('asType', 'dtype', dtype, Object.keys(ARRAYS));
    const convert = dtype === 'bool' ? (value: number) => Number(value !== 0) : dtype === 'int64' ? Math.trunc : Number;
    const data = Float64Array.from(this.data, convert);
    return new NDArray(new ARRAYS[dtype](data) as InstanceType<(typeof ARRAYS)[D]>, this.shape, dtype);
  }

  /** The element, if there is only one. @throws ShapeError for more or none */
  item(): number {
    if (this.size !== 1)
      throw new ShapeError(`item: an array ${formatShape(this.shape)} has ${this.size} elements, not one.`);
    return this.data[0]!;
  }

  #part({ offset, axes }: Part): NDArray<T> {
    const shape = axes.map(({ size }) => size);
    const data = new ARRAYS[this.dtype](elements(shape)) as T;
    let next = 0;
    const copy = (axis: number, from: number): void => {
      const { size, step } = axes[axis] ?? { size: 0, step: 0 };
      if (axis === axes.length) data[next++] = this.data[from]!;
      for (let i = 0; i < size; i++) copy(axis + 1, from + i * step);
    };
    if (data.length > 0) copy(0, offset);
    return new NDArray(data, shape, this.dtype);
  }
}

/** Whether a number is a size of an axis. */
export const isSize = (size: unknown) => Number.isInteger(size) && (size as number) >= 0;

/** Sizes or axes that were given one by one, or as one list. */
function listOf(given: readonly number[] | readonly [Shape]): number[] {
  return given.length === 1 && Array.isArray(given[0]) ? [...given[0]] : [...(given as readonly number[])];
}

/** Index of the largest of `count` elements that are `step` apart. */
function largest(data: NumberArray, from: number, count: number, step: number): number {
  let best = 0;
  for (let i = 0; i < count; i++) {
    const [value, most] = [data[from + i * step]!, data[from + best * step]!];
    if (Number.isNaN(value)) return i;
    if (value > most) best = i;
  }
  return best;
}
