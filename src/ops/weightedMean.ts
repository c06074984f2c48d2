import source from '../../shaders/weightedMean.wgsl?raw';
import { apply1, flatGrid, type Op } from '../graph.ts';
import type { Passed } from '../options.ts';
import { elements, type Tensor } from '../tensor.ts';
import { partialSums, sumOfRows } from './accumulate.ts';
import { vec4s, WORKGROUP } from './elementwise.ts';
import { checkRows, checkVector } from './rows.ts';

const shader = { name: 'weightedMean', source };

/**
 * Inputs `factors, rows, dy`. For the gradient of the values, the factors are the weights; for that of the weights, the
 * values.
 */
export const weightedMeanGradOp: Op<undefined> = {
  name: 'weightedMeanGrad',
  outputs: ([factors]) => [{ shape: factors!.shape }],
  dispatches: ({ inputs: [factors, rows, dy], outputs: [output] }) => [
    {
      shader,
      entryPoint: 'backward',
      constants: { N: elements(factors!.shape) },
      reads: { factors: factors!, rows: rows!, dy: dy! },
      writes: { gradient: output! },
      workgroups: flatGrid(vec4s(factors!), WORKGROUP),
    },
  ],
};

const op: Op<undefined> = {
  name: 'weightedMean',
  outputs: ([values, weights, rows]) => {
    checkVector('weightedMean', 'values', values!);
    checkVector('weightedMean', 'weights', weights!, values!.shape[0]);
    checkRows('weightedMean', rows!);
    return [{ shape: [1] }];
  },
  scratch: ([values]) => partialSums(values!),
  dispatches: ({ inputs: [values, weights, rows], outputs: [y], scratch: [partial] }) =>
    sumOfRows({ values: values!, weights: weights!, rows: rows! }, y!, 0, true, partial),
  backward: ({ inputs: [values, weights, rows] }, [dy]) => [
    apply1(weightedMeanGradOp, [weights!, rows!, dy!], undefined),
    apply1(weightedMeanGradOp, [values!, rows!, dy!], undefined),
    undefined,
  ],
};

/**
 * The sum of w_i v_i divided by `rows`, which is the loss of a batch. As in Keras' `sum_over_batch_size`, the divisor
 * is the number of rows without padding, not the sum of the weights.
 * @param values `[n]`
 * @param weights f32 `[n]`: 0 for padding rows; their values count as 0 even if they are not finite
 * @param rows u32 `[1]`, at least 1
 * @returns `[1]`
 * @throws ShapeError if the inputs do not fit
 */
export function weightedMean(values: Tensor, weights: Tensor, rows: Tensor, ...more: Passed): Tensor {
  return apply1(op, [values, weights, rows], undefined, more);
}
