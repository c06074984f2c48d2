/** Random shapes, and windows that fit them. */
import type { Choices } from './choices.ts';

export type Shape = readonly number[];
type Pair = readonly [number, number];

/** Whole vec4s and not, less than one, and more than a tile of any kernel. */
export const CHANNELS = [4, 1, 3, 8, 2, 5, 12, 16, 33];
const SIZES = [3, 1, 2, 4, 5, 7, 8, 12, 33];

/** The shape with its largest axes halved until it has at most `most` elements. */
export function within(shape: Shape, most: number): Shape {
  const result = [...shape];
  const size = () => result.reduce((a, b) => a * b, 1);
  while (size() > most) {
    const largest = result.indexOf(Math.max(...result));
    result[largest] = Math.ceil(result[largest]! / 2);
  }
  return result;
}

/** One to six axes; now and then a long one. */
export function anyShape(choose: Choices, most = 4000): Shape {
  const rank = 1 + choose.below(6);
  const shape = Array.from({ length: 6 }, () => choose.of(SIZES)).slice(0, rank);
  const [long, length] = [choose.chance(5), 1 + choose.below(most)];
  if (long) shape[choose.below(rank)] = length;
  return within(shape, most);
}

/** A shape that broadcasts to another one: some axes are 1, and leading ones may be missing. */
export function broadcastable(choose: Choices, shape: Shape): Shape {
  const ones = shape.map((n) => (choose.chance(3) ? 1 : n));
  return ones.slice(choose.chance(3) ? choose.below(shape.length) : 0);
}

/** `[n, h, w, c]` */
export function imageShape(choose: Choices, most = 4000): Shape {
  return within([1 + choose.below(4), 1 + choose.below(14), 1 + choose.below(18), choose.of(CHANNELS)], most);
}

/** Size, stride, dilation and padding of a window along both axes, such that it fits; of a pool each covers a pixel. */
export function drawWindow(
  choose: Choices,
  pixels: Shape,
  most: { readonly kernel: number; readonly dilation: number },
  pool: boolean,
) {
  const pair = (f: () => number): Pair => [f(), f()];
  const size = pair(() => 1 + choose.below(most.kernel));
  const strides = pair(() => 1 + choose.below(3));
  const wide = pair(() => 1 + choose.below(most.dilation));
  const dilation: Pair = choose.chance(3) ? wide : [1, 1];
  const kind = choose.of(['valid', 'same', 'valid', 'same', 'sides'] as const);
  const sides = size.map((n) => pair(() => choose.below(pool ? n : 4))) as unknown as readonly [Pair, Pair];
  const taps = (axis: 0 | 1) => {
    if (kind === 'same') return size[axis];
    const room = pixels[axis]! + (kind === 'valid' ? 0 : sides[axis][0] + sides[axis][1]);
    return Math.min(size[axis], Math.floor((room - 1) / dilation[axis]) + 1);
  };
  const kernel: Pair = [taps(0), taps(1)];
  return { kernel, strides, dilation, padding: kind === 'sides' ? sides : kind };
}

/** The window of a transposed convolution, such that something is left of its output, and the kernel's size. */
export function drawTransposed(choose: Choices, pixels: readonly [number, number]) {
  const pair = (f: (axis: 0 | 1) => number): Pair => [f(0), f(1)];
  const w = pair(() => 1 + choose.below(5));
  const strides = pair(() => 1 + choose.below(4));
  const wide = pair(() => 1 + choose.below(3));
  const dilation: Pair = choose.chance(4) ? wide : [1, 1];
  const kind = choose.of(['same', 'valid', 'same', 'valid', 'sides'] as const);
  const extra = choose.chance(2) ? { outputPadding: pair((axis) => choose.below(strides[axis])) } : {};
  const full = pair((axis) => (pixels[axis] - 1) * strides[axis] + (w[axis] - 1) * dilation[axis] + 1);
  // An even kernel takes its size away from `same` with an output padding.
  const none = full.some((size, axis) => size <= 2 * Math.floor(((w[axis]! - 1) * dilation[axis]! + 1) / 2));
  const side = (axis: 0 | 1): Pair => {
    const before = choose.below(Math.min(4, full[axis]));
    return [before, choose.below(Math.min(4, full[axis] - before))];
  };
  const padding = kind === 'sides' ? ([side(0), side(1)] as const) : kind === 'same' && none ? 'valid' : kind;
  return { w, window: { strides, dilation, padding, ...extra } };
}
