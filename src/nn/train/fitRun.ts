import type { Dataset } from '../../data/dataset.ts';
import { DeviceError } from '../../errors.ts';
import { shuffle } from '../../random.ts';
import type { Compiled } from '../execute/compiled.ts';
import type { BatchRunner } from '../execute/stepRunner.ts';
import type { Model } from '../model.ts';
import { Watch } from '../nonFinite/monitor.ts';
import type { WatchSettings } from '../nonFinite/options.ts';
import type { recoveryOptions } from '../recovery/options.ts';
import { Keeper } from '../recovery/snapshotScheduler.ts';
import type { Place } from '../recovery/snapshots.ts';
import type { Mode } from '../step/step.ts';
import { type Callback, CallbackList, type History, type Logs } from './callbacks.ts';
import { Controls } from './controls.ts';
import { added, averages, evaluateWith, type Flow, runEpoch } from './epoch.ts';
import { Residents } from './residentData.ts';
import type { RowWeights } from './rowWeights.ts';
import { Pace } from './stepsInFlight.ts';

/** What a run trains, on what, and how: options with their defaults, checked. */
export interface Setup {
  readonly compiled: Compiled;
  readonly model: Model;
  readonly dataset: Dataset;
  /** Examples to train on, before shuffling. */
  readonly rows: Uint32Array;
  readonly weights: RowWeights;
  readonly validation: Dataset | undefined;
  readonly validationRows: Uint32Array;
  /** Class weights count in training alone. */
  readonly validationWeights: RowWeights;
  readonly epochs: number;
  readonly batchSize: number;
  readonly stepsPerEpoch: number;
  readonly shuffle: boolean;
  readonly validationSplit: number;
  readonly maxResidentBytes: number;
  readonly callbacks: Callback | readonly Callback[];
  readonly signal: AbortSignal | undefined;
  /** Undefined: a lost device ends the run. */
  readonly recovery: ReturnType<typeof recoveryOptions> | undefined;
  /** Undefined: nobody looks for what is not finite. */
  readonly watch: WatchSettings | undefined;
  /** Where training begins. */
  readonly place: Place;
  /** Of epochs that were done before. */
  readonly logs?: readonly Logs[];
  /** What `describeData` says, where that is known. */
  readonly data?: readonly string[];
}

/** Devices that may be lost without a step between that was not made before. */
const MOST_LOSSES = 3;

/** Sets the random stream of the order of examples apart from those of the initial weights. */
const SHUFFLE_STREAM = 0x5f0f;

/** A call of `fit`: it knows its place, so that training can be begun again from a snapshot, on another device. */
export class Run {
  readonly #setup: Setup;
  readonly #events: CallbackList;
  readonly #keeper: Keeper;
  readonly #watch: Watch | undefined;
  readonly #controls: Controls;
  readonly #flow: Flow;
  readonly #validating: Flow;
  #place: Place;
  #residents: Residents | undefined;
  #runner!: BatchRunner;
  #validator: BatchRunner | undefined;
  /** Steps of all epochs that were finished at most. */
  #furthest = -1;
  #losses = 0;
  /** The device that was lost last. */
  #lost: unknown;

  constructor(setup: Setup) {
    this.#setup = setup;
    this.#place = setup.place;
    const { signal } = setup;
    this.#controls = new Controls(setup);
    this.#flow = {
      gate: this.#controls.gate(false),
      pace: new Pace(),
      stopped: () => {
        signal?.throwIfAborted();
        return this.#controls.stopped;
      },
    };
    this.#validating = { ...this.#flow, gate: this.#controls.gate(true) };
    this.#events = new CallbackList(setup.callbacks, this.#controls.training, setup.logs);
    this.#keeper = new Keeper(setup, this.#events);
    this.#watch = setup.watch && this.#watchFor(setup.watch);
    this.#watch?.rewind(setup.place.watch);
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
        await this.#keeper.keep(this.#place);
        progress.reached = progress.iterations;
        progress.replays = true;
      }
      for (let loss: unknown; ; ) {
        try {
          if (loss) await this.#recover();
          return await this.#train();
        } catch (error) {
          if (!this.#isLoss(error)) {
            await this.#keeper.hold(this.#place);
            throw error;
          }
          loss = error;
        }
      }
    } finally {
      signal?.removeEventListener('abort', release);
      compiled.lifetime.removeEventListener('abort', release);
      this.#controls.end();
      this.#leave();
      progress.replays = false;
      await this.#keeper.settled(); // so that whoever goes on next finds it
    }
  }

  /** From its place to the end, on the model's device. */
  async #train(): Promise<History> {
    const { compiled, dataset, rows, validation, validationRows, batchSize, epochs, signal } = this.#setup;
    const { progress } = compiled;
    this.#residents = new Residents(compiled, this.#setup.maxResidentBytes);
    const size = (mode: Mode, count: number) => compiled.memory.rowsOfSteps(mode, batchSize, count, epochs);
    const trained = size('train', rows.length);
    this.#residents.keep(dataset, trained);
    if (validation) this.#residents.keep(validation);
    this.#runner = await this.#residents.runner('train', dataset, trained, this.#watch?.state);
    this.#validator =
      validation && (await this.#residents.runner('evaluate', validation, size('evaluate', validationRows.length)));
    await this.#keeper.open();
    await this.#events.trainBegin();
    while (this.#place.epoch < epochs && !this.#flow.stopped!()) {
      const { epoch } = this.#place;
      if (!this.#place.begun) {
        await this.#events.epochBegin(epoch);
        this.#goTo({ begun: true });
      }
      const logs = await this.#trainEpoch();
      progress.epochs++;
      const known = this.#events.logs[epoch]; // it ended before a device was lost
      const checked = known ? undefined : await this.#validate();
      signal?.throwIfAborted();
      await this.#events.epochEnd(epoch, known ?? { ...logs, ...checked });
      this.#goTo({ epoch: epoch + 1, begun: false, step: 0, rows: 0, sums: new Float64Array() });
      this.#keeper.consider(0, this.#place);
    }
    signal?.throwIfAborted();
    await this.#keeper.keep(this.#place);
    const history = await this.#events.trainEnd();
    signal?.throwIfAborted();
    await this.#keeper.empty();
    return history;
  }

  /** @returns means over the steps done, nothing where there were none */
  async #trainEpoch(): Promise<Logs> {
    const { compiled, dataset, weights, stepsPerEpoch } = this.#setup;
    const { logNames, progress, seed } = compiled;
    const first = this.#place.step;
    const order = this.#setup.rows.slice();
    if (this.#setup.shuffle) shuffle(order, seed, SHUFFLE_STREAM, progress.epochs);
    await this.#watch?.begin(this.#runner, this.#place.epoch, first);
    const { epoch } = this.#place;
    const { holdsSteps, listensToBatches } = this.#events;
    const onBegin = (batch: number) => {
      compiled.network.checkTrainable('fit'); // a hook may change it
      // Before hooks hear of the batch: where the run goes on from here, in `resume`, they hear of it anew.
      this.#keeper.consider(first + batch, this.#place);
      return holdsSteps ? this.#events.batchBegin(epoch, first + batch) : undefined;
    };
    const onStep = async (batch: number, size: number, totals: Float32Array) => {
      const at = first + batch;
      const { rows, sums } = this.#place;
      this.#goTo({ step: at + 1, rows: rows + size, sums: added(sums, totals) });
      const done = epoch * stepsPerEpoch + at + 1;
      if (done > this.#furthest) {
        this.#furthest = done;
        this.#losses = 0;
      }
      if (listensToBatches) {
        const logs = { ...averages(logNames, totals, size), size };
        this.#events.batchLogs(epoch, at, logs);
        if (holdsSteps) await this.#events.batchEnd(epoch, at, logs);
      }
      this.#keeper.told(this.#place);
    };
    const onSkip = (batch: number) => {
      this.#goTo({ step: first + batch + 1 });
      this.#keeper.told(this.#place);
    };
    const rest = order.subarray(first * this.#runner.step.batchSize);
    const alone = () => holdsSteps && !progress.replaying;
    const flow = { ...this.#flow, alone, onBegin, onStep, onSkip, watch: this.#watch };
    await runEpoch(this.#runner, dataset, rest, weights, () => progress.nextStep(), flow);
    this.#keeper.consider(this.#place.step, this.#place);
    const { rows, sums } = this.#place;
    return rows > 0 ? averages(logNames, sums, rows) : {};
  }

  /** `valLoss`, …; nothing where there is no validation, or it was stopped. */
  async #validate(): Promise<Logs> {
    const { compiled, validation, validationRows, validationWeights } = this.#setup;
    if (!this.#validator) return {};
    const given = [validation!, validationRows, validationWeights, this.#validating] as const;
    const logs = await evaluateWith(compiled.logNames, this.#validator, ...given);
    return Object.fromEntries(
      Object.entries(logs ?? {}).map(([name, value]) => [`val${name[0]!.toUpperCase()}${name.slice(1)}`, value]),
    );
  }

  #isLoss(error: unknown): boolean {
    const { compiled, recovery } = this.#setup;
    const { device } = compiled;
    // One that was lost before could not be replaced.
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
    progress.reached = Math.max(progress.reached, progress.iterations);
    this.#leave();
    await compiled.recover(signal);
    this.#goBack();
    const { epoch, step } = this.#place;
    const stepsLost = progress.reached - progress.iterations;
    await recovery!.onRecovery?.({ reason, epoch, step, stepsLost, device: compiled.device });
  }

  /** @param change what is new of its place */
  #goTo(change: Partial<Place>): void {
    this.#place = { ...this.#place, ...change, watch: this.#watch?.memory };
  }

  /** The run is where the last snapshot was taken, as the model is after `Compiled.restore`. */
  #goBack(): void {
    this.#place = this.#setup.compiled.snapshots.last.place!;
    this.#watch?.rewind(this.#place.watch);
  }

  /** Frees what the run has on the device. */
  #leave(): void {
    this.#watch?.leave();
    this.#residents?.destroy();
    this.#residents = undefined;
    this.#keeper.drop();
  }

  #watchFor(options: WatchSettings): Watch {
    const { compiled, dataset, weights } = this.#setup;
    return new Watch(options, {
      ...{ compiled, dataset, weights },
      looker: (rows, state, backward) => this.#residents!.looker(dataset, rows, state, backward),
      turned: () => this.#keeper.cancel(),
    });
  }
}
