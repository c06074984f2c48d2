import source from '../../shaders/reduce.wgsl?raw';
import { apply1, type Dispatch, expectDType, flatGrid, type Op, type OpNode } from '../graph.ts';
import { elements, normalizeAxes, type Shape, sameShape, strides, type Tensor } from '../tensor.ts';
import { broadcastAxes, mergeAxes } from './broadcast.ts';
import { broadcastTo } from './broadcastTo.ts';
import { WORKGROUP } from './elementwise.ts';
import { reshape } from './reshape.ts';

const shader = { name: 'reduce', source };

/** Below this many invocations a reduction is cut into chunks, so that a device has enough to do at once. */
const ENOUGH_INVOCATIONS = 8192;
/** A chunk shorter than this is not worth a second pass. */
const SHORTEST_CHUNK = 32;

interface ReduceAttributes {
  readonly axes: readonly number[];
  readonly scale: number;
  readonly keepDims: boolean;
}

/** How a reduction is cut: `chunks` ranges of `length` reduced positions. */
function chunking(x: Shape, axes: readonly number[]): { out: number; count: number; chunks: number; length: number } {
  const count = elements(axes.map((axis) => x[axis]!));
  const out = elements(x) / count;
  const wanted = Math.min(Math.ceil(count / SHORTEST_CHUNK), Math.ceil(ENOUGH_INVOCATIONS / out));
  const length = Math.ceil(count / wanted);
  return { out, count, chunks: Math.ceil(count / length), length };
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

function dispatches(entryPoint: 'sum' | 'maximum') {
  return (node: OpNode<ReduceAttributes>): Dispatch[] => {
    const x = node.inputs[0]!;
    const y = node.outputs[0]!;
    const { axes, scale } = node.attributes;
    const { out, count, chunks, length } = chunking(x.shape, axes);
    const launch = (
      from: Tensor,
      to: Tensor,
      reduced: readonly number[],
      cut: { chunks: number; length: number },
      factor: number,
    ): Dispatch => {
      const kept = from.shape.map((_, axis) => axis).filter((axis) => !reduced.includes(axis));
      return {
        shader,
        entryPoint,
        constants: {
          OUT: out,
          COUNT: elements(reduced.map((axis) => from.shape[axis]!)),
          CHUNKS: cut.chunks,
          LENGTH: cut.length,
          SCALE: factor,
          ...walk('K', 'P', from.shape, kept),
          ...walk('R', 'Q', from.shape, reduced),
        },
        reads: { x: from },
        writes: { y: to },
        workgroups: flatGrid(out * cut.chunks, WORKGROUP),
      };
    };
    if (chunks === 1) return [launch(x, y, axes, { chunks: 1, length: count }, scale)];
    const partial = node.scratch[0]!;
    return [
      launch(x, partial, axes, { chunks, length }, 1),
      launch(partial, y, [0], { chunks: 1, length: chunks }, scale),
    ];
  };
}

function reduceOp(
  name: string,
  entryPoint: 'sum' | 'maximum',
  backward: Op<ReduceAttributes>['backward'],
): Op<ReduceAttributes> {
  return {
    name,
    outputs: ([x], { axes, keepDims }) => {
      expectDType(name, x!, 'f32');
      const shape = x!.shape.flatMap((size, axis) => (axes.includes(axis) ? (keepDims ? [1] : []) : [size]));
      return [{ shape: shape.length > 0 ? shape : [1] }];
    },
    scratch: ([x], { axes }) => {
      const { out, chunks } = chunking(x!.shape, axes);
      return chunks > 1 ? [{ shape: [chunks, out], name: 'partial' }] : [];
    },
    dispatches: dispatches(entryPoint),
    ...(backward ? { backward } : {}),
  };
}

/** The shape of a reduction's result with the reduced axes kept at size 1. */
function keptShape(x: Shape, axes: readonly number[]): Shape {
  return x.map((size, axis) => (axes.includes(axis) ? 1 : size));
}

const sumOp = reduceOp('sum', 'sum', ({ inputs: [x], attributes: { axes, scale } }, [dy]) => [
  broadcastTo(reshape(dy!, keptShape(x!.shape, axes)), x!.shape, scale),
]);

export interface ReduceOptions {
  /** Axes to reduce; negative ones count from the end. Absent: all. */
  readonly axes?: number | readonly number[];
  /** Keep reduced axes at size 1. Default false; a reduction over all axes then has shape `[1]`. */
  readonly keepDims?: boolean;
}

/** Sum over axes. */
export function sum(x: Tensor, { axes, keepDims = false }: ReduceOptions = {}): Tensor {
  return apply1(sumOp, [x], { axes: normalizeAxes('sum', x.shape, axes), scale: 1, keepDims });
}

/** Arithmetic mean over axes. */
export function mean(x: Tensor, { axes, keepDims = false }: ReduceOptions = {}): Tensor {
  const normalized = normalizeAxes('mean', x.shape, axes);
  const count = elements(normalized.map((axis) => x.shape[axis]!));
  return apply1(sumOp, [x], { axes: normalized, scale: 1 / count, keepDims });
}

/** The gradient of broadcasting: x summed over the axes along which `shape` was broadcast to x's shape. */
export function sumTo(x: Tensor, shape: Shape): Tensor {
  if (sameShape(x.shape, shape)) return x;
  return reshape(sum(x, { axes: broadcastAxes(shape, x.shape) }), shape);
}
