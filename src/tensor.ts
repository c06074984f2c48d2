import { ShapeError, shown } from './errors.ts';

/** Sizes of the axes, outermost first. Images are `[n, h, w, c]`. A scalar is `[1]`. */
export type Shape = readonly number[];

/** Element types. All are four bytes wide. */
export type DType = 'f32' | 'i32' | 'u32';

/** The host array that belongs to a dtype. */
export type HostArray = Float32Array | Int32Array | Uint32Array;

/**
 * What a tensor is to the plan: `input`s are written by the host before a step, a `variable` keeps its value from one
 * step to the next, a `value` is computed within a step and its memory may be reused.
 */
export type Role = 'input' | 'variable' | 'value';

/** A symbolic tensor: it has a shape and a name, never data. Made by a graph, see `graph()`. */
export interface Tensor {
  /** Unique within its graph, ascending in creation order. */
  readonly id: number;
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: DType;
  readonly role: Role;
  /** For the role `variable`: the storage behind it, which several graphs may share. */
  readonly variable?: Variable;
  /** For temporaries of a kernel: what it copies there for itself. Absent: neither. */
  readonly holds?: Holds | undefined;
}

/** Activations, which includes their gradients, or weights. */
export type Holds = 'activations' | 'weights';

/**
 * Data that outlives a step: weights, optimizer state, running statistics, accumulators. A variable is a description;
 * its buffer is created by the runtime at first use, with the values of `initial()`.
 */
export interface Variable {
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: DType;
  /** The first value, of exactly as many elements as `shape` has. Absent: zeros. */
  readonly initial?: () => HostArray;
  /** Set for what is never below 0, such as a variance: values from outside are held against it. */
  readonly notNegative?: boolean | undefined;
  /** Where it lies in a buffer that it shares with others; see `packVariables`. Absent: it has its own. */
  readonly part?: { readonly of: Variable; readonly offset: number };
  /** The packed variables that this one stands for, one after another. */
  readonly spans?: readonly Variable[];
}

/** Number of elements of a shape. */
export function elements(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}

/**
 * Bytes of the buffer that a tensor or variable is given: its elements, rounded up to whole `vec4`s, so that element-wise
 * shaders may always load and store four at a time. What lies in the padding is undefined and never read for a result.
 * @param half whether elements are stored as f16
 */
export function byteLength(tensor: { readonly shape: Shape }, half = false): number {
  return Math.ceil(elements(tensor.shape) / 4) * (half ? 8 : 16);
}

/** `[2, 3]`, for messages. */
export function formatShape(shape: Shape): string {
  return `[${shape.slice(0, 16).map(shown).join(', ')}${shape.length > 16 ? ', …' : ''}]`;
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((size, axis) => size === b[axis]);
}

/** @throws ShapeError unless every size is a positive integer. */
export function checkShape(what: string, shape: Shape): void {
  if (!Array.isArray(shape))
    throw new ShapeError(`${what}: a shape is a list of positive integers, got ${shown(shape)}.`);
  if (shape.length === 0 || !shape.every((size) => Number.isInteger(size) && size > 0)) {
    throw new ShapeError(`${what}: a shape needs one or more positive integers, got ${formatShape(shape)}.`);
  }
}

/** The shape that two operands broadcast to, as in NumPy: align at the last axis; sizes are equal or one of them is 1. */
export function broadcastShapes(what: string, a: Shape, b: Shape): Shape {
  const rank = Math.max(a.length, b.length);
  return Array.from({ length: rank }, (_, axis) => {
    const sizeA = a[axis - rank + a.length] ?? 1;
    const sizeB = b[axis - rank + b.length] ?? 1;
    if (sizeA !== sizeB && sizeA !== 1 && sizeB !== 1) {
      throw new ShapeError(
        `${what}: ${formatShape(a)} and ${formatShape(b)} do not broadcast; ` +
          'aligned at the last axis, sizes must be equal or 1.',
      );
    }
    return Math.max(sizeA, sizeB);
  });
}

/** Row-major strides in elements. */
export function strides(shape: Shape): number[] {
  const result = new Array<number>(shape.length);
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    result[axis] = step;
    step *= shape[axis]!;
  }
  return result;
}

/** Axes as non-negative, ascending, unique numbers; negative ones count from the end. Absent: all axes. */
export function normalizeAxes(what: string, shape: Shape, axes?: number | readonly number[]): number[] {
  const given = axes === undefined ? shape.map((_, axis) => axis) : [axes].flat();
  const normalized = given.map((axis) => (axis < 0 ? axis + shape.length : axis));
  for (const axis of normalized) {
    if (!Number.isInteger(axis) || axis < 0 || axis >= shape.length) {
      throw new ShapeError(`${what}: axes ${formatShape(given)} do not exist in shape ${formatShape(shape)}.`);
    }
  }
  return [...new Set(normalized)].sort((p, q) => p - q);
}

/**
 * Whether an array has so many elements, and they are there: its memory may have been transferred away, or have shrunk. Where code was
 * compiled for growable arrays as well, the V8 of Node 20 still gives a detached one the length that it had.
 */
export function holds({ buffer, byteOffset, byteLength, length }: HostArray, wanted: number): boolean {
  return length === wanted && buffer.byteLength >= byteOffset + byteLength;
}

/**
 * The same numbers in memory that every web API takes, and that nobody writes to meanwhile: a copy of what is shared or
 * resizable.
 */
export function ordinary<T extends HostArray>(data: T): T {
  const { buffer } = data;
  const plain = buffer instanceof ArrayBuffer && !(buffer as { resizable?: boolean }).resizable;
  return plain ? data : (data.slice() as T);
}

/** A fresh host array of zeros for a dtype. */
export function hostArray(dtype: DType, length: number): HostArray {
  if (dtype === 'f32') return new Float32Array(length);
  return dtype === 'i32' ? new Int32Array(length) : new Uint32Array(length);
}
