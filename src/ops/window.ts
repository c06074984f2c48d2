/** How windows slide over images: strides, padding and dilation of convolutions and pools, and the output sizes. */
import { ArgumentError, ShapeError } from '../errors.ts';
import { shown } from '../shown.ts';

/**
 * Padding around an image: `valid` is none; `same` gives ceil(size / stride) outputs (an odd number of pixels puts the
 * extra one at the bottom or right, as in TensorFlow); a number applies to all sides; or `[vertical, horizontal]`, or
 * `[[top, bottom], [left, right]]`.
 */
export type Padding =
  | 'valid'
  | 'same'
  | number
  | readonly [number, number]
  | readonly [readonly [number, number], readonly [number, number]];

/** One number for both axes, or `[vertical, horizontal]`. */
export type Pair = number | readonly [number, number];

export interface WindowOptions {
  /** Default: 1 for a convolution, the window's size for a pool. */
  readonly strides?: Pair;
  /** Default `valid`. */
  readonly padding?: Padding;
  /** Distance between taps. Default 1. */
  readonly dilation?: Pair;
}

export interface TransposedWindowOptions extends WindowOptions {
  /**
   * Rows and columns of the output beyond those that the padding leaves, smaller than the strides. If it is undefined,
   * `same` gives size * stride outputs, `valid` one for each tap and stride, and numbers of padding none more.
   */
  readonly outputPadding?: Pair | undefined;
}

/** How a window slides over an image, for convolutions and pools. Sizes in pixels. */
export interface WindowGeometry {
  readonly kernelHeight: number;
  readonly kernelWidth: number;
  readonly strideY: number;
  readonly strideX: number;
  readonly dilationY: number;
  readonly dilationX: number;
  readonly padTop: number;
  readonly padLeft: number;
  readonly outHeight: number;
  readonly outWidth: number;
}

/** `3` as `[3, 3]`. @throws ArgumentError unless both are integers of at least `least` */
export function pair(what: string, value: Pair, least = 1): readonly [number, number] {
  const both = typeof value === 'number' ? ([value, value] as const) : value;
  if (!Array.isArray(both) || both.length !== 2 || !both.every((n) => Number.isInteger(n) && n >= least)) {
    throw new ArgumentError(`${what} must be one or two integers of at least ${least}, got ${shown(value)}.`);
  }
  return both;
}

/**
 * Output size and padding of a window over an image.
 * @throws ShapeError if the window does not fit into the padded image
 * @throws ArgumentError for strides, dilations or paddings with values that make no sense
 */
export function windowGeometry(
  what: string,
  [height, width]: readonly [number, number],
  [kernelHeight, kernelWidth]: readonly [number, number],
  { strides = 1, padding = 'valid', dilation = 1 }: WindowOptions,
): WindowGeometry {
  const [strideY, strideX] = pair(`${what}: strides`, strides);
  const [dilationY, dilationX] = pair(`${what}: dilation`, dilation);
  const [top, bottom, left, right] = explicitPadding(what, padding) ?? [
    ...samePadding(padding, height, kernelHeight, strideY, dilationY),
    ...samePadding(padding, width, kernelWidth, strideX, dilationX),
  ];
  const outHeight = Math.floor((height + top! + bottom! - span(kernelHeight, dilationY)) / strideY) + 1;
  const outWidth = Math.floor((width + left! + right! - span(kernelWidth, dilationX)) / strideX) + 1;
  if (outHeight < 1 || outWidth < 1) {
    throw new ShapeError(
      `${what}: a window of ${kernelHeight} x ${kernelWidth} with dilation ${dilationY} x ${dilationX} does not fit into ` +
        `an image of ${height} x ${width} with padding ${shown(padding)}.`,
    );
  }
  return {
    kernelHeight,
    kernelWidth,
    strideY,
    strideX,
    dilationY,
    dilationX,
    padTop: top!,
    padLeft: left!,
    outHeight,
    outWidth,
  };
}

/**
 * The window of a transposed convolution, which is the window of the convolution that it transposes: `outHeight` and
 * `outWidth` are the size of its own input. `image` is the size of its output. The formulas are those of Keras 3.
 * @throws ShapeError if the padding leaves no output
 * @throws ArgumentError for options with values that make no sense
 */
export function transposedGeometry(
  what: string,
  size: readonly [number, number],
  kernel: readonly [number, number],
  { strides = 1, padding = 'valid', dilation = 1, outputPadding }: TransposedWindowOptions,
): { readonly image: readonly [number, number]; readonly window: WindowGeometry } {
  const stride = pair(`${what}: strides`, strides);
  const step = pair(`${what}: dilation`, dilation);
  const more = outputPadding === undefined ? [] : pair(`${what}: outputPadding`, outputPadding, 0);
  if (more.some((n, axis) => n >= stride[axis]!)) {
    throw new ArgumentError(
      `${what}: outputPadding must be smaller than the strides, got ${shown(outputPadding)} and strides ${shown(strides)}.`,
    );
  }
  const sides = explicitPadding(what, padding);
  const [rows, columns] = ([0, 1] as const).map((axis) => {
    const taps = span(kernel[axis], step[axis]);
    const full = (size[axis] - 1) * stride[axis] + taps;
    const extra = more[axis];
    if (sides) {
      return { size: full - sides[2 * axis]! - sides[2 * axis + 1]! + (extra ?? 0), before: sides[2 * axis]! };
    }
    if (padding === 'valid') return { size: full + (extra ?? Math.max(0, stride[axis] - taps)), before: 0 };
    const same = extra === undefined ? size[axis] * stride[axis] : full - 2 * Math.floor(taps / 2) + extra;
    return { size: same, before: Math.floor(Math.max(0, full - same) / 2) };
  }) as [Axis, Axis];
  if (rows.size < 1 || columns.size < 1) {
    throw new ShapeError(
      `${what}: with padding ${shown(padding)} nothing is left of the output: ${rows.size} x ${columns.size}.`,
    );
  }
  const window = {
    kernelHeight: kernel[0],
    kernelWidth: kernel[1],
    strideY: stride[0],
    strideX: stride[1],
    dilationY: step[0],
    dilationX: step[1],
    padTop: rows.before,
    padLeft: columns.before,
    outHeight: size[0],
    outWidth: size[1],
  };
  return { image: [rows.size, columns.size], window };
}

/** Along one axis: the size of an image, and the padding before it. */
interface Axis {
  readonly size: number;
  readonly before: number;
}

/** Number of pixels from the first to the last tap of a dilated kernel. */
function span(kernel: number, dilation: number): number {
  return (kernel - 1) * dilation + 1;
}

/** `[before, after]` along one axis. */
function samePadding(
  padding: Padding,
  size: number,
  kernel: number,
  stride: number,
  dilation: number,
): [number, number] {
  if (padding === 'valid') return [0, 0];
  const total = Math.max(0, (Math.ceil(size / stride) - 1) * stride + span(kernel, dilation) - size);
  const before = Math.floor(total / 2);
  return [before, total - before];
}

/** `[top, bottom, left, right]`, or undefined for `valid` and `same`. */
export function explicitPadding(what: string, padding: Padding): readonly number[] | undefined {
  if (padding === 'valid' || padding === 'same') return undefined;
  const sides = typeof padding === 'number' ? [padding, padding] : padding;
  const all = Array.isArray(sides)
    ? sides.flatMap((side: number | readonly number[]) => (Array.isArray(side) ? side : [side, side]))
    : [];
  if (all.length !== 4 || !all.every((n) => Number.isInteger(n) && n >= 0)) {
    throw new ArgumentError(
      `${what}: padding must be 'valid', 'same', a number, [vertical, horizontal] or [[top, bottom], [left, right]], ` +
        `got ${shown(padding)}.`,
    );
  }
  return all;
}
