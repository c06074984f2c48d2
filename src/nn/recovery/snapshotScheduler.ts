/**
 * Takes the snapshots of a run when they are due, and saves them to the store. A snapshot counts once it has arrived on the host
 * and the callbacks for all of its steps were called. Without recovery it does nothing.
 */
import { NeuriteError } from '../../errors.ts';
import type { CallbackList } from '../train/callbacks.ts';
import type { FitSetup } from '../train/fitRun.ts';
import { describeData } from './describeData.ts';
import { runFile } from './runFile.ts';
import type { SnapshotCopy, TrainingPosition } from './snapshots.ts';

/** A snapshot that is being copied. */
interface Pending {
  /** Steps of the epoch that it contains. */
  readonly step: number;
  readonly copy: SnapshotCopy;
  /** Its position, once the callbacks for these steps were called. */
  position: TrainingPosition | undefined;
  arrived: boolean;
}

/** Schedules the snapshots of one call of `fit`. */
export class SnapshotScheduler {
  readonly #setup: FitSetup;
  readonly #events: CallbackList;
  #pending: Pending | undefined;
  /** Time of the last snapshot. */
  #time = 0;
  /** Whether the store has a snapshot of this run. */
  #stored = false;
  /** The save in progress, if there is one. */
  #saving: Promise<void> | undefined;
  /** The result of `describeData`, computed when the first file needs it. */
  #data: readonly string[] | undefined;

  constructor(setup: FitSetup, events: CallbackList) {
    this.#setup = setup;
    this.#data = setup.data;
    this.#events = events;
  }

  /** Takes a snapshot at once. All steps up to this position must be done, and their callbacks called. */
  async takeNow(position: TrainingPosition): Promise<void> {
    if (!this.#setup.recovery) return;
    const { snapshots } = this.#setup.compiled;
    await this.#pending?.copy.arrived;
    await snapshots.update();
    snapshots.position = position;
    this.#time = performance.now();
  }

  /** Makes staging buffers and saves the first snapshot, so that a store that does not work fails before the first step. */
  async open(): Promise<void> {
    const { recovery, compiled } = this.#setup;
    if (recovery) compiled.snapshots.prepare();
    if (this.#stored) return;
    try {
      await recovery?.store?.save(this.#file());
    } catch (cause) {
      if (cause instanceof NeuriteError) throw cause;
      const { message } = cause as Error;
      throw new NeuriteError(`fit: recovery.store could not save the first snapshot: ${message}`, { cause });
    }
    this.#stored = true;
  }

  /** Between two steps: begins a snapshot if it is due. @param submitted steps of the epoch submitted so far */
  takeIfDue(submitted: number, position: TrainingPosition): void {
    const { recovery, compiled } = this.#setup;
    const { snapshots, progress } = compiled;
    if (!recovery || this.#pending || snapshots.age === 0) return;
    const { everySeconds, everySteps = Number.POSITIVE_INFINITY } = recovery;
    const now = performance.now();
    const due = now - this.#time >= 1000 * everySeconds || snapshots.age >= everySteps || progress.changes.hasWeights;
    if (!due) return;
    this.#time = now;
    const pending: Pending = { step: submitted, copy: snapshots.take(), position: undefined, arrived: false };
    this.#pending = pending;
    this.reported(position);
    pending.copy.arrived.then(
      () => {
        pending.arrived = true;
        this.#commit(pending);
      },
      () => {}, // the device was lost; the steps in flight reject as well
    );
  }

  /** Records that the callbacks for all steps up to this position were called. */
  reported(position: TrainingPosition): void {
    const pending = this.#pending;
    if (!pending || pending.position || pending.step !== position.step) return;
    pending.position = position;
    this.#commit(pending);
  }

  /** Drops a snapshot of steps that have changed nothing and will be repeated. */
  async cancel(): Promise<void> {
    const pending = this.#pending;
    if (!pending || pending.position) return;
    this.#pending = undefined;
    await pending.copy.arrived;
    pending.copy.discard();
  }

  /**
   * Takes a last snapshot when a run is aborted or fails, so that its steps survive a later loss of the device. If a callback has
   * failed, the snapshot may contain steps for which callbacks were not called.
   */
  async takeLast(position: TrainingPosition): Promise<void> {
    try {
      await this.cancel();
      await this.takeNow(position);
    } catch {} // the model was disposed or the device is lost; the next call throws or recovers
  }

  /** Empties the store at the end of a run, since there is nothing to resume. A failure is a warning, not an error of `fit`. */
  async clearStore(): Promise<void> {
    await this.#saving;
    try {
      await this.#setup.recovery?.store?.remove();
    } catch (error) {
      const { message } = error as Error;
      console.warn(
        `neurite: fit has ended, but its store could not be emptied: resume would do its last part again: ${message}`,
      );
    }
  }

  /** Frees the staging buffers; a snapshot that is being copied is lost. */
  discardBuffers(): void {
    this.#pending = undefined;
    this.#time = performance.now();
    this.#setup.compiled.snapshots.releaseBuffers();
  }

  /** Resolves when no save is in progress. */
  async settled(): Promise<void> {
    await this.#saving;
  }

  /** Makes a snapshot the last one and saves it, if it has arrived and the callbacks for its steps were called. */
  #commit(pending: Pending): void {
    if (this.#pending !== pending || !pending.arrived || !pending.position) return;
    this.#pending = undefined;
    if (!pending.copy.commit(pending.position)) return;
    const { store } = this.#setup.recovery!;
    if (!store || this.#saving) return;
    const save = async () => store.save(this.#file());
    this.#saving = save()
      .catch((error: Error) => {
        console.warn(`neurite: a snapshot could not be stored, training goes on: ${error.message}`);
      })
      .finally(() => {
        this.#saving = undefined;
      });
  }

  #file(): Uint8Array<ArrayBuffer> {
    this.#data ??= describeData(this.#setup);
    return runFile(this.#setup, this.#events.logs, this.#data);
  }
}
