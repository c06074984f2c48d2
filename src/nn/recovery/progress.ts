import { ArgumentError } from '../../errors.ts';
import { check, flushed } from '../../options.ts';
import type { Optimizer } from '../optimizers.ts';
import { type Change, ChangeLog } from './changeLog.ts';
import type { Snapshot } from './snapshots.ts';

type SetWeights = (weights: Extract<Change, { weights: unknown }>['weights']) => void;

/** How far training has come, as numbers on the host. */
export class Progress {
  #iterations = 0;
  #epochs = 0;
  #learningRateOverride: number | undefined;
  /** Optimizer steps that were done before a device was lost: up to here they are done again. */
  #reached = 0;
  #replays = false;
  readonly changes = new ChangeLog();
  readonly #seed: number;
  readonly #optimizer: Optimizer;
  readonly #setWeights: SetWeights;

  constructor(seed: number, optimizer: Optimizer, setWeights: SetWeights) {
    this.#seed = seed;
    this.#optimizer = optimizer;
    this.#setWeights = setWeights;
  }

  /** Optimizer steps done. */
  get iterations(): number {
    return this.#iterations;
  }

  /** Epochs done, over all calls of fit: sets the orders of examples apart. */
  get epochs(): number {
    return this.#epochs;
  }

  /** The learning rate that the user has set; it takes precedence over the optimizer's. */
  get learningRateOverride(): number | undefined {
    return this.#learningRateOverride;
  }

  /** Whether steps since the last snapshot are done again after a device was lost: `fit` does so. */
  get replays(): boolean {
    return this.#replays;
  }

  /** Steps that were made and are to be made again, after a device was lost. */
  get stepsToReplay(): number {
    return this.#reached - this.#iterations;
  }

  /** From here on, until `endReplays`, steps since the last snapshot are done again after a device was lost. */
  beginReplays(): void {
    this.#reached = this.#iterations;
    this.#replays = true;
  }

  endReplays(): void {
    this.#replays = false;
  }

  /** The device was lost: steps up to here are done again. */
  deviceLost(): void {
    this.#reached = Math.max(this.#reached, this.#iterations);
  }

  /** An epoch is done. */
  endEpoch(): void {
    this.#epochs++;
  }

  /** Steps behind this number have changed nothing: they are made again, or left out. */
  rollBack(iterations: number): void {
    this.#iterations = iterations;
  }

  /** Steps behind the last one were never done, also not before a device was lost. */
  forgetLaterSteps(): void {
    this.#reached = Math.min(this.#reached, this.#iterations);
  }

  /** The learning rate of the next step; while steps are done again, that of the first new one. */
  get learningRate(): number {
    return this.changes.rate ?? this.#rate;
  }

  get #rate(): number {
    const { learningRate } = this.#optimizer;
    if (this.#learningRateOverride !== undefined) return this.#learningRateOverride;
    if (typeof learningRate === 'number') return learningRate;
    const rate = flushed(learningRate.at(this.#iterations));
    check('schedule', `at(${this.#iterations})`, rate, 'notNegative');
    return rate;
  }

  /** Whether the next step was done before, on a device that was lost since. */
  get replaying(): boolean {
    return this.#iterations < this.#reached;
  }

  /** Makes a change, at once; while steps are done again, after them. */
  change(change: Change): void {
    this.changes.add(Math.max(this.#iterations, this.#reached), change, this.#replays);
    this.settle();
  }

  /** Makes the changes that are due before the next step. */
  settle(): void {
    this.#applyChanges(this.#iterations);
  }

  /** Numbers of the next training step; counts it. @throws ArgumentError where one is beyond float32 */
  nextStep(): { seed: number; hyper: readonly number[] } {
    this.settle();
    const rate = this.#rate;
    const hyper = this.#optimizer.hyper(this.#iterations + 1, rate);
    if (!hyper.every(isFinite32)) {
      throw new ArgumentError(
        `${this.#optimizer.name}: with a learning rate of ${rate} step ${this.#iterations + 1} is beyond float32.`,
      );
    }
    this.#iterations++;
    // An odd factor permutes the 32-bit numbers, so no two of the first 2^32 steps share a seed.
    const seed = (Math.imul(this.#iterations, 0x9e3779b1) ^ Math.imul(this.#seed, 0x85ebca6b)) >>> 0;
    return { seed, hyper };
  }

  /** Goes back to a snapshot's numbers; what was changed by hand since takes effect again, in its place if steps are replayed. */
  restore(to: Pick<Snapshot, 'iterations' | 'epochs' | 'learningRate'>): void {
    this.#iterations = to.iterations;
    this.#epochs = to.epochs;
    this.#learningRateOverride = to.learningRate;
    this.changes.rewind();
    this.#applyChanges(this.#replays ? this.#iterations : Number.POSITIVE_INFINITY);
  }

  #applyChanges(iterations: number): void {
    for (const change of this.changes.due(iterations)) {
      if ('rate' in change) this.#learningRateOverride = change.rate;
      else this.#setWeights(change.weights);
    }
  }
}

const isFinite32 = (x: number) => Number.isFinite(Math.fround(x));
