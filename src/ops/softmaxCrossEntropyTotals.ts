import type { Op } from '../graph.ts';
import { labelKind, softmaxCrossEntropyShader } from './softmaxCrossEntropy.ts';

export interface TotalsAttributes {
  /** Number of sums in the state. */
  readonly slots: number;
  /** Index of the sum of losses. */
  readonly loss: number;
  /** Index of the number of right answers; undefined: not counted. */
  readonly accuracy: number | undefined;
  /** The upstream gradient of the mean loss; undefined if it is the last input. */
  readonly scale: number | undefined;
}

/** Largest number of logits. The op runs in one workgroup; for more logits, separate ops with many workgroups are faster. */
export const MOST_LOGITS = 65536;

/**
 * The result of fusing softmaxCrossEntropy, correct, their `accumulate`s and the gradient of the weighted mean.
 * Inputs `state, logits, labels, weights, rows`, and perhaps the upstream gradient; output the gradient of the logits.
 */
export const softmaxCrossEntropyTotalsOp: Op<TotalsAttributes> = {
  name: 'softmaxCrossEntropyTotals',
  mutates: [0],
  outputs: ([, logits]) => [{ shape: logits!.shape }],
  dispatches: ({ inputs: [state, logits, labels, weights, rows, upstream], outputs: [dlogits], attributes }) => {
    const { slots, loss, accuracy = slots, scale } = attributes;
    const factor: Record<string, number> = scale === undefined ? { UPSTREAM: 1 } : { SCALE: scale };
    const [suffix, binding] = labelKind(labels!);
    const [count, classes] = logits!.shape;
    return [
      {
        shader: softmaxCrossEntropyShader,
        entryPoint: `totals${suffix}`,
        constants: { ROWS: count!, CLASSES: classes!, SLOTS: slots, LOSS: loss, ACCURACY: accuracy, ...factor },
        reads: { logits: logits!, [binding]: labels!, weights: weights!, rows: rows!, dy: upstream ?? weights! },
        writes: { state: state!, dlogits: dlogits! },
        workgroups: [1, 1, 1],
      },
    ];
  },
};
