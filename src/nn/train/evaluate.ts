/** Loss and metrics of a compiled model over a dataset, in inference mode. */
import type { Dataset } from '../../data/dataset.ts';
import type { Kind } from '../../options.ts';
import type { Compiled } from '../execute/compiled.ts';
import { range } from './batching.ts';
import type { Logs } from './callbacks.ts';
import { evaluateWith, examplesAtOnce } from './epoch.ts';
import type { RowWeights } from './rowWeights.ts';

export interface EvaluateOptions {
  /** Default 32. */
  readonly batchSize?: number;
  /** Weight of each example in the loss. */
  readonly sampleWeight?: ArrayLike<number>;
}

/** The type of each option, for `checkOptions`. */
export const EVALUATE_OPTIONS = { batchSize: 'count', sampleWeight: 'list' } as const satisfies Record<
  keyof EvaluateOptions,
  Kind
>;

/** See `Model.evaluate`. */
export async function evaluateDataset(
  compiled: Compiled,
  dataset: Dataset,
  batchSize: number,
  weights: RowWeights,
): Promise<Logs> {
  const runner = await compiled.runner('evaluate', dataset, batchSize);
  const options = { batchSize: examplesAtOnce(runner, dataset, batchSize) };
  // Defined, since nothing stops this pass before its end.
  return (await evaluateWith(compiled.logNames, runner, dataset, range(dataset.size), weights, options))!;
}
