/** Tensors and variables as descriptions (name, shape, type), without data, and the arithmetic of shapes. */
import { ShapeError } from './errors.ts';
import { shown } from './shown.ts';

/** The sizes of the axes, outermost first. Images are `[n, h, w, c]`. A scalar is `[1]`. */
export type Shape = readonly number[];

/** Element types. All are four bytes wide. */
export type DType = 'f32' | 'i32' | 'u32';

/** Integers narrower than an element, by numpy's names: several of them share a `u32`. */
export const NARROW_INTEGERS = ['uint8', 'int8', 'uint16', 'int16'] as const;
export type NarrowInteger = (typeof NARROW_INTEGERS)[number];

/** The host arrays of the three dtypes. */
export type HostArray = Float32Array | Int32Array | Uint32Array;

/**
 * The role of a tensor in a step. An `input` is written by the host before the step. A `variable` keeps its value from
 * step to step. A `value` is computed in the step, and its memory may be reused.
 */
export type Role = 'input' | 'variable' | 'value';

/** A symbolic tensor: it has a shape and a name, but no data. A graph creates it; see `graph()`. */
export interface Tensor {
  /** Unique in its graph; ascending in the order of creation. */
  readonly id: number;
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: DType;
  readonly role: Role;
  /** For the role `variable`: the variable that it stands for. Several graphs may use the same one. */
  readonly variable?: Variable;
  /** For temporaries of a kernel: whether it copies activations or weights there. Absent: neither. */
  readonly holds?: Holds | undefined;
}

/** Activations (or their gradients), or weights. */
export type Holds = 'activations' | 'weights';

/**
 * Data that is kept from step to step: weights, optimizer state, running statistics, accumulators. A variable is only a
 * description; the runtime creates its buffer at first use, with the values of `initial()`.
 */
export interface Variable {
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: DType;
  /** The initial values, as many as `shape` has elements. Absent: zeros. */
  readonly initial?: () => HostArray;
  /**
   * Whether its values are never below 0, such as those of a variance. Values from a file or a caller are checked for
   * this.
   */
  readonly notNegative?: boolean | undefined;
  /** Its place in a buffer that it shares with others; see `packVariables`. Absent: it has a buffer of its own. */
  readonly part?: { readonly of: Variable; readonly offset: number };
  /** The packed variables that this one stands for, in memory order. */
  readonly spans?: readonly Variable[];
}

/** Number of elements of a shape. */
export function elements(shape: Shape): number {
  return shape.reduce((product, size) => product * size, 1);
}

/**
 * Size in bytes of the buffer of a tensor or variable: its elements, rounded up to whole `vec4`s, so that element-wise
 * shaders can always load and store four at a time. The content of the padding is undefined, and no result depends on
 * it.
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
    throw new ShapeError(
      `${what}: a shape is a list of positive integers, got ${shown(shape)}.${typeof shape === 'number' ? ` Write [${shape}].` : ''}`,
    );
  if (shape.length === 0 || !shape.every((size) => Number.isInteger(size) && size > 0)) {
    throw new ShapeError(`${what}: a shape needs one or more positive integers, got ${formatShape(shape)}.`);
  }
}

/** The shape that two operands broadcast to, as in NumPy: aligned at the last axis, sizes must be equal or one of them 1. */
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
 * Whether an array has `wanted` elements and its memory is still there: the buffer may have been transferred or have
 * shrunk. The length alone does not show this: in code that was compiled for growable arrays as well, the V8 of Node 20
 * still returns the old length of a detached array.
 */
export function hasElements(
  { buffer, byteOffset, byteLength, length }: ArrayBufferView & { readonly length: number },
  wanted: number,
): boolean {
  return length === wanted && buffer.byteLength >= byteOffset + byteLength;
}

/**
 * The array itself, or a copy if its memory is shared or resizable: many web APIs reject such memory, and another
 * thread could write to it meanwhile.
 */
export function ordinary<T extends HostArray>(data: T): T {
  const { buffer } = data;
  const plain = buffer instanceof ArrayBuffer && !(buffer as { resizable?: boolean }).resizable;
  return plain ? data : (data.slice() as T);
}

/** A new host array of zeros for a dtype. */
export function hostArray(dtype: DType, length: number): HostArray {
  if (dtype === 'f32') return new Float32Array(length);
  return dtype === 'i32' ? new Int32Array(length) : new Uint32Array(length);
}
