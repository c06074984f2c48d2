/** The lecture's example, and the numbers of its feature map by hand. */
import { activations } from '../../lesson/reference/activations.ts';
import { array64 } from '../../lesson/reference/array64.ts';
import { conv2d, convTerms, type Term } from '../../lesson/reference/conv2d.ts';

export interface Example {
  /** 5 x 5, row by row. */
  readonly image: readonly number[];
  /** 2 x 2. */
  readonly kernel: readonly number[];
  readonly bias: number;
  readonly relu: boolean;
}

export const IMAGE_SIZE = 5;
export const KERNEL_SIZE = 2;
export const MAP_SIZE = IMAGE_SIZE - KERNEL_SIZE + 1;

export const SLIDE: Example = {
  image: [0, 1, 2, 3, 4, -5, -6, -7, -8, -9, 1, 2, 3, -2, 1, 4, 3, 2, 1, 0, -9, -8, -7, -6, -5],
  kernel: [2, -1, -1, 2],
  bias: 1,
  relu: true,
};

/** Where the lecture writes the sum out, [2, 1], as an index into the map. */
export const SLIDE_PLACE = 2 * MAP_SIZE + 1;

/** The example as arrays of a convolutional layer. */
export const arraysOf = ({ image, kernel, bias, relu }: Example) => ({
  x: array64(image, [IMAGE_SIZE, IMAGE_SIZE, 1]),
  w: array64(kernel, [KERNEL_SIZE, KERNEL_SIZE, 1, 1]),
  bias: array64([bias], [1]),
  activation: relu ? ('relu' as const) : ('linear' as const),
});

export interface FeatureMap {
  /** Before the activation. */
  readonly sums: Float64Array;
  readonly values: Float64Array;
  /** The products of one of the sums. */
  termsAt(index: number): Term[];
}

export function featureMap(example: Example): FeatureMap {
  const { x, w, bias, activation } = arraysOf(example);
  const sums = conv2d(x, w, { bias: bias.data }).data;
  return {
    sums,
    values: sums.map(activations[activation].f),
    termsAt: (index) => convTerms(x, w, { row: Math.floor(index / MAP_SIZE), column: index % MAP_SIZE, kernel: 0 }),
  };
}
