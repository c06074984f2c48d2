import type { Dataset } from '../data/dataset.ts';
import type { Logs } from './callbacks.ts';
import { Pace } from './pace.ts';
import type { BatchRunner, RowWeights } from './runner.ts';

/** Numbers of a step that changes nothing: evaluations and predictions. */
export const noStep = () => ({ seed: 0, hyper: [] });

/** What a pass over data heeds, beside the data. */
export interface Flow {
  /** Called after each step, in order, and awaited. */
  readonly onStep?: (batch: number, size: number, totals: Float32Array) => void | Promise<void>;
  /** Asked before a batch is read and before its step; may throw. */
  readonly stopped?: () => boolean;
  /** Holds steps back: each waits until it may pass. */
  readonly gate?: { readonly closed: boolean; pass(): Promise<void> };
  /** Sets how many steps may be under way; of its own, if absent. */
  readonly pace?: Pace;
}

/** One pass over `indices`, with at most a few steps in flight. */
export async function runEpoch(
  runner: BatchRunner,
  dataset: Dataset,
  indices: Uint32Array,
  weights: RowWeights,
  step: () => { seed: number; hyper: readonly number[] },
  { onStep, stopped = () => false, gate, pace = new Pace() }: Flow = {},
): Promise<void> {
  const { batchSize } = runner.step;
  const pending: (() => Promise<void>)[] = [];
  const finish = async (left: number) => {
    while (pending.length > left) await pending.shift()!();
  };
  try {
    for (let batch = 0, start = 0; start < indices.length; batch++, start += batchSize) {
      await finish(Math.min(pace.limit, runner.mostUnderWay) - 1);
      if (stopped()) break;
      const rows = indices.subarray(start, start + batchSize);
      await runner.feed(dataset, rows, weights);
      // After the reading, which may take long: a pause or a stop meanwhile holds for this step.
      if (gate?.closed) await finish(0); // what is under way when training is paused is seen to its end
      await gate?.pass();
      if (stopped()) break;
      const { seed, hyper } = step();
      const submitted = performance.now();
      const underWay = pending.length + 1;
      const done = runner.run(seed, hyper);
      done.then(
        () => pace.ended(performance.now() - submitted, underWay),
        () => {}, // whoever awaits it hears of it
      );
      pending.push(async () => {
        const totals = await done;
        await onStep?.(batch, rows.length, totals);
      });
    }
  } finally {
    // Steps under way are waited for even after an error, so that whoever calls next finds the ring free.
    for (const last of pending) await last();
  }
}

/** Loss and metrics from sums over rows. */
export function averages(names: readonly string[], totals: ArrayLike<number>, offset: number, rows: number): Logs {
  return Object.fromEntries(names.map((name, k) => [name, totals[offset + k]! / rows]));
}

/** Loss and metrics over some examples of a dataset; undefined where it was stopped before its end. */
export async function evaluateWith(
  names: readonly string[],
  runner: BatchRunner,
  dataset: Dataset,
  indices: Uint32Array,
  weights: RowWeights = {},
  flow: Omit<Flow, 'onStep'> = {},
): Promise<Logs | undefined> {
  let sums = new Float32Array();
  let rows = 0;
  runner.clearTotals();
  const onStep = (_: number, size: number, totals: Float32Array) => {
    sums = totals.slice();
    rows += size;
  };
  await runEpoch(runner, dataset, indices, weights, noStep, { ...flow, onStep });
  return rows === indices.length ? averages(names, sums, names.length, rows) : undefined;
}
