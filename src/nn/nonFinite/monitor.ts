/**
 * Monitors the training steps of `fit` for infinities and NaNs: reads the result of the checks on the GPU, finds the layer where
 * they begin, reports it, and stops, warns or restores.
 */
import { DeviceError, MemoryLimitError, NonFiniteError, type NonFiniteLocation } from '../../errors.ts';
import { NON_FINITE_STATE, type NonFinite, nonFiniteIn } from '../../ops/nonFinite.ts';
import type { HostArray, Variable } from '../../tensor.ts';
import type { Compiled } from '../execute/compiled.ts';
import type { StepRunner } from '../execute/stepRunner.ts';
import { evenly } from '../step/microBatches.ts';
import type { DataBatch } from '../train/batching.ts';
import { type CheckedTensor, checkResult, checkState } from './checks.ts';
import type { DiagnosticRequest } from './diagnosticStep.ts';
import { adviceOn, describeFinding } from './message.ts';
import type { WatchSettings } from './options.ts';

/** The state of a monitor on the host. It is immutable, so that snapshots can hold it. */
export interface MonitorMemory {
  /** Whether checks are off, since `warn` has reported its one finding. */
  readonly off: boolean;
  readonly restores: number;
  /** Whether there was a finding since values were saved: then the weights may be the cause, although they are finite. */
  readonly troubled: boolean;
  /** The last values with which everything was finite; kept for the action `restore` only. */
  readonly saved: readonly (readonly [Variable, HostArray])[];
  /** The number of iterations when they were saved. */
  readonly savedAt: number;
}

const NOTHING: MonitorMemory = { off: false, restores: 0, troubled: false, saved: [], savedAt: 0 };

/** A training step that is monitored. */
export interface MonitoredStep {
  readonly batch: number;
  readonly data: DataBatch;
  readonly seed: number;
  /** The step's number, as `iterations` counts. */
  readonly number: number;
  /** Whether `diagnose` must be called before the step. */
  readonly due: boolean;
}

/** The training that a monitor checks. */
export interface MonitoredTraining {
  readonly compiled: Compiled;
  /** Makes a runner of a diagnostic step. The caller destroys it. */
  readonly diagnosticRunner: (request: DiagnosticRequest) => Promise<StepRunner>;
  /** Called when submitted steps have changed nothing and will be repeated. */
  readonly onRollBack: () => Promise<void>;
}

/**
 * Monitors the steps of one call of `fit`. Each step checks prediction, loss, gradients and weights on the GPU. After a finding,
 * that step and the steps in flight behind it change nothing. So a diagnostic step can compute the same batch again, with the
 * same weights and without fusion, to find where it began.
 */
export class NonFiniteMonitor {
  /** The variable into which steps write the first finding. */
  readonly state = checkState('watch');
  remembered = NOTHING;
  readonly #training: MonitoredTraining;
  readonly #options: WatchSettings;
  #runner!: StepRunner;
  #epoch = 0;
  #firstBatch = 0;
  /** Number of the last step with a report. Findings that come again after the loss of a device are not reported again. */
  #lastReported = 0;
  #diagnosticRunner: StepRunner | undefined;

  constructor(options: WatchSettings, training: MonitoredTraining) {
    this.#options = options;
    this.#training = training;
  }

  /** Begins an epoch. @param firstBatch number of the batch that `submits` counts as 0 */
  async begin(runner: StepRunner, epoch: number, firstBatch: number): Promise<void> {
    this.#runner = runner;
    this.#epoch = epoch;
    this.#firstBatch = firstBatch;
    if (this.remembered.saved.length === 0) await this.#save(this.#training.compiled.progress.iterations);
    this.#resetState();
  }

  /** Restores the state from a snapshot. @param memory the state in the snapshot */
  restore(memory: MonitorMemory | undefined): void {
    const { action } = this.#options;
    this.remembered = { ...(memory ?? NOTHING), ...(action === 'warn' && this.#lastReported > 0 ? { off: true } : {}) };
  }

  /** Describes the next step, which `progress` has counted already. */
  submits(batch: number, data: DataBatch, seed: number): MonitoredStep {
    const number = this.#training.compiled.progress.iterations;
    return { batch, data, seed, number, due: !this.remembered.off && number % this.#options.everySteps === 0 };
  }

  /** Whether a step has a finding, or has changed nothing because of an earlier one. */
  hasFinding(totals: Float32Array): boolean {
    return checkResult(totals)[0] !== 0;
  }

  /**
   * Checks the outputs of all layers for a batch before its step. No other step may be in flight.
   * @returns whether to make the step, which must then be counted again
   * @throws NonFiniteError if the finding ends training
   */
  async diagnose(step: MonitoredStep): Promise<boolean> {
    const { compiled, diagnosticRunner } = this.#training;
    compiled.progress.rollBack(step.number - 1); // the step was counted, but not made yet
    this.#diagnosticRunner ??= await diagnosticRunner({
      batchSize: this.#runner.step.rowsAtOnce,
      state: checkState('watch/look'),
      backward: false,
    });
    const found = await this.#diagnoseWith(this.#diagnosticRunner, step);
    if (!found) {
      await this.#save(step.number - 1);
      return true;
    }
    // It may have begun in any step since the last check, so `broken` is true.
    return (await this.#report(step, found, false, true)) === 'again';
  }

  /**
   * Handles the finding of a step.
   * @returns the batch to continue with, and whether the step has taken effect
   * @throws NonFiniteError if the finding ends training
   */
  async found(step: MonitoredStep, totals: Float32Array): Promise<{ next: number; done: boolean }> {
    const { compiled, onRollBack } = this.#training;
    const { progress } = compiled;
    await onRollBack();
    const entered = nonFiniteIn(checkResult(totals))!;
    const known = this.#runner.step.checked![entered.tensor]!;
    // Weights are checked after the update, everything else before it.
    const done = known.what === 'weight';
    const found = (done ? undefined : await this.#explain(step)) ?? { ...known, ...entered };
    // The later steps have changed nothing and will be repeated.
    progress.rollBack(done ? step.number : step.number - 1);
    const outcome = await this.#report(step, found, done);
    return { next: done || outcome === 'past' ? step.batch + 1 : step.batch, done };
  }

  /** Frees the diagnostic runner and the state variable. */
  releaseRunner(): void {
    this.#diagnosticRunner?.destroy();
    this.#diagnosticRunner = undefined;
    this.#training.compiled.variables.release(this.state);
  }

  /** Finds where a finding began. Undefined if a diagnostic step does not fit into memory, or finds nothing without fusion. */
  async #explain(step: MonitoredStep): Promise<Found | undefined> {
    const { compiled, diagnosticRunner } = this.#training;
    let runner: StepRunner | undefined;
    try {
      // With loss scaling, an overflow of gradients is normal: the scale is halved and the step left out.
      runner = await diagnosticRunner({
        batchSize: this.#runner.step.rowsAtOnce,
        state: checkState('watch/explain'),
        backward: !compiled.spec.lossScale,
      });
      return await this.#diagnoseWith(runner, step);
    } catch (error) {
      if (!(error instanceof DeviceError || error instanceof MemoryLimitError)) throw error; // these two: not enough memory
      compiled.device.checkAlive();
      return undefined;
    } finally {
      runner?.destroy();
    }
  }

  /**
   * Runs the diagnostic step on each micro-batch, in parts if a whole one does not fit. Returns the finding whose tensor comes
   * first in the order of the step.
   */
  async #diagnoseWith(runner: StepRunner, { data, seed }: MonitoredStep): Promise<Found | undefined> {
    const { dataset, rows, weights } = data;
    let first: NonFinite | undefined;
    const size = evenly(rows.length, this.#runner.step.rowsAtOnce);
    for (let part = 0; part * size < rows.length; part++) {
      const micro = rows.subarray(part * size, (part + 1) * size);
      const few = evenly(micro.length, runner.step.batchSize);
      for (let start = 0; start < micro.length; start += few) {
        this.#training.compiled.variables.write(runner.step.totals!.variable!, new Uint32Array(NON_FINITE_STATE));
        await runner.feed(dataset, micro.subarray(start, start + few), weights);
        const { buffer, byteOffset } = await runner.run(seed, undefined, { part, row: part * size + start });
        const found = nonFiniteIn(new Uint32Array(buffer, byteOffset, NON_FINITE_STATE));
        if (found && !(first && first.tensor <= found.tensor)) first = found;
      }
    }
    return first && { ...runner.step.checked![first.tensor]!, ...first };
  }

  /**
   * Reports a finding and takes the configured action. Returns how training continues: `again` repeats the step, `past`
   * leaves its batch out.
   * @param broken whether weights or optimizer state may already be damaged, so that they must be restored
   */
  async #report(step: MonitoredStep, found: Found, done: boolean, broken = done): Promise<'again' | 'past'> {
    const { progress } = this.#training.compiled;
    const { action, restores, onNonFinite } = this.#options;
    const { layer, what, name: tensor, element, value } = found;
    const place = { step: step.number, epoch: this.#epoch, batch: this.#firstBatch + step.batch };
    const finding: NonFiniteLocation = { ...place, layer, what, tensor, element, value };
    const { off, restores: before } = this.remembered;
    this.remembered = { ...this.remembered, restores: before + 1, off: off || action === 'warn' };
    const ends = action === 'stop' || (action === 'restore' && before >= restores);
    const text = `fit: ${describeFinding(finding)} ${adviceOn(finding, progress.learningRate)}`;
    const whatNow = this.#whatNow(broken);
    const past = !ends && action === 'restore';
    if (past) {
      // Restore before the report, so that changes made by the listener are kept.
      this.#putBack(broken);
      progress.rollBack(step.number);
    }
    if (step.number > this.#lastReported) {
      progress.forgetLaterSteps();
      await onNonFinite?.(finding);
      this.#lastReported = step.number;
      if (!onNonFinite && !ends) console.warn(`neurite: ${text} ${whatNow}`);
    } else progress.changes.replayFrom(step.number); // repeats what the listener changed when it was called
    if (ends) {
      const state = done ? 'The weights are no longer finite.' : 'The weights are those from before the step.';
      throw new NonFiniteError(`${text} ${state}`, finding);
    }
    this.#resetState();
    return past ? 'past' : 'again';
  }

  #whatNow(broken: boolean): string {
    const { action, restores } = this.#options;
    if (action === 'warn') return 'Training goes on; this is told once.';
    const { troubled, restores: count, savedAt } = this.remembered;
    const back =
      broken || troubled
        ? `, and weights and optimizer state are put back to what they were after ${savedAt} steps`
        : '';
    return `The batch is left out${back}: ${count} of ${restores} restores.`;
  }

  async #save(savedAt: number): Promise<void> {
    if (this.#options.action !== 'restore') return;
    const { variables, state } = this.#training.compiled;
    const saved = await Promise.all(state.map(async (variable) => [variable, await variables.read(variable)] as const));
    this.remembered = { ...this.remembered, troubled: false, saved, savedAt };
  }

  /** Clears the state. Once checks are off, a 1 in its last number disables them on the GPU. */
  #resetState(): void {
    this.#training.compiled.variables.write(this.state, Uint32Array.of(0, 0, this.remembered.off ? 1 : 0));
  }

  /** @param broken as in `#report` */
  #putBack(broken: boolean): void {
    const { troubled, saved } = this.remembered;
    this.remembered = { ...this.remembered, troubled: true };
    if (!broken && !troubled) return;
    for (const [variable, values] of saved) this.#training.compiled.variables.write(variable, values);
  }
}

type Found = CheckedTensor & NonFinite;
