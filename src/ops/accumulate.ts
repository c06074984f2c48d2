import source from '../../shaders/accumulate.wgsl?raw';
import { ArgumentError, ShapeError } from '../errors.ts';
import { apply, expectDType, type Op } from '../graph.ts';
import { checkOptions } from '../options.ts';
import { elements, formatShape, sameShape, type Tensor } from '../tensor.ts';
import { checkRows, checkVector } from './weightedMean.ts';

const shader = { name: 'accumulate', source };

export interface AccumulateOptions {
  /** Which sum of the state this is, from 0. */
  readonly slot: number;
  /** How many sums the state holds. */
  readonly slots: number;
  /** f32 `[n]`; absent: every row counts once. */
  readonly weights?: Tensor;
}

export interface AccumulateAttributes {
  readonly slot: number;
  readonly slots: number;
}

/** Inputs `state, values, rows` and perhaps `weights`. */
export const accumulateOp: Op<AccumulateAttributes> = {
  name: 'accumulate',
  mutates: [0],
  outputs: ([state, values, rows, weights], { slot, slots }) => {
    if (slot >= slots) {
      throw new ArgumentError(`accumulate: slot ${slot} is none of ${slots} slots, which count from 0.`);
    }
    expectDType('accumulate', state!, 'f32');
    if (!sameShape(state!.shape, [2 * slots])) {
      throw new ShapeError(
        `accumulate: the state of ${slots} slots must be [${2 * slots}], got ${formatShape(state!.shape)}.`,
      );
    }
    checkVector('accumulate', 'values', values!);
    checkRows('accumulate', rows!);
    if (weights) checkVector('accumulate', 'weights', weights, values!.shape[0]);
    return [];
  },
  dispatches: ({ inputs: [state, values, rows, weights], attributes: { slot, slots } }) => [
    {
      shader,
      entryPoint: weights ? 'weighted' : 'plain',
      constants: { N: elements(values!.shape), SLOT: slot, SLOTS: slots },
      reads: { values: values!, rows: rows!, ...(weights ? { weights } : {}) },
      writes: { state: state! },
      workgroups: [1, 1, 1],
    },
  ],
};

/**
 * Sums a batch's losses or metrics into a variable, so that nothing is read back in the step: with s the sum over i < rows
 * of w_i v_i, `state[slot] = s` and `state[slots + slot] += s`.
 * @param state a variable, f32 `[2 * slots]`: this batch's sums, then the running ones, which the host sets to 0
 * @param values f32 `[n]`
 * @param rows u32 `[1]`: how many of the values count
 * @throws ArgumentError for a slot that does not exist, or a state that is no variable
 * @throws ShapeError where the inputs do not fit
 */
export function accumulate(state: Tensor, values: Tensor, rows: Tensor, options: AccumulateOptions): void {
  const kinds = { slot: 'countFrom0', slots: 'count', weights: 'any' } as const;
  const { slot, slots, weights } = checkOptions('accumulate', options, kinds, true);
  apply(accumulateOp, [state, values, rows, ...(weights ? [weights] : [])], { slot, slots });
}
