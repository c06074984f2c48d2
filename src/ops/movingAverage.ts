import source from '../../shaders/movingAverage.wgsl?raw';
import { ShapeError } from '../errors.ts';
import { apply, expectDType, flatGrid, type Op } from '../graph.ts';
import { checkOptions } from '../options.ts';
import { formatShape, sameShape, type Tensor } from '../tensor.ts';
import { vec4s, WORKGROUP } from './elementwise.ts';

const shader = { name: 'movingAverage', source };

export interface MovingAverageOptions {
  /** Weight of the old value, 0 to 1. */
  readonly momentum: number;
}

const op: Op<MovingAverageOptions> = {
  name: 'movingAverage',
  mutates: [0],
  outputs: ([variable, value, scaling]) => {
    expectDType('movingAverage', variable!, 'f32');
    expectDType('movingAverage', value!, 'f32');
    if (!sameShape(variable!.shape, value!.shape)) {
      throw new ShapeError(
        `movingAverage: the variable has shape ${formatShape(variable!.shape)}, the value ${formatShape(value!.shape)}; ` +
          'they must be equal.',
      );
    }
    if (scaling) expectDType('movingAverage: scaling', scaling, 'f32');
    if (scaling && !sameShape(scaling.shape, [2])) {
      throw new ShapeError(`movingAverage: scaling must be [2], got ${formatShape(scaling.shape)}.`);
    }
    return [];
  },
  dispatches: ({ inputs: [variable, value, scaling], attributes: { momentum } }) => [
    {
      shader,
      entryPoint: scaling ? 'held' : 'forward',
      constants: { N: vec4s(variable!), WEIGHT: 1 - momentum },
      reads: { value: value!, ...(scaling ? { scaling } : {}) },
      writes: { average: variable! },
      workgroups: flatGrid(vec4s(variable!), WORKGROUP),
    },
  ],
};

/**
 * Updates a variable in place in each step: variable = momentum variable + (1 - momentum) value.
 * @param scaling f32 `[2]`: if its second number is 0, the variable is not changed; see `nonFinite`. Absent: always changed
 * @throws ShapeError if the shapes differ or a tensor is not f32
 * @throws ArgumentError if the first tensor is not a variable, or momentum is not in [0, 1]
 */
export function movingAverage(variable: Tensor, value: Tensor, options: MovingAverageOptions, scaling?: Tensor): void {
  const { momentum } = checkOptions('movingAverage', options, { momentum: 'fraction' }, true);
  apply(op, scaling ? [variable, value, scaling] : [variable, value], { momentum });
}
