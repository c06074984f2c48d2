import { ArrayDataset, type Dataset } from '../../data/dataset.ts';
import type { StepRunner } from '../execute/stepRunner.ts';
import type { MonitoredStep, NonFiniteMonitor } from '../nonFinite/monitor.ts';
import type { Logs } from './callbacks.ts';
import type { RowWeights } from './rowWeights.ts';
import { StepsInFlight } from './stepsInFlight.ts';

/** Numbers of a step that changes nothing: evaluations and predictions. */
export const noStep = () => ({ seed: 0, hyper: [] });

/** What a pass over data heeds, beside the data. */
export interface EpochOptions {
  /** Called before each step, and awaited: it may stop it, or hold it back. */
  readonly onBegin?: (batch: number) => void | Promise<void>;
  /** Called after each step, in order, and awaited. */
  readonly onStep?: (batch: number, size: number, totals: Float32Array) => void | Promise<void>;
  /** Called instead, where a watch leaves a batch out. */
  readonly onSkip?: (batch: number) => void;
  /** Asked before a batch is read and before its step; may throw. */
  readonly stopped?: () => boolean;
  /** Holds steps back: each waits until it is open, and passes, unless the next one is free. */
  readonly pause?: { readonly closed: boolean; opened(): Promise<void>; readonly free: boolean; pass(): void };
  /** Whether the next step begins only when all before it are done and told. */
  readonly alone?: () => boolean;
  /** Sets how many steps may be under way; of its own, if absent. */
  readonly stepsInFlight?: StepsInFlight;
  /** Looks for what is not finite. */
  readonly monitor?: NonFiniteMonitor | undefined;
  /** Examples of a batch, at most as many as the step takes. Default: as many. */
  readonly batchSize?: number;
}

/** Examples that go through a step at once: of data in memory as many as it takes; others are asked for as many as was said. */
export function examplesAtOnce({ step }: StepRunner, dataset: Dataset, batchSize: number): number {
  return dataset instanceof ArrayDataset ? step.batchSize : Math.min(step.batchSize, batchSize);
}

/**
 * One pass over `indices`, with at most a few steps in flight.
 * @param step the numbers of the step of a batch; a batch may come again, after a watch has found something
 */
export async function runEpoch(
  runner: StepRunner,
  dataset: Dataset,
  indices: Uint32Array,
  weights: RowWeights,
  step: (batch: number) => { seed: number; hyper: readonly number[] },
  {
    onBegin,
    onStep,
    onSkip,
    stopped = () => false,
    pause,
    alone,
    stepsInFlight = new StepsInFlight(),
    monitor,
    batchSize = runner.step.batchSize,
  }: EpochOptions = {},
): Promise<void> {
  const batches = Math.ceil(indices.length / batchSize);
  const pending: { readonly done: Promise<Float32Array>; readonly complete: () => Promise<void> }[] = [];
  let batch = 0;
  /** A step or a callback has failed: nobody is told of the steps behind it. */
  let failed = false;
  /** The watch has found something: steps that come after it, under way already, were held back. */
  let turned = false;
  /** Where to go on then. */
  let next = 0;
  const finish = async (left: number) => {
    while (pending.length > (turned ? 0 : left)) {
      failed = true; // until it has not
      await pending.shift()!.complete();
      failed = false;
    }
    const again = turned;
    if (again) batch = next;
    turned = false;
    return again;
  };
  const complete = async (watched: MonitoredStep | undefined, totals: Float32Array, at: number, size: number) => {
    if (turned) return;
    if (watched && monitor!.holds(totals)) {
      turned = true;
      const found = await monitor!.found(watched, totals);
      next = found.next;
      if (!found.done) {
        if (next > at) onSkip?.(at);
        return;
      }
    }
    await onStep?.(at, size, totals);
  };
  try {
    while (true) {
      const most = alone?.() ? 1 : Math.min(stepsInFlight.limit, runner.mostUnderWay);
      if (await finish(batch < batches ? most - 1 : 0)) continue;
      if (batch >= batches || stopped()) break;
      const rows = indices.subarray(batch * batchSize, (batch + 1) * batchSize);
      await runner.feed(dataset, rows, weights);
      // After the reading, which may take long: a pause or a stop meanwhile holds for this step.
      if (pause?.closed && (await finish(0))) continue; // what is under way when training is paused is seen to its end
      await pause?.opened();
      if (stopped()) break;
      const at = batch;
      const begins = onBegin?.(at);
      if (begins) {
        await begins;
        await pause?.opened();
        if (stopped()) break;
      }
      const pass = pause?.free ? undefined : pause?.pass; // before the step is counted
      let { seed, hyper } = step(at);
      const watched = monitor?.submits(at, rows, seed);
      if (watched?.due) {
        if (await finish(0)) continue;
        if (!(await monitor!.diagnose(watched))) {
          pass?.();
          onSkip?.(at);
          batch++;
          continue;
        }
        await pause?.opened();
        if (stopped()) break;
        ({ seed, hyper } = step(at));
      }
      pass?.();
      const submitted = performance.now();
      const underWay = pending.length + 1;
      const done = runner.run(seed, hyper);
      done.then(
        () => stepsInFlight.ended(performance.now() - submitted, underWay),
        () => {}, // whoever awaits it hears of it
      );
      pending.push({ done, complete: async () => complete(watched, await done, at, rows.length) });
      batch++;
    }
    await finish(0); // steps under way when it was stopped
  } catch (error) {
    // The first error counts. Those under way when it was aborted are told of; they have ended in any case, so that whoever calls
    // next finds the ring free.
    if (!failed) await finish(0).catch(() => {});
    await Promise.allSettled(pending.map(({ done }) => done));
    throw error;
  }
}

/** Loss and metrics from sums over rows. */
export function averages(names: readonly string[], totals: ArrayLike<number>, rows: number): Logs {
  return Object.fromEntries(names.map((name, k) => [name, totals[k]! / rows]));
}

/** Totals of several steps. In double precision: in single precision, steps would be lost to a long sum. */
export function added(sums: Float64Array, totals: Float32Array): Float64Array {
  return Float64Array.from(totals, (total, k) => (sums[k] ?? 0) + total);
}

/** Loss and metrics over some examples of a dataset; undefined where it was stopped before its end. */
export async function evaluateWith(
  names: readonly string[],
  runner: StepRunner,
  dataset: Dataset,
  indices: Uint32Array,
  weights: RowWeights = {},
  options: Omit<EpochOptions, 'onStep'> = {},
): Promise<Logs | undefined> {
  let sums: Float64Array = new Float64Array();
  let rows = 0;
  const onStep = (_: number, size: number, totals: Float32Array) => {
    sums = added(sums, totals);
    rows += size;
  };
  await runEpoch(runner, dataset, indices, weights, noStep, { ...options, onStep });
  return rows === indices.length ? averages(names, sums, rows) : undefined;
}
