import { NeuriteError } from '../../errors.ts';
import type { CallbackList } from '../train/callbacks.ts';
import type { FitSetup } from '../train/fitRun.ts';
import { describeData } from './describeData.ts';
import { runFile } from './runFile.ts';
import type { SnapshotCopy, TrainingPosition } from './snapshots.ts';

/** A snapshot on its way. */
interface Pending {
  /** Steps of the epoch that it holds. */
  readonly step: number;
  readonly copy: SnapshotCopy;
  /** Its place, once callbacks have heard of these steps. */
  position: TrainingPosition | undefined;
  arrived: boolean;
}

/** Takes a run's snapshots when it is time, and stores them; does nothing in a run that does without. */
export class SnapshotScheduler {
  readonly #setup: FitSetup;
  readonly #events: CallbackList;
  #pending: Pending | undefined;
  /** When the last snapshot was taken. */
  #time = 0;
  /** Whether the store has a snapshot of this run, and the one that it is given just now. */
  #stored = false;
  #saving: Promise<void> | undefined;
  /** What the run's data are, once a file needs it. */
  #data: readonly string[] | undefined;

  constructor(setup: FitSetup, events: CallbackList) {
    this.#setup = setup;
    this.#data = setup.data;
    this.#events = events;
  }

  /** The last snapshot is that of this place, from the values that the model has now. All steps up to here are done and told. */
  async takeNow(place: TrainingPosition): Promise<void> {
    if (!this.#setup.recovery) return;
    const { snapshots } = this.#setup.compiled;
    await this.#pending?.copy.arrived;
    await snapshots.update();
    snapshots.position = place;
    this.#time = performance.now();
  }

  /** Makes staging buffers, and stores the first snapshot and waits for it: a store that does not work is told before the first step. */
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

  /** Between two steps: takes a snapshot where it is time. @param submitted steps of the epoch that were submitted */
  takeIfDue(submitted: number, place: TrainingPosition): void {
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
    this.reported(place);
    pending.copy.arrived.then(
      () => {
        pending.arrived = true;
        this.#commit(pending);
      },
      () => {}, // the device was lost, which whoever trains on it hears too
    );
  }

  /** Callbacks have heard of all steps up to a place. */
  reported(place: TrainingPosition): void {
    const pending = this.#pending;
    if (!pending || pending.position || pending.step !== place.step) return;
    pending.position = place;
    this.#commit(pending);
  }

  /** Steps that were submitted have changed nothing and are made again: a snapshot of what they left is none. */
  async cancel(): Promise<void> {
    const pending = this.#pending;
    if (!pending || pending.position) return;
    this.#pending = undefined;
    await pending.copy.arrived;
    pending.copy.discard();
  }

  /**
   * The run ends before its end: what comes next finds its last step, should the device be lost by then; where a callback has failed, steps
   * that it was not told of as well.
   */
  async takeLast(place: TrainingPosition): Promise<void> {
    try {
      await this.cancel();
      await this.takeNow(place);
    } catch {} // the model was disposed, or the device is lost, which the next call says
  }

  /** The run is at its end: there is nothing to go on with. A store that cannot be emptied takes nothing away from it. */
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

  /** Frees what lies on the device; a snapshot on its way is lost. */
  discardBuffers(): void {
    this.#pending = undefined;
    this.#time = performance.now();
    this.#setup.compiled.snapshots.releaseBuffers();
  }

  /** Done when nothing is being stored. */
  async settled(): Promise<void> {
    await this.#saving;
  }

  /** A snapshot counts once it has arrived and callbacks have heard of its steps, which will not be told again. */
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
