import { DataError, ShapeError } from '../errors.ts';
import { elements, formatShape, type Shape } from '../tensor.ts';

/** Numbers with a shape; the first axis counts the examples. Images are `[n, height, width, channels]`. */
export interface TensorData {
  readonly data: Float32Array;
  readonly shape: Shape;
}

/** Class indices, one an example; or numbers, one an example; or one-hot rows or other targets with a shape. */
export type Labels = Int32Array | Uint32Array | Uint8Array | Float32Array | readonly number[] | TensorData;

/** What a model trains on when the examples lie in memory. */
export interface Examples {
  readonly x: TensorData;
  readonly y: Labels;
}

/** Host memory for targets: class indices are integers, everything else is floating. */
export type TargetArray = Float32Array | Int32Array;

/**
 * A source of examples that need not fit into memory: batches are read from it by index. Reading may be asynchronous;
 * one batch is read at a time, while the GPU computes on the batches before.
 */
export interface Dataset {
  /** Number of examples. */
  readonly size: number;
  /** Shape of one example's input. */
  readonly xShape: Shape;
  /**
   * Copies the examples at `indices` into `x`, and their targets into `y` (class indices, one-hot rows, … as the loss
   * has them), each one after another from the start. `y` is absent when only predictions are wanted.
   */
  read(indices: Uint32Array, x: Float32Array, y?: TargetArray): void | Promise<void>;
}

/** Examples that lie in memory, checked. */
export class ArrayDataset implements Dataset {
  readonly size: number;
  readonly xShape: Shape;
  readonly x: Float32Array;
  /** Targets, as many numbers an example as the loss wants. */
  readonly y: TargetArray | undefined;
  readonly #xLength: number;
  readonly #yLength: number;

  /** @throws ShapeError, DataError for data that do not fit together, are empty or not finite */
  constructor(x: TensorData, y?: TargetArray) {
    checkTensorData('x', x);
    this.size = x.shape[0]!;
    this.xShape = x.shape.slice(1);
    this.x = x.data;
    this.y = y;
    this.#xLength = elements(this.xShape);
    this.#yLength = y ? y.length / this.size : 0;
  }

  read(indices: Uint32Array, x: Float32Array, y?: TargetArray): void {
    const [nx, ny] = [this.#xLength, this.#yLength];
    for (let i = 0; i < indices.length; i++) {
      const row = indices[i]!;
      x.set(this.x.subarray(row * nx, (row + 1) * nx), i * nx);
      if (y && this.y) y.set(this.y.subarray(row * ny, (row + 1) * ny), i * ny);
    }
  }
}

/** Whether a value is a `Dataset` rather than plain examples. */
export function isDataset(value: unknown): value is Dataset {
  return typeof (value as Dataset | undefined)?.read === 'function';
}

/** @throws DataError, ShapeError unless it has a shape that its data fill, and only finite numbers */
export function checkTensorData(what: string, value: TensorData): void {
  if (!(value?.data instanceof Float32Array) || !Array.isArray(value.shape)) {
    throw new DataError(`${what} must be { data: Float32Array, shape: number[] }.`);
  }
  const { data, shape } = value;
  if (shape.length === 0 || !shape.every((size: number) => Number.isInteger(size) && size >= 0)) {
    throw new ShapeError(`${what}: ${formatShape(shape)} is no shape.`);
  }
  if (elements(shape) !== data.length) {
    throw new ShapeError(
      `${what}: shape ${formatShape(shape)} has ${elements(shape)} elements, data has ${data.length}.`,
    );
  }
  if (shape[0] === 0 || data.length === 0) throw new DataError(`${what} is empty: there are no examples.`);
  checkFinite(what, data, shape.slice(1));
}

/** @param indices of the examples in their dataset, where they are a batch @throws DataError naming the first value that is NaN or infinite */
export function checkFinite(what: string, data: Float32Array, exampleShape: Shape, indices?: Uint32Array): void {
  for (let i = 0; i < data.length; i++) {
    if (!Number.isFinite(data[i]!)) {
      const at = Math.floor(i / elements(exampleShape));
      const example = indices?.[at] ?? at;
      throw new DataError(`${what} has the value ${data[i]} in example ${example}; all values must be finite numbers.`);
    }
  }
}

/** @throws DataError naming the first target that is not finite, or not within the range */
export function checkTargets(
  y: Float32Array,
  exampleShape: Shape,
  [low, high]: readonly [number, number] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
  indices?: Uint32Array,
): void {
  checkFinite('y', y, exampleShape, indices);
  const i = y.findIndex((value) => value < low || value > high);
  if (i < 0) return;
  const at = Math.floor(i / elements(exampleShape));
  const wanted = Number.isFinite(high) ? `from ${low} to ${high}` : `of at least ${low}`;
  throw new DataError(`y has the value ${y[i]} in example ${indices?.[at] ?? at}; this loss takes targets ${wanted}.`);
}

/** @param indices as above @throws DataError for a class index that is not an integer from 0 to below `classes` */
export function checkClasses(labels: ArrayLike<number>, classes: number, indices?: Uint32Array): void {
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!;
    if (!Number.isInteger(label) || label < 0 || label >= classes) {
      throw new DataError(
        `y: label ${label} of example ${indices?.[i] ?? i} is not one of the ${classes} classes 0 to ${classes - 1}.`,
      );
    }
  }
}
