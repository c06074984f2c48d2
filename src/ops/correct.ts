import source from '../../shaders/correct.wgsl?raw';
import { apply1, flatGrid, type Op } from '../graph.ts';
import type { Passed } from '../options.ts';
import type { Tensor } from '../tensor.ts';
import { WORKGROUP } from './elementwise.ts';
import { checkScores } from './softmaxCrossEntropy.ts';

const shader = { name: 'correct', source };

export const correctOp: Op<undefined> = {
  name: 'correct',
  outputs: ([scores, labels]) => {
    checkScores('correct', scores!, labels!);
    return [{ shape: [scores!.shape[0]!] }];
  },
  dispatches: ({ inputs: [scores, labels], outputs: [y] }) => {
    const [rows, classes] = scores!.shape;
    const numbers = labels!.dtype === 'i32';
    return [
      {
        shader,
        entryPoint: numbers ? 'classes' : 'oneHot',
        constants: { ROWS: rows!, CLASSES: classes! },
        reads: { scores: scores!, [numbers ? 'labels' : 'truth']: labels! },
        writes: { y: y! },
        workgroups: flatGrid(rows!, WORKGROUP),
      },
    ];
  },
};

/**
 * 1 for each row whose largest score is that of its class, otherwise 0. The mean is the accuracy. Of equal scores the
 * first counts as the largest, as in Keras. A row with a NaN is wrong. Has no gradient.
 * @param scores `[n, classes]`: logits or probabilities
 * @param labels i32 `[n]`, or f32 `[n, classes]`, where the index of the largest entry is the class
 * @returns `[n]`
 * @throws ShapeError if scores and labels do not fit
 */
export function correct(scores: Tensor, labels: Tensor, ...more: Passed): Tensor {
  return apply1(correctOp, [scores, labels], undefined, more);
}
