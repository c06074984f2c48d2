import source from '../../shaders/clipScale.wgsl?raw';
import { ShapeError } from '../errors.ts';
import { apply1, expectDType, type Op } from '../graph.ts';
import { checkOptions } from '../options.ts';
import { formatShape, sameShape, type Tensor } from '../tensor.ts';

const shader = { name: 'clipScale', source };

export interface ClipScaleOptions {
  /** The largest norm that is not reduced. */
  readonly clipNorm: number;
}

const op: Op<ClipScaleOptions> = {
  name: 'clipScale',
  outputs: ([x]) => {
    expectDType('clipScale', x!, 'f32');
    if (!sameShape(x!.shape, [1])) {
      throw new ShapeError(`clipScale: the sum of squares must be [1], got ${formatShape(x!.shape)}.`);
    }
    return [{ shape: [1] }];
  },
  dispatches: ({ inputs: [x], outputs: [y], attributes: { clipNorm } }) => [
    {
      shader,
      entryPoint: 'forward',
      constants: { CLIP_NORM: clipNorm },
      reads: { x: x! },
      writes: { y: y! },
      workgroups: [1, 1, 1],
    },
  ],
};

/**
 * clipNorm / max(norm, clipNorm) for norm = sqrt(sumOfSquares). Multiplying gradients by this limits their norm to
 * clipNorm. A sum that is not finite is returned unchanged, so that it is not hidden. Part of an update: has no
 * gradient.
 * @param sumOfSquares `[1]`
 * @returns `[1]`
 * @throws ArgumentError if clipNorm is not positive, ShapeError where the input is not `[1]`
 */
export function clipScale(sumOfSquares: Tensor, options: ClipScaleOptions): Tensor {
  return apply1(op, [sumOfSquares], checkOptions('clipScale', options, { clipNorm: 'positive' }, true));
}
