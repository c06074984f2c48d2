import source from '../../shaders/gatherRows.wgsl?raw';
import { ShapeError } from '../errors.ts';
import { apply1, expectDType, flatGrid, type Op } from '../graph.ts';
import type { Passed } from '../options.ts';
import { elements, formatShape, type Tensor } from '../tensor.ts';
import { WORKGROUP } from './elementwise.ts';
import { checkRows } from './rows.ts';

const shader = { name: 'gatherRows', source };

const op: Op<undefined> = {
  name: 'gatherRows',
  outputs: ([data, indices, rows]) => {
    expectDType('gatherRows', indices!, 'u32');
    if (indices!.shape.length !== 1) {
      throw new ShapeError(`gatherRows: indices must be [batch], got ${formatShape(indices!.shape)}.`);
    }
    checkRows('gatherRows', rows!);
    return [{ shape: [indices!.shape[0]!, ...data!.shape.slice(1)], dtype: data!.dtype }];
  },
  dispatches: ({ inputs: [data, indices, rows], outputs: [y] }) => {
    const batch = indices!.shape[0]!;
    const words = elements(data!.shape.slice(1));
    const vectors = words % 4 === 0;
    const row = vectors ? words / 4 : words;
    return [
      {
        shader,
        entryPoint: vectors ? 'vectors' : 'words',
        constants: { BATCH: batch, ROW: row },
        reads: { [vectors ? 'data4' : 'data']: data!, indices: indices!, rows: rows! },
        writes: { [vectors ? 'y4' : 'y']: y! },
        workgroups: flatGrid(batch * row, WORKGROUP),
      },
    ];
  },
};

/**
 * Copies rows of a dataset on the device by their indices: y[b] = data[indices[b]] for b < rows, and zeros after that.
 * Has no gradient.
 * @param data `[any, ...]`, of any dtype
 * @param indices u32 `[batch]`, each less than the length of `data`. The host must check this; the device does not.
 * @param rows u32 `[1]`: the number of indices to use
 * @returns `[batch, ...]`, of `data`'s dtype
 * @throws ShapeError if the inputs do not fit
 */
export function gatherRows(data: Tensor, indices: Tensor, rows: Tensor, ...more: Passed): Tensor {
  return apply1(op, [data, indices, rows], undefined, more);
}
