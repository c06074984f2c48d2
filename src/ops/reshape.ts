import { ShapeError } from '../errors.ts';
import { apply1, expectTensors, type Op } from '../graph.ts';
import type { Passed } from '../options.ts';
import { checkShape, elements, formatShape, type Shape, sameShape, type Tensor } from '../tensor.ts';

const op: Op<{ readonly shape: Shape }> = {
  name: 'reshape',
  aliasesInput: true,
  outputs: ([x], { shape }) => {
    if (elements(x!.shape) !== elements(shape)) {
      throw new ShapeError(
        `reshape: ${formatShape(x!.shape)} has ${elements(x!.shape)} elements, ${formatShape(shape)} has ${elements(shape)}.`,
      );
    }
    return [{ shape, dtype: x!.dtype }];
  },
  backward: ({ inputs: [x] }, [dy]) => [reshape(dy!, x!.shape)],
};

/** The same elements in another shape. It costs nothing, because both tensors share the memory. */
export function reshape(x: Tensor, shape: Shape, ...more: Passed): Tensor {
  expectTensors('reshape', [x], more);
  checkShape('reshape', shape);
  return sameShape(x.shape, shape) ? x : apply1(op, [x], { shape });
}

/** `[n, ...]` to `[n, product of the rest]`. */
export function flatten(x: Tensor, ...more: Passed): Tensor {
  expectTensors('flatten', [x], more);
  return reshape(x, [x.shape[0]!, elements(x.shape.slice(1))]);
}
