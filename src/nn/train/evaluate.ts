/** Loss and metrics of a compiled model over a dataset, in inference mode. */
import { type Dataset, type ExampleStream, isStream } from '../../data/dataset.ts';
import type { Kind } from '../../options.ts';
import type { Compiled } from '../execute/compiled.ts';
import { type Batches, batchesOf, batchSizeOf, range } from './batching.ts';
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
  dataset: Dataset | ExampleStream,
  batchSize: number | undefined,
  weights: RowWeights,
): Promise<Logs> {
  const most = batchSizeOf(dataset, batchSize);
  const runner = await compiled.runner('evaluate', dataset, most);
  const size = examplesAtOnce(runner, dataset, most);
  // Defined, since nothing stops this pass before its end.
  const logs = async (batches: Batches) => (await evaluateWith(compiled.logNames, runner, batches))!;
  if (!isStream(dataset)) return logs(batchesOf(dataset, range(dataset.size), weights, size));
  const { withStream } = await import('./streamBatches.ts'); // few pages have streams
  return withStream(compiled, dataset, { size, splits: true }, logs);
}
