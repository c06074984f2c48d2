/** Shared by the pooling ops: options, checks, and the dispatches of their shaders. */
import { ShapeError } from '../errors.ts';
import { type Dispatch, expectDType, expectTensors, flatGrid } from '../graph.ts';
import { checkOptions, type Kind } from '../options.ts';
import type { Shader } from '../shader/shader.ts';
import { shown } from '../shown.ts';
import { elements, formatShape, type Shape, type Tensor } from '../tensor.ts';
import { WORKGROUP } from './elementwise.ts';
import { type Padding, type Pair, pair, type WindowGeometry, windowGeometry } from './window.ts';

export interface PoolOptions {
  /** Height and width of the window. */
  readonly poolSize: Pair;
  /** Default: the window's size, so that windows do not overlap. */
  readonly strides?: Pair;
  /** Default `valid`. Padding pixels do not count in a maximum or an average. */
  readonly padding?: Padding;
}

const OPTIONS = { poolSize: 'any', strides: 'any', padding: 'any' } as const satisfies Record<keyof PoolOptions, Kind>;

/** The checked shapes and window of a pool: the attributes of its op and of its gradient. */
export interface Pool {
  readonly x: Shape;
  readonly y: Shape;
  readonly window: WindowGeometry;
}

/**
 * Shapes and window of a pool over x.
 * @throws ShapeError if x is not `[n, h, w, c]` of f32, or a window would cover no pixel
 * @throws ArgumentError for options with values that make no sense
 */
export function poolOf(what: string, x: Tensor, options: PoolOptions): Pool {
  expectTensors(what, [x]);
  expectDType(what, x, 'f32');
  return poolOfShape(what, x.shape, options);
}

/** As `poolOf`, for a shape instead of a tensor. */
export function poolOfShape(what: string, x: Shape, options: PoolOptions): Pool {
  const { poolSize, strides = poolSize, padding = 'valid' } = checkOptions(what, options, OPTIONS);
  if (x.length !== 4) throw new ShapeError(`${what}: images must be [n, h, w, c], got ${formatShape(x)}.`);
  const [n, height, width, channels] = x as [number, number, number, number];
  const size = pair(`${what}: poolSize`, poolSize);
  const window = windowGeometry(what, [height, width], size, { strides, padding });
  const { padTop, padLeft, strideY, strideX, outHeight, outWidth } = window;
  const covers = (pad: number, kernel: number, stride: number, outputs: number, pixels: number) =>
    pad < kernel && (outputs - 1) * stride < pixels + pad;
  if (!covers(padTop, size[0], strideY, outHeight, height) || !covers(padLeft, size[1], strideX, outWidth, width)) {
    throw new ShapeError(
      `${what}: with padding ${shown(padding)}, some windows of ${size.join(' x ')} would lie outside of the ` +
        `image of ${height} x ${width}; each must cover at least one pixel.`,
    );
  }
  return { x, y: [n, outHeight, outWidth, channels], window };
}

interface PoolLaunch {
  readonly shader: Shader;
  readonly reads: Readonly<Record<string, Tensor>>;
  readonly writes: Readonly<Record<string, Tensor>>;
  /** Values of the shader's overrides besides those of all pools. */
  readonly constants?: Readonly<Record<string, number>>;
}

/** The dispatch of a pool's entry point `forward`. */
export function poolForward(pool: Pool, launch: PoolLaunch): Dispatch {
  return dispatch(pool, 'forward', elements(pool.y), launch);
}

/**
 * The dispatch that writes dx. If windows lie edge to edge, it is the entry point `tiles`, which reads each window once
 * and is six times as fast on SwiftShader; otherwise `backward`.
 */
export function poolBackward(pool: Pool, launch: PoolLaunch): Dispatch {
  const { kernelHeight, kernelWidth, strideY, strideX } = pool.window;
  if (kernelHeight !== strideY || kernelWidth !== strideX) {
    return dispatch(pool, 'backward', elements(pool.x), launch);
  }
  const [rows, columns] = blocks(pool);
  return dispatch(pool, 'tiles', pool.x[0]! * rows * columns * pool.x[3]!, launch);
}

/** Numbers of blocks of stride x stride pixels, down and across, that cover an image with its padding at the top and left. */
function blocks({ x, window: { padTop, padLeft, strideY, strideX } }: Pool): [number, number] {
  return [Math.ceil((x[1]! + padTop) / strideY), Math.ceil((x[2]! + padLeft) / strideX)];
}

function dispatch(
  pool: Pool,
  entryPoint: string,
  count: number,
  { shader, reads, writes, constants }: PoolLaunch,
): Dispatch {
  const { x, window } = pool;
  const channels = x[3]!;
  const lanes = channels % 4 === 0 ? 4 : 1;
  const suffix = lanes === 4 ? '4' : '';
  const named = (tensors: Readonly<Record<string, Tensor>>) =>
    Object.fromEntries(Object.entries(tensors).map(([name, tensor]) => [name + suffix, tensor]));
  const [blockRows, blockColumns] = blocks(pool);
  return {
    shader,
    entryPoint: entryPoint + suffix,
    constants: {
      COUNT: count / lanes,
      H: x[1]!,
      W: x[2]!,
      C: channels / lanes,
      OH: window.outHeight,
      OW: window.outWidth,
      KH: window.kernelHeight,
      KW: window.kernelWidth,
      SY: window.strideY,
      SX: window.strideX,
      PT: window.padTop,
      PL: window.padLeft,
      BH: blockRows,
      BW: blockColumns,
      ...constants,
    },
    reads: named(reads),
    writes: named(writes),
    workgroups: flatGrid(count / lanes, WORKGROUP),
  };
}
