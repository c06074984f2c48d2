/** The picture that a kernel makes: its numbers by hand, and how they are drawn. */
import { diverging, grey, type Palette, type Range, rangeOf, symmetricRange } from 'neurite/vis';
import { type Array64, array64 } from '../../lesson/reference/array64.ts';
import { conv2d } from '../../lesson/reference/conv2d.ts';
import { SIZE } from './picture.ts';
import type { Place } from './useSweep.ts';

/** Of one picture and one kernel, both square and of one channel. */
export const kernelOf = (numbers: ArrayLike<number>): Array64 => {
  const size = Math.sqrt(numbers.length);
  return array64(numbers, [size, size, 1, 1]);
};

export interface Result {
  /** Pixels of the window on each side of its middle. */
  readonly radius: number;
  /** By hand; of `side` rows and columns, for the window lies within the picture. */
  readonly values: Float64Array;
  readonly side: number;
  /** A place's index into the values. */
  indexOf(place: Place): number;
}

export function convolved(picture: Array64, kernel: Array64): Result {
  const { data, shape } = conv2d(picture, kernel);
  const radius = (kernel.shape[0]! - 1) / 2;
  const side = shape[0]!;
  return {
    ...{ radius, side, values: data },
    indexOf: ({ row, column }) => (row - radius) * side + column - radius,
  };
}

export interface Look {
  colors: Palette;
  range: Range;
}

/** Numbers around 0, of a kernel whose own numbers add up to about 0, in two hues; all others in grey. */
export function lookOf(values: ArrayLike<number>, kernel: ArrayLike<number>): Look {
  const total = Array.from(kernel).reduce((sum, number) => sum + number, 0);
  if (total < 0.5) return { colors: diverging, range: symmetricRange(values) };
  return { colors: grey, range: { low: 0, high: Math.max(1, rangeOf(values).high) } };
}

/** How much of a pixel is seen before the window was there. */
const GHOST = 40;

/** Draws a result in the middle of a canvas as large as the picture. @param seen see `Sweep` */
export function drawResult(
  canvas: HTMLCanvasElement,
  values: ArrayLike<number>,
  { colors, range }: Look,
  { side, radius }: Result,
  seen: Uint8Array,
): void {
  const context = canvas.getContext('2d')!;
  const image = context.createImageData(SIZE, SIZE);
  const bytes = image.data;
  const pixels = new Uint32Array(bytes.buffer);
  const scale = range.high > range.low ? 255 / (range.high - range.low) : 0;
  for (let i = 0; i < values.length; i++) {
    const pixel = (radius + Math.floor(i / side)) * SIZE + radius + (i % side);
    const v = Math.round((values[i]! - range.low) * scale);
    pixels[pixel] = colors[Math.min(255, Math.max(0, v))]!;
    if (!seen[pixel]) bytes[4 * pixel + 3] = GHOST;
  }
  context.putImageData(image, 0, 0);
}
