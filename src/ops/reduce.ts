/**
 * Sums, means and maxima over axes, and broadcasting. They are in one file, because the gradient of a sum is a
 * broadcast, and that of a broadcast is a sum.
 */
import source from '../../shaders/reduce.wgsl?raw';
import { ShapeError } from '../errors.ts';
import { apply1, type Dispatch, expectDType, expectTensors, flatGrid, type Op, type OutputSpec } from '../graph.ts';
import { check, checkOptions, type Kind, type Passed } from '../options.ts';
import {
  broadcastShapes,
  checkShape,
  elements,
  formatShape,
  normalizeAxes,
  type Shape,
  sameShape,
  strides,
  type Tensor,
} from '../tensor.ts';
import { broadcastAxes, inVec4s, mergeAxes } from './broadcast.ts';
import { broadcastDispatch } from './broadcastTo.ts';
import { WORKGROUP } from './elementwise.ts';
import { reshape } from './reshape.ts';

const shader = { name: 'reduce', source };

/** With fewer invocations than this, a reduction is divided into chunks, to keep a device busy. */
const ENOUGH_INVOCATIONS = 16384;
/** Least length of a chunk. Shorter chunks would cost more in the second pass than they gain. */
const SHORTEST_CHUNK = 32;

export interface ReduceAttributes {
  readonly axes: readonly number[];
  readonly scale: number;
  readonly keepDims: boolean;
}

/**
 * Divides a reduction into `chunks` ranges of `length` reduced positions. There are never more chunks than the square
 * root of the count: with that number, a range has as many steps as the second pass over all chunks.
 */
function chunking(x: Shape, axes: readonly number[]): { chunks: number; length: number } {
  const count = elements(axes.map((axis) => x[axis]!));
  const out = elements(x) / count;
  const enough = Math.ceil(ENOUGH_INVOCATIONS / out);
  const wanted = Math.min(Math.ceil(count / SHORTEST_CHUNK), Math.ceil(Math.sqrt(count)), enough);
  const length = Math.ceil(count / wanted);
  return { chunks: Math.ceil(count / length), length };
}

/** Sizes and strides of some axes of x, as overrides `{size}1..5` and `{stride}0..5`. */
function walk(size: string, stride: string, x: Shape, axes: readonly number[]): Record<string, number> {
  const all = strides(x);
  const merged = mergeAxes(
    'reduce',
    axes.map((axis) => x[axis]!),
    [axes.map((axis) => all[axis]!)],
  );
  return Object.fromEntries(
    merged.sizes.flatMap((n, i) => [
      ...(i > 0 ? [[`${size}${i}`, n] as const] : []),
      [`${stride}${i}`, merged.strides[0]![i]!] as const,
    ]),
  );
}

type EntryPoint = 'sum' | 'maximum' | 'ties' | 'share';

/** A dispatch that reduces some axes of x, in chunks. */
function launch(
  entryPoint: EntryPoint,
  axes: readonly number[],
  { chunks, length }: { chunks: number; length: number },
  scale: number,
  reads: { readonly x: Tensor } & Readonly<Record<string, Tensor>>,
  writes: Readonly<Record<string, Tensor>>,
): Dispatch {
  const { x } = reads;
  const last = x.shape.length - 1;
  const whole = entryPoint === 'sum' && !axes.includes(last) ? inVec4s(x.shape) : undefined;
  const shape = whole ? whole[0]! : x.shape;
  const kept = shape.map((_, axis) => axis).filter((axis) => !axes.includes(axis));
  const out = elements(kept.map((axis) => shape[axis]!));
  return {
    shader,
    entryPoint: whole ? 'sum4' : entryPoint,
    constants: {
      OUT: out,
      COUNT: elements(shape) / out,
      CHUNKS: chunks,
      LENGTH: length,
      SCALE: scale,
      ...walk('K', 'P', shape, kept),
      ...walk('R', 'Q', shape, axes),
    },
    reads: whole ? { x4: x } : reads,
    writes: whole ? { y4: writes.y! } : writes,
    workgroups: flatGrid(out * chunks, WORKGROUP),
  };
}

/** The second pass: sums the partial results `[chunks, out]`, or takes their maximum. */
function combine(entryPoint: EntryPoint, partial: Tensor, y: Tensor, scale: number): Dispatch {
  const chunks = partial.shape[0]!;
  return launch(entryPoint, [0], { chunks: 1, length: chunks }, scale, { x: partial }, { y });
}

/** The temporary for partial results, if there are several chunks. */
function partials(x: Tensor, axes: readonly number[]): OutputSpec[] {
  const { chunks } = chunking(x.shape, axes);
  const out = x.shape.filter((_, axis) => !axes.includes(axis));
  return chunks > 1 ? [{ shape: [chunks, elements(out)], name: 'partial' }] : [];
}

function reduceOp(
  name: string,
  entryPoint: 'sum' | 'maximum',
  backward: Required<Op<ReduceAttributes>>['backward'],
): Op<ReduceAttributes> {
  return {
    name,
    outputs: ([x], { axes, keepDims }) => {
      expectDType(name, x!, 'f32');
      const shape = x!.shape.flatMap((size, axis) => (axes.includes(axis) ? (keepDims ? [1] : []) : [size]));
      return [{ shape: shape.length > 0 ? shape : [1] }];
    },
    scratch: ([x], { axes }) => partials(x!, axes),
    dispatches: ({ inputs: [x], outputs: [y], scratch: [partial], attributes: { axes, scale } }) => {
      const cut = chunking(x!.shape, axes);
      if (!partial) return [launch(entryPoint, axes, cut, scale, { x: x! }, { y: y! })];
      return [launch(entryPoint, axes, cut, 1, { x: x! }, { y: partial }), combine(entryPoint, partial, y!, scale)];
    },
    backward,
  };
}

/** The shape of a reduction's result if the reduced axes are kept with size 1. */
function keptShape(x: Shape, axes: readonly number[]): Shape {
  return x.map((size, axis) => (axes.includes(axis) ? 1 : size));
}

export const sumOp = reduceOp('sum', 'sum', ({ inputs: [x], attributes: { axes, scale } }, [dy]) => [
  broadcastTo(reshape(dy!, keptShape(x!.shape, axes)), x!.shape, scale),
]);

/** dx = dy / ties where x is the maximum, otherwise 0. As in TensorFlow, equal maxima share the gradient evenly. */
const maxGradient: Op<ReduceAttributes> = {
  name: 'maxGrad',
  outputs: ([x]) => [{ shape: x!.shape }],
  scratch: ([x, m], { axes }) => [{ shape: m!.shape, name: 'ties' }, ...partials(x!, axes)],
  dispatches: ({ inputs: [x, m, dy], outputs: [dx], scratch: [ties, partial], attributes: { axes } }) => {
    const cut = chunking(x!.shape, axes);
    const count = (y: Tensor) => launch('ties', axes, cut, 1, { x: x!, m: m! }, { y });
    return [
      ...(partial ? [count(partial), combine('sum', partial, ties!, 1)] : [count(ties!)]),
      launch('share', axes, cut, 1, { x: x!, m: m!, count: ties!, dy: dy! }, { dx: dx! }),
    ];
  },
};

const maxOp = reduceOp('max', 'maximum', ({ inputs: [x], outputs: [y], attributes }, [dy]) => [
  apply1(maxGradient, [x!, y!, dy!], attributes),
]);

export interface ReduceOptions {
  /** Axes to reduce; negative ones count from the end. Absent: all. */
  readonly axes?: number | readonly number[];
  /** Keep reduced axes at size 1. Default false; a reduction over all axes then has shape `[1]`. */
  readonly keepDims?: boolean;
}

const OPTIONS = { axes: 'any', keepDims: 'boolean' } as const satisfies Record<keyof ReduceOptions, Kind>;

/** Sum over axes. @throws ArgumentError, ShapeError for options that do not exist, and axes that x does not have */
export function sum(x: Tensor, options: ReduceOptions = {}): Tensor {
  expectTensors('sum', [x]);
  const { axes, keepDims = false } = checkOptions('sum', options, OPTIONS);
  return apply1(sumOp, [x], { axes: normalizeAxes('sum', x.shape, axes), scale: 1, keepDims });
}

/** Arithmetic mean over axes. @throws the errors of `sum` */
export function mean(x: Tensor, options: ReduceOptions = {}): Tensor {
  expectTensors('mean', [x]);
  const { axes, keepDims = false } = checkOptions('mean', options, OPTIONS);
  const normalized = normalizeAxes('mean', x.shape, axes);
  const count = elements(normalized.map((axis) => x.shape[axis]!));
  return apply1(sumOp, [x], { axes: normalized, scale: 1 / count, keepDims });
}

/**
 * Largest value over axes. Elements that share the maximum share its gradient evenly, as in TensorFlow.
 * @throws the errors of `sum`
 */
export function max(x: Tensor, options: ReduceOptions = {}): Tensor {
  expectTensors('max', [x]);
  const { axes, keepDims = false } = checkOptions('max', options, OPTIONS);
  return apply1(maxOp, [x], { axes: normalizeAxes('max', x.shape, axes), scale: 1, keepDims });
}

/** The gradient of broadcasting: x summed over the axes along which `shape` was broadcast to x's shape. */
export function sumTo(x: Tensor, shape: Shape, ...more: Passed): Tensor {
  expectTensors('sumTo', [x], more);
  checkShape('sumTo', shape);
  if (sameShape(x.shape, shape)) return x;
  return reshape(sum(x, { axes: broadcastAxes(shape, x.shape) }), shape);
}

const broadcastOp: Op<{ readonly shape: Shape; readonly scale: number }> = {
  name: 'broadcastTo',
  outputs: ([x], { shape }) => {
    expectDType('broadcastTo', x!, 'f32');
    if (!sameShape(broadcastShapes('broadcastTo', x!.shape, shape), shape)) {
      throw new ShapeError(`broadcastTo: ${formatShape(x!.shape)} does not broadcast to ${formatShape(shape)}.`);
    }
    return [{ shape }];
  },
  dispatches: ({ inputs: [x], outputs: [y], attributes: { scale } }) => [broadcastDispatch(x!, y!, scale)],
  // The gradient of scale * broadcast(x) is the sum of scale * dy. A broadcast to the same shape multiplies by the scale.
  backward: ({ inputs: [x], attributes: { scale } }, [dy]) => {
    const dx = sumTo(dy!, x!.shape);
    return [scale === 1 ? dx : broadcastTo(dx, x!.shape, scale)];
  },
};

/** scale * x, repeated to `shape` as in NumPy broadcasting. */
export function broadcastTo(x: Tensor, shape: Shape, scale = 1, ...more: Passed): Tensor {
  checkShape('broadcastTo', shape);
  check('broadcastTo', 'scale', scale, 'number');
  return apply1(broadcastOp, [x], { shape, scale }, more);
}
