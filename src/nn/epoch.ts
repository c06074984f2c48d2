import type { Dataset } from '../data/dataset.ts';
import type { Logs } from './callbacks.ts';
import { type BatchRunner, type RowWeights, STEPS_IN_FLIGHT } from './runner.ts';

/** Numbers of a step that changes nothing: evaluations and predictions. */
export const noStep = () => ({ seed: 0, hyper: [] });

/** One pass over `indices`, with at most a few steps in flight. */
export async function runEpoch(
  runner: BatchRunner,
  dataset: Dataset,
  indices: Uint32Array,
  weights: RowWeights,
  step: () => { seed: number; hyper: readonly number[] },
  onStep?: (batch: number, size: number, totals: Float32Array) => void | Promise<void>,
  stopped: () => boolean = () => false,
): Promise<void> {
  const { batchSize } = runner.step;
  const pending: (() => Promise<void>)[] = [];
  try {
    for (let batch = 0, start = 0; start < indices.length && !stopped(); batch++, start += batchSize) {
      if (pending.length >= STEPS_IN_FLIGHT) await pending.shift()!();
      if (stopped()) break;
      const rows = indices.subarray(start, start + batchSize);
      await runner.feed(dataset, rows, weights);
      const { seed, hyper } = step();
      const done = runner.run(seed, hyper);
      pending.push(async () => {
        const totals = await done;
        await onStep?.(batch, rows.length, totals);
      });
    }
  } finally {
    // Steps under way are waited for even after an error, so that whoever calls next finds the ring free.
    for (const finish of pending) await finish();
  }
}

/** Loss and metrics from sums over rows. */
export function averages(names: readonly string[], totals: ArrayLike<number>, offset: number, rows: number): Logs {
  return Object.fromEntries(names.map((name, k) => [name, totals[offset + k]! / rows]));
}

/** Loss and metrics over some examples of a dataset. */
export async function evaluateWith(
  names: readonly string[],
  runner: BatchRunner,
  dataset: Dataset,
  indices: Uint32Array,
  weights: RowWeights = {},
): Promise<Logs> {
  let sums = new Float32Array();
  runner.clearTotals();
  await runEpoch(runner, dataset, indices, weights, noStep, (_, __, totals) => {
    sums = totals.slice();
  });
  return averages(names, sums, names.length, indices.length);
}
