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
