/**
 * The progress of training on the host: iterations, epochs and the learning rate. It gives each step its seed and
 * hyperparameters, and knows which steps are repeated after the loss of a device.
 */
import { ArgumentError } from '../../errors.ts';
import { check, flushed } from '../../options.ts';
import type { Optimizer } from '../optimizers.ts';
import { type Change, ChangeLog } from './changeLog.ts';
import type { Snapshot } from './snapshots.ts';

type SetWeights = (weights: Extract<Change, { weights: unknown }>['weights']) => void;

/** The only class that writes the iteration count. */
export class Progress {
  #iterations = 0;
  #epochs = 0;
  #learningRateOverride: number | undefined;
  /** Number of optimizer steps done when a device was lost; steps up to this number are repeated. */
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

  /** Epochs done, over all calls of `fit`. Each epoch shuffles the examples by this number. */
  get epochs(): number {
    return this.#epochs;
  }

  /** The learning rate that the user has set; it takes precedence over the optimizer's. */
  get learningRateOverride(): number | undefined {
    return this.#learningRateOverride;
  }

  /** Whether `fit` is running with recovery: then steps since the last snapshot are repeated after the loss of a device. */
  get replays(): boolean {
    return this.#replays;
  }

  /** Number of steps that are still to be repeated. */
  get stepsToReplay(): number {
    return this.#reached - this.#iterations;
  }

  /** From here until `endReplays`, steps since the last snapshot are repeated after the loss of a device. */
  beginReplays(): void {
    this.#reached = this.#iterations;
    this.#replays = true;
  }

  endReplays(): void {
    this.#replays = false;
  }

  /** Records the loss of the device: all steps up to now will be repeated. */
  deviceLost(): void {
    this.#reached = Math.max(this.#reached, this.#iterations);
  }

  /** Counts an epoch. */
  endEpoch(): void {
    this.#epochs++;
  }

  /** Sets the count back: later steps have changed nothing. They will be repeated or left out. */
  rollBack(iterations: number): void {
    this.#iterations = iterations;
  }

  /** Makes steps after the current one count as new, not as repeated. */
  forgetLaterSteps(): void {
    this.#reached = Math.min(this.#reached, this.#iterations);
  }

  /** The learning rate of the next step; while steps are repeated, that of the first new step. */
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

  /** Whether the next step repeats one that was done on a lost device. */
  get replaying(): boolean {
    return this.#iterations < this.#reached;
  }

  /** Makes a change at once or, while steps are repeated, after them. */
  change(change: Change): void {
    this.changes.add(Math.max(this.#iterations, this.#reached), change, this.#replays);
    this.settle();
  }

  /** Makes all changes that are due before the next step. */
  settle(): void {
    this.#applyChanges(this.#iterations);
  }

  /** Counts a training step and returns its seed and hyperparameters. @throws ArgumentError if one exceeds float32 */
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

  /**
   * Restores the numbers of a snapshot. The user's later changes are made again: before their steps if these are repeated,
   * otherwise at once.
   */
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
