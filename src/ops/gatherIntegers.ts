import source from '../../shaders/gatherIntegers.wgsl?raw';
import { ShapeError } from '../errors.ts';
import { apply1, expectDType, flatGrid, type Op } from '../graph.ts';
import { checkOneOf, checkOptions, type Kind } from '../options.ts';
import {
  checkShape,
  elements,
  formatShape,
  NARROW_INTEGERS,
  type NarrowInteger,
  type Shape,
  type Tensor,
} from '../tensor.ts';
import { WORKGROUP } from './elementwise.ts';
import { checkRows } from './rows.ts';

const shader = { name: 'gatherIntegers', source };

export interface GatherIntegersOptions {
  /** What the words hold. */
  readonly type: NarrowInteger;
  /** Shape of a row. */
  readonly shape: Shape;
}

const OPTIONS = { type: 'any', shape: 'list' } as const satisfies Record<keyof GatherIntegersOptions, Kind>;

const op: Op<GatherIntegersOptions> = {
  name: 'gatherIntegers',
  outputs: ([data, indices, rows], { shape }) => {
    expectDType('gatherIntegers', data!, 'u32');
    expectDType('gatherIntegers', indices!, 'u32');
    if (data!.shape.length !== 1 || indices!.shape.length !== 1) {
      const given = [data!, indices!].map((tensor) => formatShape(tensor.shape)).join(' and ');
      throw new ShapeError(`gatherIntegers: data must be [words] and indices [batch], got ${given}.`);
    }
    checkRows('gatherIntegers', rows!);
    return [{ shape: [indices!.shape[0]!, ...shape], dtype: 'f32' }];
  },
  dispatches: ({ inputs: [data, indices, rows], outputs: [y], attributes: { type, shape } }) => {
    const batch = indices!.shape[0]!;
    const fours = elements(shape) % 4 === 0;
    const row = elements(shape) / (fours ? 4 : 1);
    return [
      {
        shader,
        entryPoint: fours ? 'fours' : 'ones',
        constants: { BATCH: batch, ROW: row, BITS: type.endsWith('16') ? 16 : 8, SIGNED: Number(type.startsWith('i')) },
        reads: { data: data!, indices: indices!, rows: rows! },
        writes: { [fours ? 'y4' : 'y']: y! },
        workgroups: flatGrid(batch * row, WORKGROUP),
      },
    ];
  },
};

/**
 * Copies rows of a dataset of 8- or 16-bit integers on the device by their indices, as floats: y[b] = data[indices[b]] for
 * b < rows, and zeros after that. So bytes take a quarter of the memory of floats until they are used. Has no gradient.
 * @param data u32 `[words]`: the integers of all rows behind one another, in the host's order of bytes, with padding to a whole
 *   word at the end alone
 * @param indices u32 `[batch]`, each less than the number of rows. The host must check this; the device does not.
 * @param rows u32 `[1]`: the number of indices to use
 * @returns f32 `[batch, ...shape]`
 * @throws ShapeError if the inputs do not fit; ArgumentError for a type that there is not
 */
export function gatherIntegers(data: Tensor, indices: Tensor, rows: Tensor, options: GatherIntegersOptions): Tensor {
  const { type, shape } = checkOptions('gatherIntegers', options, OPTIONS);
  checkOneOf('gatherIntegers', 'type', type, NARROW_INTEGERS);
  checkShape('gatherIntegers: shape', shape);
  return apply1(op, [data, indices, rows], { type, shape: [...shape] });
}
