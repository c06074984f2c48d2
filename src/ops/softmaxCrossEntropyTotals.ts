import type { Op } from '../graph.ts';
import { labelKind, softmaxCrossEntropyShader } from './softmaxCrossEntropy.ts';

export interface TotalsAttributes {
  /** How many sums the state holds, and which of them are the loss and the right answers. */
  readonly slots: number;
  readonly loss: number;
  readonly accuracy: number | undefined;
  /** The upstream gradient of the mean loss; undefined where it is the last input. */
  readonly scale: number | undefined;
}

/** One workgroup does it all: with more logits than this it would take longer than many. */
export const MOST_LOGITS = 65536;

/**
 * What fusion makes of softmaxCrossEntropy, correct, their `accumulate`s and the gradient of the weighted mean.
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
