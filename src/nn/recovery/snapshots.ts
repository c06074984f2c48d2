/**
 * Snapshots of a model's training: a copy of all variables on the host, with the progress at that moment. After the loss of a
 * device the model is restored from the last one.
 */
import type { StreamPlace } from '../../data/stream/batchReader.ts';
import { SnapshotBuffers, type Values } from '../../runtime/snapshotBuffers.ts';
import { ownerOf } from '../../runtime/storage.ts';
import { elements, type HostArray, type Variable } from '../../tensor.ts';
import type { Compiled } from '../execute/compiled.ts';
import type { MonitorMemory } from '../nonFinite/monitor.ts';

/** A position in a call of `fit`, between two steps. */
export interface TrainingPosition {
  /** Counted from 0. */
  readonly epoch: number;
  /** Whether `onEpochBegin` was called for the epoch. */
  readonly begun: boolean;
  /** Steps of the epoch that are done. */
  readonly step: number;
  /** Examples of these steps, without those that `startAtStep` skipped. */
  readonly rows: number;
  /** Sums of loss and metrics over these examples. */
  readonly sums: Float64Array;
  /** Where the epoch began in a stream that goes on from epoch to epoch. */
  readonly stream?: StreamPlace | undefined;
  /** State of the monitor for values that are not finite. */
  readonly monitor?: MonitorMemory | undefined;
}

/** The state of training at one moment, on the host. */
export interface Snapshot {
  /** Values of the variables. A variable that is missing has its initial value. */
  readonly values: Values;
  readonly iterations: number;
  readonly epochs: number;
  readonly learningRate: number | undefined;
  /** The position in `fit`; undefined if the snapshot was taken outside of `fit`. */
  readonly position: TrainingPosition | undefined;
}

/** A snapshot that is being copied to the host. */
export interface SnapshotCopy {
  /** Resolves when the copy is complete; rejects if the device is lost. */
  readonly arrived: Promise<void>;
  /** After `arrived`: makes this the last snapshot. @returns false if the device was lost in the meantime */
  commit(position: TrainingPosition | undefined): boolean;
  /** After `arrived`: drops the copy. */
  discard(): void;
}

/** Keeps the last snapshot of a model and takes the next one. */
export class Snapshots {
  readonly #compiled: Compiled;
  readonly #host: Values = new Map();
  #last: Snapshot = { values: new Map(), iterations: 0, epochs: 0, learningRate: undefined, position: undefined };
  #buffers: SnapshotBuffers | undefined;
  #time = performance.now();

  constructor(compiled: Compiled) {
    this.#compiled = compiled;
  }

  get last(): Snapshot {
    return this.#last;
  }

  /** Steps done since the last snapshot. */
  get age(): number {
    return this.#compiled.progress.iterations - this.#last.iterations;
  }

  /** Sets the last snapshot to the given values and the current progress, after a file was loaded or a model compiled again. */
  begin(values: Values): void {
    const { iterations, epochs, learningRateOverride: learningRate } = this.#compiled.progress;
    this.#last = { values, iterations, epochs, learningRate, position: undefined };
  }

  /** Sets the position of the last snapshot in `fit`. */
  set position(position: TrainingPosition | undefined) {
    this.#last = { ...this.#last, position };
  }

  /** Makes the staging buffers in advance, so that none is made while steps run. */
  prepare(): SnapshotBuffers {
    const { device, variables, state } = this.#compiled;
    this.#buffers ??= new SnapshotBuffers(device, variables, state);
    return this.#buffers;
  }

  /** Begins to copy the state after all steps submitted so far. Only one copy may be in progress. */
  take(): SnapshotCopy {
    const { progress } = this.#compiled;
    progress.settle();
    const buffers = this.prepare();
    const { iterations, epochs, learningRateOverride: learningRate } = progress;
    const { mark } = progress.changes;
    return {
      arrived: buffers.copy(),
      commit: (position) => {
        if (!buffers.read(this.#host)) return false;
        this.#last = { values: this.#host, iterations, epochs, learningRate, position };
        progress.changes.forget(mark);
        return true;
      },
      discard: () => buffers.unmap(),
    };
  }

  /** Takes a snapshot and waits for it, if something has changed since the last one. */
  async update(): Promise<void> {
    const { changes, epochs } = this.#compiled.progress;
    if (this.age === 0 && changes.empty) {
      this.#last = { ...this.#last, epochs };
      return;
    }
    const copy = this.take();
    await copy.arrived;
    copy.commit(undefined);
  }

  /** Takes a snapshot and waits for it, if the given time has passed since the last call that took one. */
  async refresh(milliseconds: number): Promise<void> {
    if (performance.now() - this.#time < milliseconds) return;
    this.#time = performance.now();
    await this.update().catch(() => {}); // if the device is lost, the next call recovers or throws
  }

  /** The values of some variables in the last snapshot. */
  valuesOf(variables: readonly Variable[]): Values {
    const owners = new Set(variables.map(ownerOf));
    return new Map([...this.#last.values].filter(([variable]) => owners.has(ownerOf(variable))));
  }

  /** Frees the staging buffers; a copy in progress is lost. */
  releaseBuffers(): void {
    this.#buffers?.destroy();
    this.#buffers = undefined;
  }
}

/**
 * Takes snapshots of several models, all of the same moment: all of them count, or none. No step of theirs may be in flight.
 * @throws DeviceError, StateError if the device is lost or a model disposed
 */
export async function takeTogether(models: readonly Snapshots[]): Promise<void> {
  const copies = await Promise.allSettled(
    models.map(async (snapshots) => {
      const copy = snapshots.take();
      await copy.arrived;
      return copy;
    }),
  );
  const failure = copies.find((copy) => copy.status === 'rejected');
  for (const copy of copies) {
    if (copy.status === 'rejected') continue;
    if (failure) copy.value.discard();
    else copy.value.commit(undefined);
  }
  if (failure) throw failure.reason;
}

/** The value of a variable in a snapshot, also if its snapshot holds a common buffer of several variables. */
export function valueIn(values: Values, variable: Variable): HostArray {
  const own = values.get(variable);
  if (own) return own;
  const begin = (variable.part?.offset ?? 0) / 4;
  const shared = values.get(ownerOf(variable));
  return shared
    ? shared.subarray(begin, begin + elements(variable.shape))
    : (variable.initial?.() ?? new Float32Array(elements(variable.shape)));
}
