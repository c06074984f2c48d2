/** A transposed convolution of a 3 x 3 map, by hand: what each number paints, and how often each pixel is painted. */
import { type Array64, array64 } from '../../lesson/reference/array64.ts';
import { conv2d } from '../../lesson/reference/conv2d.ts';
import {
  conv2dTranspose,
  paintedSize,
  type TransposeTerm,
  transposeTerms,
} from '../../lesson/reference/conv2dTranspose.ts';

/** Height and width of the small map. */
export const MAP_SIZE = 3;
/** Largest height and width of a kernel, and largest stride. */
export const MOST = { kernel: 5, stride: 3 } as const;

export interface Example {
  /** 3 x 3, row by row. */
  readonly map: readonly number[];
  /** Of the largest kernel, 5 x 5, row by row: a smaller one is its part at the top left, so that its numbers stay. */
  readonly weights: readonly number[];
  readonly kernel: number;
  readonly stride: number;
}

export const FIRST: Example = {
  map: [1, 2, 0, 3, 1, -1, 0, 2, 4],
  weights: [1, 2, 1, 2, 1, 2, 3, 2, 1, 1, 1, 2, 1, 2, 1, 2, 1, 2, 3, 2, 1, 1, 1, 2, 1],
  kernel: 3,
  stride: 2,
};

const placesOf = (kernel: number) =>
  Array.from({ length: kernel ** 2 }, (_, i) => Math.floor(i / kernel) * MOST.kernel + (i % kernel));

/** The weights in use, kernel x kernel. */
export const kernelOf = ({ weights, kernel }: Example) => placesOf(kernel).map((place) => weights[place]!);

/** With other weights in use. */
export function withKernel(example: Example, values: readonly number[]): Example {
  const weights = [...example.weights];
  for (const [i, place] of placesOf(example.kernel).entries()) weights[place] = values[i]!;
  return { ...example, weights };
}

/** Map and kernel as arrays, and a picture of the large map's size to try the convolution on. */
export function arraysOf(example: Example): { x: Array64; w: Array64; picture: Array64 } {
  const { map, kernel, stride } = example;
  const size = paintedSize(MAP_SIZE, kernel, stride);
  const picture = Array.from({ length: size ** 2 }, (_, i) => ((i * 5) % 7) - 3);
  return {
    x: array64(map, [MAP_SIZE, MAP_SIZE, 1]),
    w: array64(kernelOf(example), [kernel, kernel, 1, 1]),
    picture: array64(picture, [size, size, 1]),
  };
}

export interface Painted {
  /** Height and width of the large map. */
  readonly size: number;
  readonly values: Float64Array;
  /** How many numbers of the small map each pixel gets something from. */
  readonly counts: readonly number[];
  /** The products of one number of the large map. */
  termsAt(index: number): TransposeTerm[];
  /** What the first numbers of the small map add up to. @param count of them, row by row */
  after(count: number): Float64Array;
  /** Of the picture: <conv(picture), map>, and <picture, convT(map)>. They are equal. */
  readonly products: { readonly gathered: number; readonly painted: number };
}

const inner = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a, (value, i) => value * b[i]!).reduce((sum, value) => sum + value, 0);

export function paintedBy(example: Example): Painted {
  const { x, w, picture } = arraysOf(example);
  const { stride } = example;
  const { data: values, shape } = conv2dTranspose(x, w, stride);
  const size = shape[0]!;
  const termsAt = (index: number) =>
    transposeTerms(x, w, { row: Math.floor(index / size), column: index % size, filter: 0 }, stride);
  return {
    size,
    values,
    counts: Array.from(values, (_, index) => termsAt(index).length),
    termsAt,
    after: (count) => {
      const first = x.data.map((value, i) => (i < count ? value : 0));
      return conv2dTranspose(array64(first, x.shape), w, stride).data;
    },
    products: {
      gathered: inner(conv2d(picture, w, { stride }).data, x.data),
      painted: inner(picture.data, values),
    },
  };
}

/** How often each pixel of a larger picture is painted. @param side of the small map */
export function countsOf(side: number, kernel: number, stride: number): { size: number; counts: Float64Array } {
  const ones = (size: number) => array64(Array<number>(size ** 2).fill(1), [size, size, 1]);
  const { data, shape } = conv2dTranspose(ones(side), { ...ones(kernel), shape: [kernel, kernel, 1, 1] }, stride);
  return { size: shape[0]!, counts: data };
}

/** How often the pixels away from the edges are painted, each number once, in order. */
export function innerCounts(kernel: number, stride: number): number[] {
  // Of one axis: taps that lie a whole number of strides apart reach the same pixel.
  const axis = Array.from({ length: stride }, (_, phase) => Math.max(0, Math.ceil((kernel - phase) / stride)));
  return [...new Set(axis.flatMap((a) => axis.map((b) => a * b)))].sort((a, b) => a - b);
}
