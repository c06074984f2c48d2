/** Adds up the values of a batch's rows into a variable: losses and metrics, which the host reads once for many batches. */
import source from '../../shaders/accumulate.wgsl?raw';
import { ArgumentError, ShapeError } from '../errors.ts';
import { apply, type Dispatch, expectDType, flatGrid, type Op, type OutputSpec } from '../graph.ts';
import { checkOptions } from '../options.ts';
import { elements, formatShape, sameShape, type Tensor } from '../tensor.ts';
import { vec4s, WORKGROUP } from './elementwise.ts';
import { checkRows, checkVector } from './rows.ts';

const shader = { name: 'accumulate', source };

export interface AccumulateOptions {
  /** Index of the sum in the state, from 0. */
  readonly slot: number;
  /** Number of sums in the state. */
  readonly slots: number;
  /** f32 `[n]`. Absent: every row has the weight 1. */
  readonly weights?: Tensor;
}

export interface AccumulateAttributes {
  readonly slot: number;
  readonly slots: number;
}

/** One invocation sums up to this many vec4s in less time than a second dispatch takes. */
const FEW = 256;

/** Number of parts of a long sum. It makes the sum of a part as long as the sum over the parts, which adds four at a time. */
function partsOf(values: Tensor): number {
  const n = vec4s(values);
  return n <= FEW ? 1 : 4 * Math.ceil(Math.sqrt(n) / 2);
}

/** The temporary for the sums of the parts, if there are several. */
export function partialSums(values: Tensor): OutputSpec[] {
  const parts = partsOf(values);
  return parts > 1 ? [{ shape: [parts], name: 'partial' }] : [];
}

/** The dispatches that sum the first `rows` values into `y[slot]`; with `mean`, they sum all values and divide by `rows`. */
export function sumOfRows(
  reads: { readonly values: Tensor; readonly rows: Tensor; readonly weights?: Tensor },
  y: Tensor,
  slot: number,
  mean: boolean,
  partial: Tensor | undefined,
): Dispatch[] {
  const MEAN = Number(mean);
  const parts = partsOf(reads.values);
  const first: Dispatch = {
    shader,
    entryPoint: reads.weights ? 'weighted' : 'plain',
    constants: { N: elements(reads.values.shape), SLOT: partial ? 0 : slot, PARTS: parts, MEAN },
    reads,
    writes: { y: partial ?? y },
    workgroups: flatGrid(parts, WORKGROUP),
  };
  if (!partial) return [first];
  const finish: Dispatch = {
    shader,
    entryPoint: 'finish',
    constants: { N: parts, SLOT: slot, PARTS: 1, MEAN },
    reads: { values: partial, rows: reads.rows },
    writes: { y },
    workgroups: [1, 1, 1],
  };
  return [first, finish];
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
    if (!sameShape(state!.shape, [slots])) {
      throw new ShapeError(
        `accumulate: the state of ${slots} slots must be [${slots}], got ${formatShape(state!.shape)}.`,
      );
    }
    checkVector('accumulate', 'values', values!);
    checkRows('accumulate', rows!);
    if (weights) checkVector('accumulate', 'weights', weights, values!.shape[0]);
    return [];
  },
  scratch: ([, values]) => partialSums(values!),
  dispatches: ({ inputs: [state, values, rows, weights], scratch: [partial], attributes: { slot } }) =>
    sumOfRows({ values: values!, rows: rows!, ...(weights && { weights }) }, state!, slot, false, partial),
};

/**
 * Sums a batch's losses or metrics into a variable that holds several such sums, so that the host reads them together:
 * `state[slot]` = the sum over i < rows of w_i v_i. The host adds the sums of many batches, in double precision.
 * @param state a variable, f32 `[slots]`
 * @param values f32 `[n]`
 * @param rows u32 `[1]`: the number of values to sum
 * @throws ArgumentError for a slot that does not exist, or a state that is not a variable
 * @throws ShapeError if the inputs do not fit
 */
export function accumulate(state: Tensor, values: Tensor, rows: Tensor, options: AccumulateOptions): void {
  const kinds = { slot: 'countFrom0', slots: 'count', weights: 'any' } as const;
  const { slot, slots, weights } = checkOptions('accumulate', options, kinds, true);
  apply(accumulateOp, [state, values, rows, ...(weights ? [weights] : [])], { slot, slots });
}
