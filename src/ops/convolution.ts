/** What conv2d and its two gradients share: shapes, and the copies with borders and whole vec4s that fast kernels ask for. */
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
 * Kernels of a convolution and its gradients: `plain` does every case, one invocation an element; the others hold a tile
 * of results in registers, and the workgroups of `gemm` share tiles besides. The filter gradient has no `rows`.
 */
const KERNELS = ['plain', 'tile', 'rows', 'depthwise', 'gemm'] as const;
export type ConvKernel = (typeof KERNELS)[number];

/** Multiply-adds from which workgroups that share tiles are worth their barriers. */
const MANY_PRODUCTS = 2 ** 21;

export interface Conv2dOptions extends WindowOptions {
  /** Groups of channels that are convolved apart, default 1; as many as x has channels is a depthwise convolution. */
  readonly groups?: number;
  /** Asks for a kernel, for tests and benchmarks; one that cannot do the case is ignored. Default: chosen by the shapes. */
  readonly kernel?: ConvKernel;
}

const CONV2D_OPTIONS = {
  strides: 'any',
  padding: 'any',
  dilation: 'any',
  groups: 'count',
  kernel: 'any',
} as const satisfies Record<keyof Conv2dOptions, Kind>;

/** A convolution y = x * w with its shapes; what all three ops carry as attributes. */
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
 * @throws ShapeError where the filter does not fit the image, its channels or the groups
 * @throws ArgumentError for strides, padding, dilation or groups that are not sensible
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

/** Vec4s that hold so many channels. */
export function quads(channels: number): number {
  return Math.ceil(channels / 4);
}

/** One channel to a group on both sides. */
export function isDepthwise({ x, y, groups }: Convolution): boolean {
  return groups > 1 && x[3] === groups && y[3] === groups;
}

/** Groups consist of whole vec4s, or there is one group, which can be filled up to whole vec4s. */
export function hasWholeQuads({ x, y, groups }: Convolution): boolean {
  return groups === 1 || ((x[3] / groups) % 4 === 0 && (y[3] / groups) % 4 === 0);
}

/** The kernel asked for if it is one of `able`, else the first of them. */
export function chooseKernel(asked: ConvKernel | undefined, able: readonly ConvKernel[]): ConvKernel {
  return asked && able.includes(asked) ? asked : able[0]!;
}

/** The list with `gemm` where it is likely to come: ahead on a device with shared memory and work for it, else last. */
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

/** Overrides that the three shaders have in common, with the channels of x and of y counted in ones or in vec4s. */
export function convConstants(
  conv: Convolution,
  units: { readonly x: number; readonly y: number },
): Record<string, number> {
  const { x, w, y, groups } = conv;
  // A single group's channels may have been filled up to whole vec4s; those of several groups are whole vec4s.
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

/** A tensor that a launch binds: it is known by its shape before the node exists. */
export interface Operand {
  readonly shape: Shape;
  of(node: OpNode): Tensor;
}

/** What follows a convolution's sum before it is stored. The plain kernel knows none of it. */
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

/** The launches of an op and the temporaries between them, written down before the op's node exists. */
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

  /** `from` with `shape`, its corner at (top, left) and zeros around; `from` itself where that is the same. */
  padded(name: string, from: Operand, shape: Shape, holds: Holds, top = 0, left = 0): Operand {
    if (top === 0 && left === 0 && sameShape(from.shape, shape)) return from;
    const to = this.temporary(name, shape, holds);
    this.#steps.push((node) => padDispatch(from.of(node), to.of(node), top, left));
    return to;
  }

  /**
   * x with zeros in place of its border and with `channels` channels: the part that the windows cover; x itself where all
   * windows lie inside. Padding may be negative.
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

  /** What to write so that `to` gets the first channels of something of `shape`, in `finish`'s step. */
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

  /** A launch that another op describes. */
  add(step: (node: OpNode) => Dispatch): void {
    this.#steps.push(step);
  }

  dispatches(node: OpNode): Dispatch[] {
    return this.#steps.map((step) => step(node));
  }
}
