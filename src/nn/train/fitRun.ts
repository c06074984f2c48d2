/**
 * Runs one call of `fit`: its epochs, steps, validation and callbacks. It keeps its position in the run, so that after the
 * loss of a device it continues from the last snapshot.
 */
import { type Dataset, type ExampleStream, isStream } from '../../data/dataset.ts';
import { DeviceError } from '../../errors.ts';
import type { Compiled } from '../execute/compiled.ts';
import type { StepRunner } from '../execute/stepRunner.ts';
import type { Model } from '../model.ts';
import { NonFiniteMonitor } from '../nonFinite/monitor.ts';
import type { WatchSettings } from '../nonFinite/options.ts';
import type { recoveryOptions } from '../recovery/options.ts';
import { continued, type LoadedRun } from '../recovery/runFile.ts';
import { SnapshotScheduler } from '../recovery/snapshotScheduler.ts';
import type { TrainingPosition } from '../recovery/snapshots.ts';
import type { Mode } from '../step/step.ts';
import { type Callback, CallbackList, type History, type Logs, ofValidation } from './callbacks.ts';
import { added, averages, type EpochOptions, evaluateWith, runEpoch } from './epoch.ts';
import { ResidentDatasets } from './residentDatasets.ts';
import type { RowWeights } from './rowWeights.ts';
import { RunBatches } from './runBatches.ts';
import { StepsInFlight } from './stepsInFlight.ts';
import { TrainingControls } from './trainingControls.ts';

/** The checked options of a run, with their defaults filled in. */
export interface FitSetup {
  readonly compiled: Compiled;
  readonly model: Model;
  readonly dataset: Dataset | ExampleStream;
  /** Examples to train on, before shuffling; undefined for a stream. */
  readonly rows: Uint32Array | undefined;
  readonly weights: RowWeights;
  readonly validation: Dataset | ExampleStream | undefined;
  readonly validationRows: Uint32Array | undefined;
  /** Class weights apply to training alone. */
  readonly validationWeights: RowWeights;
  readonly epochs: number;
  readonly batchSize: number;
  /** Undefined for a stream that is read to its end. */
  readonly stepsPerEpoch: number | undefined;
  readonly shuffle: boolean;
  readonly validationSplit: number;
  readonly maxResidentBytes: number;
  readonly callbacks: Callback | readonly Callback[];
  readonly signal: AbortSignal | undefined;
  /** Undefined: a lost device ends the run. */
  readonly recovery: ReturnType<typeof recoveryOptions> | undefined;
  /** Undefined: steps are not checked for values that are not finite. */
  readonly watch: WatchSettings | undefined;
  /** The position where training begins. */
  readonly position: TrainingPosition;
  /** Logs of the epochs that were done before. */
  readonly logs?: readonly Logs[];
  /** The result of `describeData`, if it is known. */
  readonly data?: readonly string[];
}

/** Losses of a device in a row, without a new step in between, from which a run recovers. */
const MOST_LOSSES = 3;

/** One call of `fit`. */
class FitRun {
  readonly #setup: FitSetup;
  readonly #events: CallbackList;
  readonly #snapshotScheduler: SnapshotScheduler;
  readonly #monitor: NonFiniteMonitor | undefined;
  readonly #controls: TrainingControls;
  readonly #batches: RunBatches;
  readonly #epochOptions: EpochOptions;
  readonly #validating: EpochOptions;
  #position: TrainingPosition;
  #resident: ResidentDatasets | undefined;
  #runner!: StepRunner;
  #validator: StepRunner | undefined;
  /** The furthest place of a step that is done; steps up to here may be repeated. */
  #furthest = { epoch: 0, step: 0 };
  #losses = 0;
  /** The device of the last loss. */
  #lost: unknown;

  constructor(setup: FitSetup) {
    this.#setup = setup;
    this.#position = setup.position;
    const { signal } = setup;
    this.#controls = new TrainingControls(setup);
    this.#batches = new RunBatches(setup, this.#controls);
    this.#epochOptions = {
      pause: this.#controls.pauseFor(false),
      stepsInFlight: new StepsInFlight(),
      stopped: () => {
        signal?.throwIfAborted();
        return this.#controls.stopped;
      },
    };
    this.#validating = { ...this.#epochOptions, pause: this.#controls.pauseFor(true) };
    const { logNames } = setup.compiled;
    const names = [...logNames, ...(setup.validation ? logNames.map(ofValidation) : [])];
    this.#events = new CallbackList(setup.callbacks, this.#controls.training, setup.logs, names);
    this.#snapshotScheduler = new SnapshotScheduler(setup, this.#events);
    this.#monitor = setup.watch && this.#monitorFor(setup.watch);
    this.#monitor?.restore(setup.position.monitor);
  }

  /** Trains to the end. */
  async train(): Promise<History> {
    const { compiled, signal, recovery } = this.#setup;
    const release = () => this.#controls.end();
    signal?.addEventListener('abort', release);
    compiled.lifetime.addEventListener('abort', release);
    const { progress } = compiled;
    try {
      if (recovery) {
        compiled.recovery = recovery;
        await this.#snapshotScheduler.takeNow(this.#position);
        progress.beginReplays();
      }
      for (let loss: unknown; ; ) {
        try {
          if (loss) await this.#recover();
          return await this.#train();
        } catch (error) {
          if (!this.#isLoss(error)) {
            await this.#snapshotScheduler.takeLast(this.#position);
            throw error;
          }
          loss = error;
        }
      }
    } finally {
      signal?.removeEventListener('abort', release);
      compiled.lifetime.removeEventListener('abort', release);
      this.#controls.end();
      this.#releaseDeviceMemory();
      await this.#batches.close().catch(() => {}); // after an error, which is the one that counts
      progress.endReplays();
      await this.#snapshotScheduler.settled(); // a `resume` right after this must find the last snapshot in the store
    }
  }

  /** Trains from the current position to the end, on the model's device. */
  async #train(): Promise<History> {
    const { compiled, dataset, rows, validation, validationRows, batchSize, epochs, signal } = this.#setup;
    const { progress } = compiled;
    this.#resident = new ResidentDatasets(compiled, this.#setup.maxResidentBytes);
    const size = (mode: Mode, count = Number.POSITIVE_INFINITY, most = batchSize) =>
      compiled.memoryBudget.rowsOfSteps(mode, most, count, epochs);
    const trained = size('train', rows?.length);
    this.#resident.keep(dataset, trained);
    if (validation) this.#resident.keep(validation);
    this.#runner = await this.#resident.runner(dataset, {
      mode: 'train',
      batchSize: trained,
      checkState: this.#monitor?.state,
    });
    this.#validator =
      validation &&
      (await this.#resident.runner(validation, {
        mode: 'evaluate',
        batchSize: size('evaluate', validationRows?.length, isStream(validation) ? validation.batchSize : batchSize),
      }));
    await this.#snapshotScheduler.open();
    await this.#events.trainBegin();
    while (this.#position.epoch < epochs && !this.#epochOptions.stopped!()) {
      const { epoch } = this.#position;
      if (!this.#position.begun) {
        await this.#events.epochBegin(epoch);
        this.#goTo({ begun: true });
      }
      const logs = await this.#trainEpoch();
      progress.endEpoch();
      const known = this.#events.logs[epoch]; // present if the epoch ended before a device was lost
      const checked = known ? undefined : await this.#validate();
      signal?.throwIfAborted();
      await this.#events.epochEnd(epoch, known ?? { ...logs, ...checked });
      const stream = await this.#batches.endEpoch();
      this.#goTo({ epoch: epoch + 1, begun: false, step: 0, rows: 0, sums: new Float64Array(), stream });
      this.#snapshotScheduler.takeIfDue(0, this.#position);
    }
    signal?.throwIfAborted();
    await this.#batches.close();
    await this.#snapshotScheduler.takeNow(this.#position);
    const history = await this.#events.trainEnd();
    signal?.throwIfAborted();
    await this.#snapshotScheduler.clearStore();
    return history;
  }

  /** @returns loss and metrics over the steps of the epoch; empty if there were none */
  async #trainEpoch(): Promise<Logs> {
    const { compiled } = this.#setup;
    const { logNames, progress } = compiled;
    const first = this.#position.step;
    const batches = this.#batches.epoch(this.#runner, this.#position);
    await this.#monitor?.begin(this.#runner, this.#position.epoch, first);
    const { epoch } = this.#position;
    const { holdsSteps, listensToBatches } = this.#events;
    const onBegin = (batch: number) => {
      compiled.network.checkTrainable('fit'); // a hook may have changed `trainable`
      // The snapshot comes before the hooks: if `resume` continues from it, the hooks are called for this batch again.
      this.#snapshotScheduler.takeIfDue(first + batch, this.#position);
      return holdsSteps ? this.#events.batchBegin(epoch, first + batch) : undefined;
    };
    const onStep = async (batch: number, size: number, totals: Float32Array) => {
      const at = first + batch;
      const { rows, sums } = this.#position;
      this.#goTo({ step: at + 1, rows: rows + size, sums: added(sums, totals) });
      const known = this.#furthest;
      if (epoch > known.epoch || (epoch === known.epoch && at + 1 > known.step)) {
        this.#furthest = { epoch, step: at + 1 };
        this.#losses = 0;
      }
      if (listensToBatches) {
        const logs = { ...averages(logNames, totals, size), size };
        this.#events.batchLogs(epoch, at, logs);
        if (holdsSteps) await this.#events.batchEnd(epoch, at, logs);
      }
      this.#snapshotScheduler.reported(this.#position);
    };
    const onSkip = (batch: number) => {
      this.#goTo({ step: first + batch + 1 });
      this.#snapshotScheduler.reported(this.#position);
    };
    const alone = () => holdsSteps && !progress.replaying;
    const options: EpochOptions = { ...this.#epochOptions, alone, onBegin, onStep, onSkip, monitor: this.#monitor };
    const ended = await runEpoch(this.#runner, batches, () => progress.nextStep(), options);
    if (ended) this.#controls.stepsPerEpoch ??= this.#position.step;
    this.#snapshotScheduler.takeIfDue(this.#position.step, this.#position);
    const { rows, sums } = this.#position;
    return rows > 0 ? averages(logNames, sums, rows) : {};
  }

  /** Validation logs: `valLoss`, …; empty without validation or if it was stopped. */
  async #validate(): Promise<Logs> {
    if (!this.#validator) return {};
    const batches = this.#batches.validation(this.#validator);
    const logs = await evaluateWith(this.#setup.compiled.logNames, this.#validator, batches, this.#validating);
    await this.#batches.endValidation();
    return Object.fromEntries(Object.entries(logs ?? {}).map(([name, value]) => [ofValidation(name), value]));
  }

  #isLoss(error: unknown): boolean {
    const { compiled, recovery } = this.#setup;
    const { device } = compiled;
    // If this loss was counted before, the recovery from it has failed.
    if (!recovery || !(error instanceof DeviceError) || !device.lost || device.destroyed || device === this.#lost) {
      return false;
    }
    this.#lost = device;
    return ++this.#losses <= MOST_LOSSES;
  }

  async #recover(): Promise<void> {
    const { compiled, signal, recovery } = this.#setup;
    const { progress } = compiled;
    const reason = compiled.device.lost!;
    progress.deviceLost();
    this.#releaseDeviceMemory();
    await this.#batches.close().catch(() => {}); // it is read again from the snapshot's place
    await compiled.recover(signal);
    this.#goBack();
    const { epoch, step } = this.#position;
    const stepsLost = progress.stepsToReplay;
    await recovery!.onRecovery?.({ reason, epoch, step, stepsLost, device: compiled.device });
  }

  /** Changes the position. @param change the fields that change */
  #goTo(change: Partial<TrainingPosition>): void {
    this.#position = { ...this.#position, ...change, monitor: this.#monitor?.remembered };
  }

  /** Sets the position back to that of the last snapshot, to which `Compiled.restore` has set the model. */
  #goBack(): void {
    this.#position = this.#setup.compiled.snapshots.last.position!;
    this.#monitor?.restore(this.#position.monitor);
  }

  /** Frees everything that the run holds on the device. */
  #releaseDeviceMemory(): void {
    this.#monitor?.releaseRunner();
    this.#resident?.destroy();
    this.#resident = undefined;
    this.#snapshotScheduler.discardBuffers();
  }

  #monitorFor(options: WatchSettings): NonFiniteMonitor {
    const { compiled, dataset } = this.#setup;
    return new NonFiniteMonitor(options, {
      compiled,
      diagnosticRunner: (request) => this.#resident!.diagnosticRunner(dataset, request),
      onRollBack: () => this.#snapshotScheduler.cancel(),
    });
  }
}

/** A run from its beginning. @param saved the position to continue from, and what was saved with it */
export function runOf(setup: FitSetup, saved?: LoadedRun): FitRun {
  return new FitRun(saved ? continued(setup, saved) : setup);
}
