import type { Dataset } from '../../data/dataset.ts';
import type { Compiled } from '../execute/compiled.ts';
import { batchesOf, range } from './batching.ts';
import type { Logs } from './callbacks.ts';
import { averages, runEpoch } from './epoch.ts';
import type { RowWeights } from './rowWeights.ts';

/** Milliseconds between snapshots in calls that make a single step: about this much work is lost with a device at most. */
export const SNAPSHOT_MS = 10_000;

/** Makes one optimizer step on a whole dataset as one batch; see `Model.trainOnBatch`. */
export async function trainBatch(compiled: Compiled, dataset: Dataset, weights: RowWeights): Promise<Logs> {
  const { progress, snapshots } = compiled;
  const runner = await compiled.runner('train', dataset, dataset.size);
  const before = progress.iterations;
  let logs: Logs = {};
  try {
    await runEpoch(runner, batchesOf(dataset, range(dataset.size), weights, dataset.size), () => progress.nextStep(), {
      onStep: (_, size, totals) => {
        logs = averages(compiled.logNames, totals, size);
      },
    });
  } catch (error) {
    progress.rollBack(before); // the step has failed, so it does not count
    throw error;
  }
  await snapshots.refresh(SNAPSHOT_MS);
  return logs;
}
