/**
 * Shared by conv2d and its two gradients: checks of shapes, the choice of kernels, and the padded copies that fast
 * kernels need (with borders, and with whole vec4s of channels).
 */
import { ShapeError } from '../errors.ts';
import { type Dispatch, expectDType, flatGrid, type OpNode, type OutputSpec, type Target } from '../graph.ts';
import { checkOneOf, checkOptions, type Kind } from '../options.ts';
import type { Shader } from '../shader/shader.ts';
import { checkShape, formatShape, type Holds, type Shape, sameShape, type Tensor } from '../tensor.ts';
import { type Activation, activated, WORKGROUP } from './elementwise.ts';
import { padDispatch } from './pad2d.ts';
import { type WindowGeometry, type WindowOptions, windowGeometry } from './window.ts';

export type Shape4 = readonly [number, number, number, number];

/**
 * Kernels of a convolution and its gradients. `plain` can do every case, with one invocation for each element. The
 * others hold a tile of results in registers; the workgroups of `gemm` also share tiles. The filter gradient has no
 * `rows`.
 */
export const KERNELS = ['plain', 'tile', 'rows', 'depthwise', 'gemm'] as const;
export type ConvKernel = (typeof KERNELS)[number];

/** From this number of multiply-adds on, sharing tiles gains more than its barriers cost. */
const MANY_PRODUCTS = 2 ** 21;

export interface Conv2dOptions extends WindowOptions {
  /**
   * Number of groups of channels that are convolved separately. Default 1; the number of x's channels makes a depthwise
   * convolution.
   */
  readonly groups?: number;
  /** Asks for a kernel, for tests and benchmarks. It is ignored if it cannot do the case. Default: chosen by the shapes. */
  readonly kernel?: ConvKernel;
}

export const CONV2D_OPTIONS = {
  strides: 'any',
  padding: 'any',
  dilation: 'any',
  groups: 'count',
  kernel: 'any',
} as const satisfies Record<keyof Conv2dOptions, Kind>;

/** A convolution y = x * w with its shapes: the attributes of all three ops. */
export interface Convolution extends WindowGeometry {
  /** `[n, h, w, c]` */
  readonly x: Shape4;
  /** `[kh, kw, c / groups, k]` */
  readonly w: Shape4;
  /** `[n, oh, ow, k]` */
  readonly y: Shape4;
  readonly groups: number;
  readonly kernel: ConvKernel | undefined;
}

/**
 * Checks the shapes of a convolution.
 * @throws ShapeError if the filter does not fit the image, its channels or the groups
 * @throws ArgumentError for strides, padding, dilation or groups with values that make no sense
 */
export function convolution(what: string, x: Shape, w: Shape, options: Conv2dOptions): Convolution {
  const { groups = 1, kernel, ...window } = checkOptions(what, options, CONV2D_OPTIONS);
  if (kernel !== undefined) checkOneOf(what, 'kernel', kernel, KERNELS);
  checkShape(what, x);
  checkShape(what, w);
  const shapes = `x ${formatShape(x)}, w ${formatShape(w)}`;
  if (x.length !== 4 || w.length !== 4) {
    throw new ShapeError(`${what}: x must be [n, h, w, c] and w [kh, kw, c / groups, k], got ${shapes}.`);
  }
  const [n, height, width, c] = x as Shape4;
  const [kernelHeight, kernelWidth, perGroup, k] = w as Shape4;
  if (c % groups !== 0 || k % groups !== 0) {
    throw new ShapeError(`${what}: ${groups} groups do not divide ${c} channels of x and ${k} of w (${shapes}).`);
  }
  if (perGroup !== c / groups) {
    throw new ShapeError(
      `${what}: w must have x's channels / groups = ${c / groups} on its third axis, got ${perGroup} (${shapes}).`,
    );
  }
  const geometry = windowGeometry(what, [height, width], [kernelHeight, kernelWidth], window);
  const y: Shape4 = [n, geometry.outHeight, geometry.outWidth, k];
  return { ...geometry, x: x as Shape4, w: w as Shape4, y, groups, kernel };
}

/** @throws ShapeError unless the tensor is f32 and of this shape */
export function expectOperand(what: string, name: string, tensor: Tensor, shape: Shape): void {
  expectDType(what, tensor, 'f32');
  if (!sameShape(tensor.shape, shape)) {
    throw new ShapeError(`${what}: ${name} must be ${formatShape(shape)}, got ${formatShape(tensor.shape)}.`);
  }
}

/** Number of vec4s that hold `channels` channels. */
export function quads(channels: number): number {
  return Math.ceil(channels / 4);
}

/** Whether each group has one channel of x and one of y. */
export function isDepthwise({ x, y, groups }: Convolution): boolean {
  return groups > 1 && x[3] === groups && y[3] === groups;
}

/** Whether groups consist of whole vec4s, or there is one group, which can be padded to whole vec4s. */
export function hasWholeQuads({ x, y, groups }: Convolution): boolean {
  return groups === 1 || ((x[3] / groups) % 4 === 0 && (y[3] / groups) % 4 === 0);
}

/** The requested kernel if it is one of `able`, otherwise the first of them. */
export function chooseKernel(asked: ConvKernel | undefined, able: readonly ConvKernel[]): ConvKernel {
  return asked && able.includes(asked) ? asked : able[0]!;
}

/** Adds `gemm` to a list of kernels: first for a GPU and a convolution with enough work, otherwise last. */
export function withGemm(
  { w, y, groups }: Convolution,
  others: readonly ConvKernel[],
  { software }: Target,
): readonly ConvKernel[] {
  const steps = w[0] * w[1] * w[2];
  const filters = y[3] / groups;
  const large = w[2] >= 8 && steps >= 32 && filters >= 16 && y[0] * y[1] * y[2] * steps * y[3] >= MANY_PRODUCTS;
  return !software && large ? ['gemm', ...others] : [...others, 'gemm'];
}

/**
 * The overrides that the three shaders share.
 * @param units whether the channels of x and of y are counted in ones (1) or in vec4s (4)
 */
export function convConstants(
  conv: Convolution,
  units: { readonly x: number; readonly y: number },
): Record<string, number> {
  const { x, w, y, groups } = conv;
  // The channels of a single group may have been padded to whole vec4s; those of several groups are whole vec4s already.
  const channels = Math.ceil(x[3] / units.x);
  const filters = Math.ceil(y[3] / units.y);
  return {
    PIXELS: y[0] * y[1] * y[2],
    H: x[1],
    W: x[2],
    C: channels,
    OH: y[1],
    OW: y[2],
    K: filters,
    KH: w[0],
    KW: w[1],
    SY: conv.strideY,
    SX: conv.strideX,
    DY: conv.dilationY,
    DX: conv.dilationX,
    TOP: conv.padTop,
    LEFT: conv.padLeft,
    CG: channels / groups,
    KG: filters / groups,
  };
}

/** A tensor that a dispatch will bind. Only its shape is known before the node exists. */
export interface Operand {
  readonly shape: Shape;
  of(node: OpNode): Tensor;
}

/** The bias and the activation that a kernel applies to its sums before it stores them. The plain kernel applies none. */
export interface Epilogue {
  /** `[k]` */
  readonly bias?: Operand | undefined;
  readonly activation?: Activation | undefined;
}

interface LaunchOptions {
  readonly workgroupSize?: number;
  readonly activation?: Activation | undefined;
  /** See `Dispatch`. */
  readonly unused?: readonly string[] | undefined;
}

/** A list of dispatches and the temporaries between them, which is built before the op's node exists. */
export class LaunchList {
  readonly scratch: OutputSpec[] = [];
  readonly #steps: ((node: OpNode) => Dispatch)[] = [];

  input(index: number, shape: Shape): Operand {
    return { shape, of: (node) => node.inputs[index]! };
  }

  output(shape: Shape, index = 0): Operand {
    return { shape, of: (node) => node.outputs[index]! };
  }

  temporary(name: string, shape: Shape, holds?: Holds): Operand {
    const index = this.scratch.push({ name, shape, holds }) - 1;
    return { shape, of: (node) => node.scratch[index]! };
  }

  /**
   * A copy of `from` in `shape`, with its corner at (top, left) and zeros around it; `from` itself if nothing would
   * change.
   */
  padded(name: string, from: Operand, shape: Shape, holds: Holds, top = 0, left = 0): Operand {
    if (top === 0 && left === 0 && sameShape(from.shape, shape)) return from;
    const to = this.temporary(name, shape, holds);
    this.#steps.push((node) => padDispatch(from.of(node), to.of(node), top, left));
    return to;
  }

  /**
   * A copy of the part of x that the windows cover, with zeros as its border and with `channels` channels; x itself if
   * all windows lie inside it. Padding may be negative.
   */
  bordered(conv: Convolution, x: Operand, channels: number): Operand {
    const { w, y, strideY, strideX, dilationY, dilationX, padTop, padLeft } = conv;
    const [n, h, width] = conv.x;
    const coveredHeight = (y[1] - 1) * strideY + (w[0] - 1) * dilationY + 1;
    const coveredWidth = (y[2] - 1) * strideX + (w[1] - 1) * dilationX + 1;
    const inside = padTop === 0 && padLeft === 0 && coveredHeight <= h && coveredWidth <= width;
    const shape = inside ? [n, h, width, channels] : [n, coveredHeight, coveredWidth, channels];
    return this.padded('x', x, shape, 'activations', padTop, padLeft);
  }

  /** A target of `shape` to write to. `finish` adds the dispatch that copies its first channels to `to`. */
  cropped(name: string, to: Operand, shape: Shape): { readonly target: Operand; readonly finish: () => void } {
    if (sameShape(to.shape, shape)) return { target: to, finish: () => {} };
    const target = this.temporary(name, shape, 'activations');
    return { target, finish: () => this.#steps.push((node) => padDispatch(target.of(node), to.of(node), 0, 0)) };
  }

  launch(
    shader: Shader,
    entryPoint: string,
    constants: Record<string, number>,
    reads: Record<string, Operand>,
    writes: Record<string, Operand>,
    invocations: number,
    { workgroupSize = WORKGROUP, activation, unused }: LaunchOptions = {},
  ): void {
    const kernel = activated(shader, constants, activation);
    this.#steps.push((node) => {
      const bind = (operands: Record<string, Operand>) =>
        Object.fromEntries(Object.entries(operands).map(([name, operand]) => [name, operand.of(node)]));
      const workgroups = flatGrid(invocations, workgroupSize);
      return { ...kernel, entryPoint, reads: bind(reads), unused, writes: bind(writes), workgroups };
    });
  }

  /** Adds a dispatch that another op describes. */
  add(step: (node: OpNode) => Dispatch): void {
    this.#steps.push(step);
  }

  dispatches(node: OpNode): Dispatch[] {
    return this.#steps.map((step) => step(node));
  }
}
