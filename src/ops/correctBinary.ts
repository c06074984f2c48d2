import source from '../../shaders/correctBinary.wgsl?raw';
import { ShapeError } from '../errors.ts';
import { apply1, flatGrid, type Op } from '../graph.ts';
import type { Passed } from '../options.ts';
import { elements, formatShape, type Tensor } from '../tensor.ts';
import { vec4s, WORKGROUP } from './elementwise.ts';
import { checkSameRows } from './elementwiseLoss.ts';

const shader = { name: 'correctBinary', source };

const op: Op<undefined> = {
  name: 'correctBinary',
  outputs: ([logits, truth]) => {
    checkSameRows('correctBinary', logits!, truth!);
    const n = logits!.shape[0]!;
    if (elements(logits!.shape) !== n) {
      throw new ShapeError(`correctBinary: logits must be [n] or [n, 1], got ${formatShape(logits!.shape)}.`);
    }
    return [{ shape: [n] }];
  },
  dispatches: ({ inputs: [logits, truth], outputs: [y] }) => [
    {
      shader,
      entryPoint: 'forward',
      constants: { N: vec4s(y!) },
      reads: { logits: logits!, truth: truth! },
      writes: { y: y! },
      workgroups: flatGrid(vec4s(y!), WORKGROUP),
    },
  ],
};

/**
 * 1 for each row where logit > 0 (that is, sigmoid(logit) > 0.5) and truth > 0.5 are both true or both false, otherwise
 * 0. A NaN gives 0. The mean is the accuracy. Has no gradient.
 * @param logits `[n]` or `[n, 1]`
 * @param truth f32, `[n]` or `[n, 1]`
 * @returns `[n]`
 * @throws ShapeError if the inputs do not fit
 */
export function correctBinary(logits: Tensor, truth: Tensor, ...more: Passed): Tensor {
  return apply1(op, [logits, truth], undefined, more);
}
