/** A rectangle of a fixed value, at another place of each example. */
import source from '../../shaders/randomErase.wgsl?raw';
import { applyOp, type Op } from '../graph.ts';
import { check, checkOptions, type Kind } from '../options.ts';
import type { Tensor } from '../tensor.ts';
import { checkOperands, checkSalt, drawConstants, elementGrid, type PerExampleOptions } from './perExample.ts';

const shader = { name: 'randomErase', source };

export interface RandomEraseOptions extends PerExampleOptions {
  /** `[height, width]` of the rectangle, in whole pixels. It may be larger than the image. */
  readonly size: readonly [number, number];
  /** The value that it gets. Default 0. */
  readonly fillValue?: number;
}

const OPTIONS = { salt: 'countFrom0', size: 'list', fillValue: 'number' } as const satisfies Record<
  keyof RandomEraseOptions,
  Kind
>;

const op: Op<Required<RandomEraseOptions>> = {
  name: 'randomErase',
  outputs: ([x]) => [{ shape: x!.shape }],
  dispatches: ({ inputs: [x, seed], outputs: [y], attributes: { salt, size, fillValue } }) => {
    const [, h, w, c] = x!.shape as [number, number, number, number];
    const { COUNT, workgroups } = elementGrid(y!);
    return [
      {
        shader,
        entryPoint: 'forward',
        constants: {
          ...{ COUNT, H: h, W: w, C: c, RH: size[0], RW: size[1], VALUE: fillValue },
          ...drawConstants(seed!, salt),
        },
        reads: { x: x!, seed: seed! },
        writes: { y: y! },
        workgroups,
      },
    ];
  },
  backward: ({ inputs: [, seed], attributes }, [dy]) => [
    applyOp(op, [dy!, seed!], { ...attributes, fillValue: 0 })[0],
    undefined,
  ],
};

/**
 * Sets a rectangle of each image to a value. Its middle is drawn from all pixels alike, so that a part of it may lie outside of the
 * image. The draw depends on (seed, salt, number of the example) alone. Source: DeVries, Taylor, "Improved regularization of
 * convolutional neural networks with cutout" (2017).
 * @param x `[n, h, w, c]`
 * @param seed u32 `[1]`, an input that the host changes every step; or `[2]`, with the number of x's first example after it
 * @throws ShapeError if x or the seed is of another shape; ArgumentError for options with values that make no sense
 */
export function randomErase(x: Tensor, seed: Tensor, options: RandomEraseOptions): Tensor {
  const { salt, size, fillValue = 0 } = checkOptions('randomErase', options, OPTIONS);
  checkSalt('randomErase', salt);
  check('randomErase', 'size', size, 'list');
  for (const axis of [0, 1]) check('randomErase', `size[${axis}]`, size[axis], 'count');
  checkOperands('randomErase', x, seed);
  return applyOp(op, [x, seed], { salt, size, fillValue })[0]!;
}
