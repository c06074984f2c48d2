import type { Dataset } from '../../data/dataset.ts';
import { DeviceError, MemoryLimitError, NonFiniteError, type NonFiniteLocation } from '../../errors.ts';
import { NON_FINITE_STATE, type NonFinite, nonFiniteIn } from '../../ops/nonFinite.ts';
import type { HostArray, Variable } from '../../tensor.ts';
import type { Compiled } from '../execute/compiled.ts';
import type { StepRunner } from '../execute/stepRunner.ts';
import { evenly, partSeed } from '../step/microBatches.ts';
import type { RowWeights } from '../train/rowWeights.ts';
import { type CheckedTensor, checkResult, checkState } from './checks.ts';
import type { DiagnosticRequest } from './diagnosticStep.ts';
import { adviceOn, describeFinding } from './message.ts';
import type { WatchSettings } from './options.ts';

/** What a watch knows, beside what is on the device; never changed, so that snapshots may hold it. */
export interface MonitorMemory {
  /** It was told, which with `warn` is all. */
  readonly off: boolean;
  readonly restores: number;
  /** Something was found since values were saved: the weights may be to blame, though they are finite. */
  readonly troubled: boolean;
  /** The last values with which all was finite, where they may be needed. */
  readonly saved: readonly (readonly [Variable, HostArray])[];
  /** Optimizer steps, counted as iterations, that were done then. */
  readonly savedAt: number;
}

const NOTHING: MonitorMemory = { off: false, restores: 0, troubled: false, saved: [], savedAt: 0 };

/** A training step that is watched. */
export interface MonitoredStep {
  readonly batch: number;
  /** Examples of the batch. */
  readonly rows: Uint32Array;
  readonly seed: number;
  /** Optimizer step, counted as iterations. */
  readonly number: number;
  /** Whether `look` is to be asked before it is made. */
  readonly due: boolean;
}

/** What a watch looks at. */
export interface MonitoredTraining {
  readonly compiled: Compiled;
  readonly dataset: Dataset;
  readonly weights: RowWeights;
  /** A runner of a step that only looks; the caller's own. */
  readonly diagnosticRunner: (request: DiagnosticRequest) => Promise<StepRunner>;
  /** Called when steps that were submitted have changed nothing and are to be made again. */
  readonly onRollBack: () => Promise<void>;
}

/**
 * Watches the steps of one call of `fit`. Each step looks at prediction, loss, gradients and weights, on the GPU; once it finds
 * something, it and the steps behind it change nothing. So the same batch can be looked at again, with the same weights and
 * without fusion, to tell where it began.
 */
export class NonFiniteMonitor {
  /** Where the steps enter what they find. */
  readonly state = checkState('watch');
  remembered = NOTHING;
  readonly #training: MonitoredTraining;
  readonly #options: WatchSettings;
  #runner!: StepRunner;
  #epoch = 0;
  #firstBatch = 0;
  /** The last step of which something was told: what is found again, after the loss of a device, is not told again. */
  #lastReported = 0;
  #diagnosticRunner: StepRunner | undefined;

  constructor(options: WatchSettings, training: MonitoredTraining) {
    this.#options = options;
    this.#training = training;
  }

  /** An epoch begins. @param firstBatch the one that batches are counted from */
  async begin(runner: StepRunner, epoch: number, firstBatch: number): Promise<void> {
    this.#runner = runner;
    this.#epoch = epoch;
    this.#firstBatch = firstBatch;
    if (this.remembered.saved.length === 0) await this.#save(this.#training.compiled.progress.iterations);
    this.#resetState();
  }

  /** Where training is goes back to a snapshot, which holds this memory. */
  restore(memory: MonitorMemory | undefined): void {
    const { action } = this.#options;
    this.remembered = { ...(memory ?? NOTHING), ...(action === 'warn' && this.#lastReported > 0 ? { off: true } : {}) };
  }

  /** A step has got its numbers. */
  submits(batch: number, rows: Uint32Array, seed: number): MonitoredStep {
    const number = this.#training.compiled.progress.iterations;
    return { batch, rows, seed, number, due: !this.remembered.off && number % this.#options.everySteps === 0 };
  }

  /** Whether a step has come upon something, or was held back. */
  holds(totals: Float32Array): boolean {
    return checkResult(totals)[0] !== 0;
  }

  /**
   * Looks at what the layers make of a batch, before its step; no other is under way.
   * @returns whether the step is to be made; then it asks for its numbers again
   * @throws NonFiniteError where that ends training
   */
  async diagnose(step: MonitoredStep): Promise<boolean> {
    const { compiled, diagnosticRunner } = this.#training;
    compiled.progress.rollBack(step.number - 1); // not made yet
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
    // Since when it is so, nobody knows.
    return (await this.#report(step, found, false, true)) === 'again';
  }

  /**
   * A step has come upon something.
   * @returns the batch to go on with, and whether the step was done
   * @throws NonFiniteError where that ends training
   */
  async found(step: MonitoredStep, totals: Float32Array): Promise<{ next: number; done: boolean }> {
    const { compiled, onRollBack } = this.#training;
    const { progress } = compiled;
    await onRollBack();
    const entered = nonFiniteIn(checkResult(totals))!;
    const known = this.#runner.step.checked![entered.tensor]!;
    // Weights are looked at after they were changed; all else before.
    const done = known.what === 'weight';
    const found = (done ? undefined : await this.#explain(step)) ?? { ...known, ...entered };
    // The steps behind it have changed nothing, and are made again.
    progress.rollBack(done ? step.number : step.number - 1);
    const outcome = await this.#report(step, found, done);
    return { next: done || outcome === 'past' ? step.batch + 1 : step.batch, done };
  }

  /** Frees what lies on the device. */
  releaseRunner(): void {
    this.#diagnosticRunner?.destroy();
    this.#diagnosticRunner = undefined;
    this.#training.compiled.variables.release(this.state);
  }

  /** Where it began; undefined where there is no memory to look, or nothing is found without fusion. */
  async #explain(step: MonitoredStep): Promise<Found | undefined> {
    const { compiled, diagnosticRunner } = this.#training;
    let runner: StepRunner | undefined;
    try {
      // Gradients that overflow for the scale of the loss are none of what is looked for.
      runner = await diagnosticRunner({
        batchSize: this.#runner.step.rowsAtOnce,
        state: checkState('watch/explain'),
        backward: !compiled.spec.lossScale,
      });
      return await this.#diagnoseWith(runner, step);
    } catch (error) {
      if (!(error instanceof DeviceError || error instanceof MemoryLimitError)) throw error; // no room
      compiled.device.checkAlive();
      return undefined;
    } finally {
      runner?.destroy();
    }
  }

  /** Looks at micro-batch after micro-batch, at each in parts where it does not fit, for the first tensor in the order of a step. */
  async #diagnoseWith(runner: StepRunner, { rows, seed }: MonitoredStep): Promise<Found | undefined> {
    const { dataset, weights } = this.#training;
    let first: NonFinite | undefined;
    const size = evenly(rows.length, this.#runner.step.rowsAtOnce);
    for (let part = 0; part * size < rows.length; part++) {
      const micro = rows.subarray(part * size, (part + 1) * size);
      const few = evenly(micro.length, runner.step.batchSize);
      for (let start = 0; start < micro.length; start += few) {
        this.#training.compiled.variables.write(runner.step.totals!.variable!, new Uint32Array(NON_FINITE_STATE));
        await runner.feed(dataset, micro.subarray(start, start + few), weights);
        const { buffer, byteOffset } = await runner.run(partSeed(seed, part));
        const found = nonFiniteIn(new Uint32Array(buffer, byteOffset, NON_FINITE_STATE));
        if (found && !(first && first.tensor <= found.tensor)) first = found;
      }
    }
    return first && { ...runner.step.checked![first.tensor]!, ...first };
  }

  /**
   * Does what is done about a finding, tells of it, and says how training goes on: `again` with what was held back, or `past` it.
   * @param broken whether values are not those of a moment when all was finite
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
      // Before it is told: what the listener changes is not put back.
      this.#putBack(broken);
      progress.rollBack(step.number);
    }
    if (step.number > this.#lastReported) {
      progress.forgetLaterSteps();
      await onNonFinite?.(finding);
      this.#lastReported = step.number;
      if (!onNonFinite && !ends) console.warn(`neurite: ${text} ${whatNow}`);
    } else progress.changes.replayFrom(step.number); // what its listener changed then
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

  /** Nothing was found; once it was told and that is all, nothing will be. */
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
