/** Checks for ops over the rows of a batch: a number for each row, and the number of rows that are not padding. */
import { ShapeError } from '../errors.ts';
import { expectDType } from '../graph.ts';
import { formatShape, sameShape, type Tensor } from '../tensor.ts';

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

/** @throws ShapeError unless the tensor is u32 `[1]`, the number of rows of a batch that are not padding */
export function checkRows(what: string, rows: Tensor): void {
  expectDType(what, rows, 'u32');
  if (!sameShape(rows.shape, [1])) {
    throw new ShapeError(`${what}: rows must be [1], got ${formatShape(rows.shape)}.`);
  }
}
