/**
 * Training and test data: arrays in memory, or a source that is read batch by batch, and the checks of their shapes and
 * values.
 */
import { DataError } from '../errors.ts';
import type { NestedList, NumberArray } from '../ndarray/ndarray.ts';
import { elements, formatShape, hasElements, type Shape } from '../tensor.ts';
import { gone } from './dataErrors.ts';
import type { CheckedExamples, ExampleArray, InputData } from './input.ts';
import type { Batch, Example } from './stream/elements.ts';
import type { StreamedDataset } from './stream/stream.ts';

/** Numbers with a shape. The first axis is that of the examples. Images are `[n, height, width, channels]`. */
export interface TensorData {
  readonly data: Float32Array;
  readonly shape: Shape;
}

/** Labels: a class index or a number for each example, or one-hot rows or other targets as nested lists or with a shape. */
export type Labels =
  | NumberArray
  | readonly number[]
  | readonly (readonly NestedList[])[]
  | { readonly data: NumberArray | readonly number[]; readonly shape: Shape };

/** Examples in memory. Shared and resizable buffers are allowed. */
export interface Examples {
  readonly x: InputData;
  readonly y: Labels;
}

/** Host memory for targets: class indices are integers, all other targets are floats. */
export type TargetArray = Float32Array | Int32Array;

/**
 * A source of examples that need not fit into memory: batches are read from it by index. Reading may be asynchronous.
 * One batch is read at a time, while the GPU computes the batches before. The engine does not copy the source, so it
 * must return the same examples until the call that uses it has ended.
 */
export interface Dataset {
  /** Number of examples. */
  readonly size: number;
  /** Shape of the input of one example. */
  readonly xShape: Shape;
  /**
   * Copies the examples at `indices` into `x`, and their targets into `y` (class indices, one-hot rows, … as the loss
   * takes them), one after another from the start. `y` is absent for predictions. The reader may write to both until
   * its promise has resolved, but must not transfer them. It may keep `indices`.
   */
  read(indices: Uint32Array, x: Float32Array, y?: TargetArray): void | Promise<void>;
}

/** Examples that lie in memory. */
export class ArrayDataset implements Dataset {
  readonly size: number;
  readonly xShape: Shape;
  /** Whether the memory belongs to the engine, so that values cannot change after they were checked. */
  readonly owned: boolean;
  readonly #x: CallerMemory<ExampleArray>;
  readonly #y: CallerMemory<TargetArray> | undefined;

  /**
   * @param x as returned by `examples`
   * @param y targets, as many numbers for each example as the loss takes
   */
  constructor({ data, shape }: CheckedExamples, y?: TargetArray, owned = false) {
    this.size = shape[0]!;
    this.xShape = shape.slice(1);
    this.owned = owned;
    this.#x = new CallerMemory('x', data);
    this.#y = y && new CallerMemory('y', y);
  }

  /** @throws DataError if the memory was taken away */
  get x(): ExampleArray {
    return this.#x.data;
  }

  /** @throws DataError if the memory was taken away */
  get y(): TargetArray | undefined {
    return this.#y?.data;
  }

  read(indices: Uint32Array, toX: Float32Array, toY?: TargetArray): void {
    const { x, y, size } = this;
    const [nx, ny] = [x.length / size, y ? y.length / size : 0];
    for (let i = 0; i < indices.length; i++) {
      const row = indices[i]!;
      toX.set(x.subarray(row * nx, (row + 1) * nx), i * nx);
      if (toY && y) toY.set(y.subarray(row * ny, (row + 1) * ny), i * ny);
    }
  }
}

/** Memory that may belong to the caller, who can transfer or shrink its buffer at any time. */
class CallerMemory<T extends ExampleArray | TargetArray> {
  readonly #what: string;
  readonly #data: T;
  readonly #length: number;

  constructor(what: string, data: T) {
    this.#what = what;
    this.#data = data.subarray(0, data.length) as T; // a view of fixed length, which does not grow with a resizable buffer
    this.#length = data.length;
  }

  /** @throws DataError if the memory was transferred or has shrunk */
  get data(): T {
    if (hasElements(this.#data, this.#length)) return this.#data;
    throw new DataError(
      `${this.#what}: its memory is gone, its buffer was transferred or shrunk. Data must stay until the call that reads them ends.`,
    );
  }
}

/** Whether a value is a `Dataset` rather than plain examples. */
export function isDataset(value: unknown): value is Dataset {
  return typeof (value as Dataset | undefined)?.read === 'function';
}

/** A dataset whose examples come one after another; how many there are is known when all were read. */
export type ExampleStream = StreamedDataset<Example | Batch>;

/** Whether a value is a `StreamedDataset`. By a method, since the class is only loaded where one is made. */
export function isStream(value: unknown): value is ExampleStream {
  return typeof (value as ExampleStream | undefined)?.readBatches === 'function';
}

/** Why a shape does not fit its data; undefined if it fits. */
export function misfit(data: NumberArray, shape: Shape): string | undefined {
  if (shape.length === 0 || !shape.every((size: number) => Number.isInteger(size) && size >= 0)) {
    return `${formatShape(shape)} is no shape.`;
  }
  if (hasElements(data, elements(shape))) return undefined;
  return `shape ${formatShape(shape)} has ${elements(shape)} elements, data has ${data.length}${gone(data) || '.'}`;
}

/**
 * @param indices for a batch: the indices of its examples in their dataset
 * @throws DataError that names the first value that is NaN or infinite
 */
export function checkFinite(what: string, data: Float32Array, exampleShape: Shape, indices?: Uint32Array): void {
  for (let i = 0; i < data.length; i++) {
    if (!Number.isFinite(data[i]!)) {
      const at = Math.floor(i / elements(exampleShape));
      const example = indices?.[at] ?? at;
      throw new DataError(`${what} has the value ${data[i]} in example ${example}; all values must be finite numbers.`);
    }
  }
}

/** @throws DataError that names the first target that is not finite, or not in the range */
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

/** The targets that a loss takes. */
export interface TargetRule {
  /** Number of classes. Class indices must be below it. */
  readonly classes: number;
  /** Range of other targets. Absent: any finite number. */
  readonly targetRange?: readonly [number, number] | undefined;
}

/** @param indices as for `checkFinite` @throws DataError for targets that the loss does not take */
export function checkLabels(y: TargetArray, exampleShape: Shape, rule: TargetRule, indices?: Uint32Array): void {
  if (y instanceof Int32Array) checkClasses(y, rule.classes, indices);
  else checkTargets(y, exampleShape, rule.targetRange, indices);
}

/**
 * @param indices as for `checkFinite`
 * @throws DataError for a class index that is not an integer from 0 to below `classes`
 */
export function checkClasses(labels: ArrayLike<number>, classes: number, indices?: Uint32Array): void {
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!;
    if (!Number.isInteger(label) || label < 0 || label >= classes) {
      const from1 = label === classes && !Array.prototype.includes.call(labels, 0);
      const hint = from1 ? ' No label is 0: if yours begin at 1, subtract 1.' : '';
      throw new DataError(
        `y: label ${label} of example ${indices?.[i] ?? i} is not one of the ${classes} classes 0 to ${classes - 1}.${hint}`,
      );
    }
  }
}
