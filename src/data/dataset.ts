import { DataError, ShapeError } from '../errors.ts';
import { kindOf } from '../shown.ts';
import { elements, formatShape, type HostArray, holds, type Shape } from '../tensor.ts';
import { gone, wrongData } from './wanted.ts';

/** Numbers with a shape; the first axis counts the examples. Images are `[n, height, width, channels]`. */
export interface TensorData {
  readonly data: Float32Array;
  readonly shape: Shape;
}

/** Class indices, one an example; or numbers, one an example; or one-hot rows or other targets with a shape. */
export type Labels = Int32Array | Uint32Array | Uint8Array | Float32Array | readonly number[] | TensorData;

/** What a model trains on when the examples lie in memory, of whatever kind: shared and resizable buffers too. */
export interface Examples {
  readonly x: TensorData;
  readonly y: Labels;
}

/** Host memory for targets: class indices are integers, everything else is floating. */
export type TargetArray = Float32Array | Int32Array;

/**
 * A source of examples that need not fit into memory: batches are read from it by index. Reading may be asynchronous;
 * one batch is read at a time, while the GPU computes on the batches before. It stays the caller's own: nothing of it is
 * copied, so what it gives must not depend on what the caller does until the call that it was given to has ended.
 */
export interface Dataset {
  /** Number of examples. */
  readonly size: number;
  /** Shape of one example's input. */
  readonly xShape: Shape;
  /**
   * Copies the examples at `indices` into `x`, and their targets into `y` (class indices, one-hot rows, … as the loss
   * has them), each one after another from the start. `y` is absent when only predictions are wanted. The two are the
   * reader's until what it returns has resolved, to be filled and not to be transferred; `indices` are its own.
   */
  read(indices: Uint32Array, x: Float32Array, y?: TargetArray): void | Promise<void>;
}

/** Examples that lie in memory. */
export class ArrayDataset implements Dataset {
  readonly size: number;
  readonly xShape: Shape;
  /** Whether the memory is the engine's own, so that what was checked stays as it is. */
  readonly owned: boolean;
  readonly #x: CallerMemory<Float32Array>;
  readonly #y: CallerMemory<TargetArray> | undefined;

  /**
   * @param x as `examples` gives them
   * @param y targets, as many numbers an example as the loss wants
   */
  constructor({ data, shape }: TensorData, y?: TargetArray, owned = false) {
    this.size = shape[0]!;
    this.xShape = shape.slice(1);
    this.owned = owned;
    this.#x = new CallerMemory('x', data);
    this.#y = y && new CallerMemory('y', y);
  }

  /** @throws DataError where the memory was taken away */
  get x(): Float32Array {
    return this.#x.data;
  }

  /** @throws DataError where the memory was taken away */
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

/** Memory that may be the caller's, who can transfer or shrink its buffer. */
class CallerMemory<T extends TargetArray> {
  readonly #what: string;
  readonly #data: T;
  readonly #length: number;

  constructor(what: string, data: T) {
    this.#what = what;
    this.#data = data.subarray(0, data.length) as T; // does not grow with its buffer
    this.#length = data.length;
  }

  /** @throws DataError where it is gone */
  get data(): T {
    if (holds(this.#data, this.#length)) return this.#data;
    throw new DataError(
      `${this.#what}: its memory is gone, its buffer was transferred or shrunk. Data must stay until the call that reads them ends.`,
    );
  }
}

/**
 * Examples, checked.
 * @param own whether to copy them, before their values are looked at: another thread may write to what is shared
 * @throws ShapeError, DataError for data and a shape that do not fit together, are empty or not finite
 */
export function examples(what: string, value: TensorData, own = false): TensorData {
  checkTensorShape(what, value);
  const { data, shape } = value;
  const held = own ? copyOf(what, data) : data;
  const taken = new Float32Array(held.buffer, held.byteOffset, held.length); // of this realm
  checkFinite(what, taken, shape.slice(1));
  return { data: taken, shape: [...shape] };
}

/** @throws DataError where there is no memory for it */
function copyOf(what: string, data: Float32Array): Float32Array {
  try {
    return data.slice();
  } catch (cause) {
    const why = `there is no memory for a copy of its ${data.byteLength} bytes; a Dataset that reads them needs none`;
    throw new DataError(`${what}: ${why}.`, { cause });
  }
}

/** Whether a value is a `Dataset` rather than plain examples. */
export function isDataset(value: unknown): value is Dataset {
  return typeof (value as Dataset | undefined)?.read === 'function';
}

/** @throws DataError, ShapeError unless it has a shape that its data fill */
function checkTensorShape(what: string, value: TensorData): void {
  if (kindOf(value?.data) !== 'Float32Array' || !Array.isArray(value.shape)) {
    throw wrongData(what, '{ data: Float32Array, shape: [n, …] }', value);
  }
  const { data, shape } = value;
  const wrong = misfit(data, shape);
  if (wrong) throw new ShapeError(`${what}: ${wrong}`);
  if (shape[0] === 0 || data.length === 0) throw new DataError(`${what} is empty: there are no examples.`);
}

/** What is wrong with a shape for data; undefined: nothing. */
export function misfit(data: HostArray, shape: Shape): string | undefined {
  if (shape.length === 0 || !shape.every((size: number) => Number.isInteger(size) && size >= 0)) {
    return `${formatShape(shape)} is no shape.`;
  }
  if (holds(data, elements(shape))) return undefined;
  return `shape ${formatShape(shape)} has ${elements(shape)} elements, data has ${data.length}${gone(data) || '.'}`;
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

/** What a loss takes as targets. */
export interface TargetRule {
  /** Number of classes that class indices must be below. */
  readonly classes: number;
  /** What other targets must lie within, if in anything. */
  readonly targetRange?: readonly [number, number] | undefined;
}

/** @param indices as above @throws DataError for targets that the loss does not take */
export function checkLabels(y: TargetArray, exampleShape: Shape, rule: TargetRule, indices?: Uint32Array): void {
  if (y instanceof Int32Array) checkClasses(y, rule.classes, indices);
  else checkTargets(y, exampleShape, rule.targetRange, indices);
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
