/**
 * One pass over a dataset: feeds batches to a step runner with several steps in flight, and calls back in order. Training,
 * evaluation and prediction use it.
 */
import { ArrayDataset, type Dataset, type ExampleStream, isStream } from '../../data/dataset.ts';
import type { StepRunner } from '../execute/stepRunner.ts';
import type { MonitoredStep, NonFiniteMonitor } from '../nonFinite/monitor.ts';
import type { Batches } from './batching.ts';
import type { Logs } from './callbacks.ts';
import { StepsInFlight } from './stepsInFlight.ts';

/** Seed and hyperparameters of steps that change nothing: evaluations and predictions. */
export const noStep = () => ({ seed: 0, hyper: [] });

/** Hooks and controls of a pass over data. */
export interface EpochOptions {
  /** Called and awaited before each step, which it may delay or prevent. */
  readonly onBegin?: (batch: number) => void | Promise<void>;
  /** Called and awaited after each step, in order. */
  readonly onStep?: (batch: number, size: number, totals: Float32Array) => void | Promise<void>;
  /** Called instead of `onStep` if the monitor leaves a batch out. */
  readonly onSkip?: (batch: number) => void;
  /** Whether to stop. Called before a batch is read and again before its step; may throw. */
  readonly stopped?: () => boolean;
  /** Pauses steps: each step waits until `opened`, then calls `pass`, which uses up a permit, unless it is `free`. */
  readonly pause?: { readonly closed: boolean; opened(): Promise<void>; readonly free: boolean; pass(): void };
  /** Whether the next step begins only after all steps before it are done and their hooks were called. */
  readonly alone?: () => boolean;
  /** Limits the steps in flight. Default: a new instance for this pass. */
  readonly stepsInFlight?: StepsInFlight;
  /** Checks the steps for values that are not finite. */
  readonly monitor?: NonFiniteMonitor | undefined;
}

/**
 * Examples per batch: data in memory and single examples of a stream fill the step, other datasets are read in batches of at most the
 * requested size.
 */
export function examplesAtOnce({ step }: StepRunner, dataset: Dataset | ExampleStream, batchSize: number): number {
  const fills = isStream(dataset) ? dataset.batchSize === undefined : dataset instanceof ArrayDataset;
  return fills ? step.batchSize : Math.min(step.batchSize, batchSize);
}

/**
 * One pass over batches, with a few steps in flight.
 * @param step gives seed and hyperparameters for a batch; it is called again for a batch that the monitor has repeated
 * @returns whether it came to the end; false if it was stopped
 */
export async function runEpoch(
  runner: StepRunner,
  batches: Batches,
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
  }: EpochOptions = {},
): Promise<boolean> {
  const pending: { readonly done: Promise<Float32Array>; readonly complete: () => Promise<void> }[] = [];
  let batch = 0;
  /** A step or a hook has failed: no hooks are called for the steps after it. */
  let failed = false;
  /** The monitor has found a value that is not finite: the later steps in flight have changed nothing. */
  let interrupted = false;
  /** The batch to continue with after that. */
  let next = 0;
  const finish = async (left: number) => {
    while (pending.length > (interrupted ? 0 : left)) {
      failed = true; // stays true if the next line throws
      await pending.shift()!.complete();
      failed = false;
    }
    const again = interrupted;
    if (again) batch = next;
    interrupted = false;
    return again;
  };
  const complete = async (watched: MonitoredStep | undefined, totals: Float32Array, at: number, size: number) => {
    if (interrupted) return;
    if (watched && monitor!.hasFinding(totals)) {
      interrupted = true;
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
      const ended = batch === batches.count;
      if (await finish(ended ? 0 : most - 1)) continue;
      if (ended) return true;
      if (stopped()) break;
      const reading = batches.batch(batch);
      const given = reading instanceof Promise ? await reading : reading;
      if (!given) {
        if (stopped()) break; // which has ended the wait for the batch
        if (await finish(0)) continue;
        return true;
      }
      await runner.feed(given.dataset, given.rows, given.weights);
      // Pause and stop are checked after the reading, which may take long, so that they take effect before this step.
      if (pause?.closed && (await finish(0))) continue; // while paused, the steps in flight are completed
      await pause?.opened();
      if (stopped()) break;
      const at = batch;
      const begins = onBegin?.(at);
      if (begins) {
        await begins;
        await pause?.opened();
        if (stopped()) break;
      }
      const pass = pause?.free ? undefined : pause?.pass; // read now: step() counts the step, which may change `free`
      let { seed, hyper } = step(at);
      const watched = monitor?.submits(at, given, seed);
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
        () => {}, // complete() handles the rejection
      );
      pending.push({ done, complete: async () => complete(watched, await done, at, given.rows.length) });
      batches.readAhead?.();
      batch++;
    }
    await finish(0); // completes the steps in flight after a stop
    return false;
  } catch (error) {
    // The first error is thrown. After an abort, the hooks of the steps in flight are still called. In any case this waits until
    // those steps have ended, so that their staging buffers are free for the next call.
    if (!failed) await finish(0).catch(() => {});
    await Promise.allSettled(pending.map(({ done }) => done));
    throw error;
  }
}

/** Loss and metrics as averages, from their sums over rows. */
export function averages(names: readonly string[], totals: ArrayLike<number>, rows: number): Logs {
  return Object.fromEntries(names.map((name, k) => [name, totals[k]! / rows]));
}

/** Adds the totals of a step to their sums. These are in double precision, since a long sum in single precision loses digits. */
export function added(sums: Float64Array, totals: Float32Array): Float64Array {
  return Float64Array.from(totals, (total, k) => (sums[k] ?? 0) + total);
}

/** Loss and metrics over batches; undefined if it was stopped before the end. */
export async function evaluateWith(
  names: readonly string[],
  runner: StepRunner,
  batches: Batches,
  options: Omit<EpochOptions, 'onStep'> = {},
): Promise<Logs | undefined> {
  let sums: Float64Array = new Float64Array();
  let rows = 0;
  const onStep = (_: number, size: number, totals: Float32Array) => {
    sums = added(sums, totals);
    rows += size;
  };
  const ended = await runEpoch(runner, batches, noStep, { ...options, onStep });
  return ended ? averages(names, sums, rows) : undefined;
}
