import { SnapshotBuffers, type Values } from '../../runtime/snapshotBuffers.ts';
import { ownerOf } from '../../runtime/storage.ts';
import { elements, type HostArray, type Variable } from '../../tensor.ts';
import type { Compiled } from '../execute/compiled.ts';
import type { MonitorMemory } from '../nonFinite/monitor.ts';

/** A place in a call of `fit`, between two steps. */
export interface TrainingPosition {
  /** Counted from 0. */
  readonly epoch: number;
  /** Whether callbacks were told that the epoch begins. */
  readonly begun: boolean;
  /** Steps of the epoch done. */
  readonly step: number;
  /** Examples that they trained on, less those of `startAtStep`. */
  readonly rows: number;
  /** The totals of loss and metrics over them. */
  readonly sums: Float64Array;
  /** What a watch knew. */
  readonly monitor?: MonitorMemory | undefined;
}

/** All that training is, at one moment, on the host. */
export interface Snapshot {
  /** What is missing has its first value. */
  readonly values: Values;
  readonly iterations: number;
  readonly epochs: number;
  readonly learningRate: number | undefined;
  /** Undefined: nothing trained. */
  readonly position: TrainingPosition | undefined;
}

/** A snapshot on its way to the host. */
export interface SnapshotCopy {
  /** Resolves when it is there; rejects where the device was lost. */
  readonly arrived: Promise<void>;
  /** Once it is there: makes it the last snapshot. @returns false where the device was lost meanwhile */
  commit(position: TrainingPosition | undefined): boolean;
  /** Once it is there: nobody wants it. */
  discard(): void;
}

/** The last snapshot of a model, and how the next one is taken. */
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

  /** Steps done since. */
  get age(): number {
    return this.#compiled.progress.iterations - this.#last.iterations;
  }

  /** The model has these values, and its progress: what a file said, or a model that was compiled anew. */
  begin(values: Values): void {
    const { iterations, epochs, learningRateOverride: learningRate } = this.#compiled.progress;
    this.#last = { values, iterations, epochs, learningRate, position: undefined };
  }

  /** Where in a fit the last snapshot is. */
  set position(position: TrainingPosition | undefined) {
    this.#last = { ...this.#last, position };
  }

  /** Makes the staging buffers, so that none has to be made while steps run. */
  prepare(): SnapshotBuffers {
    const { device, variables, state } = this.#compiled;
    this.#buffers ??= new SnapshotBuffers(device, variables, state);
    return this.#buffers;
  }

  /** Begins to copy what training is after the steps submitted so far; one copy at a time. */
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

  /** Takes a snapshot, where something has changed since the last one, and waits for it. */
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

  /** Takes a snapshot and waits for it, where the last one is so many milliseconds old. */
  async refresh(milliseconds: number): Promise<void> {
    if (performance.now() - this.#time < milliseconds) return;
    this.#time = performance.now();
    await this.update().catch(() => {}); // where the device is lost, the next call says so
  }

  /** The last values of some variables. */
  valuesOf(variables: readonly Variable[]): Values {
    const owners = new Set(variables.map(ownerOf));
    return new Map([...this.#last.values].filter(([variable]) => owners.has(ownerOf(variable))));
  }

  /** Frees the staging buffers; a copy on its way is lost. */
  releaseBuffers(): void {
    this.#buffers?.destroy();
    this.#buffers = undefined;
  }
}

/** A variable's value among those of a snapshot. */
export function valueIn(values: Values, variable: Variable): HostArray {
  const own = values.get(variable);
  if (own) return own;
  const begin = (variable.part?.offset ?? 0) / 4;
  const shared = values.get(ownerOf(variable));
  return shared
    ? shared.subarray(begin, begin + elements(variable.shape))
    : (variable.initial?.() ?? new Float32Array(elements(variable.shape)));
}
