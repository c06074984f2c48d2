import source from '../../shaders/weightedMean.wgsl?raw';
import { ShapeError } from '../errors.ts';
import { apply1, expectDType, flatGrid, type Op } from '../graph.ts';
import type { Passed } from '../options.ts';
import { elements, formatShape, sameShape, type Tensor } from '../tensor.ts';
import { partialSums, sumOfRows } from './accumulate.ts';
import { vec4s, WORKGROUP } from './elementwise.ts';

const shader = { name: 'weightedMean', source };

/** Inputs `factors, rows, dy`: the gradient of the values has the weights as factors, that of the weights the values. */
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
 * The sum of w_i v_i divided by `rows`: a batch's loss. The divisor is the number of real rows, not the sum of the weights,
 * as in Keras' `sum_over_batch_size`.
 * @param values `[n]`
 * @param weights f32 `[n]`: 0 for rows that are padding, whose values then count as 0 even if they are not finite
 * @param rows u32 `[1]`, at least 1
 * @returns `[1]`
 * @throws ShapeError where the inputs do not fit
 */
export function weightedMean(values: Tensor, weights: Tensor, rows: Tensor, ...more: Passed): Tensor {
  return apply1(op, [values, weights, rows], undefined, more);
}

/** @throws ShapeError unless the tensor is f32 `[n]`, of a given length if there is one */
export function checkVector(what: string, name: string, tensor: Tensor, length = tensor.shape[0]!): void {
  expectDType(what, tensor, 'f32');
  if (!sameShape(tensor.shape, [length])) {
    throw new ShapeError(
      `${what}: ${name} must be [n]${tensor.shape.length === 1 ? ` with n = ${length}` : ''}, ` +
        `got ${formatShape(tensor.shape)}.`,
    );
  }
}

/** @throws ShapeError unless the tensor is u32 `[1]`: how many rows of a batch are real */
export function checkRows(what: string, rows: Tensor): void {
  expectDType(what, rows, 'u32');
  if (!sameShape(rows.shape, [1])) {
    throw new ShapeError(`${what}: rows must be [1], got ${formatShape(rows.shape)}.`);
  }
}
