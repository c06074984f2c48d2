import { ArgumentError } from '../../errors.ts';
import { check, flushed } from '../../options.ts';
import type { Optimizer } from '../optimizers.ts';
import { type Change, Journal } from './changeLog.ts';
import type { Snapshot } from './snapshots.ts';

type SetWeights = (weights: Extract<Change, { weights: unknown }>['weights']) => void;

/** How far training has come, as numbers on the host. */
export class Progress {
  /** Optimizer steps done. */
  iterations = 0;
  /** Epochs done, over all calls of fit: sets the orders of examples apart. */
  epochs = 0;
  /** Set by the user; takes precedence over the optimizer's. */
  learningRateOverride: number | undefined;
  /** Optimizer steps that were done before a device was lost: up to here they are done again. */
  reached = 0;
  /** Whether steps since the last snapshot are done again after a loss: `fit` does so. */
  replays = false;
  readonly journal = new Journal();
  readonly #seed: number;
  readonly #optimizer: Optimizer;
  readonly #setWeights: SetWeights;

  constructor(seed: number, optimizer: Optimizer, setWeights: SetWeights) {
    this.#seed = seed;
    this.#optimizer = optimizer;
    this.#setWeights = setWeights;
  }

  /** The learning rate of the next step; while steps are done again, that of the first new one. */
  get learningRate(): number {
    return this.journal.rate ?? this.#rate;
  }

  get #rate(): number {
    const { learningRate } = this.#optimizer;
    if (this.learningRateOverride !== undefined) return this.learningRateOverride;
    if (typeof learningRate === 'number') return learningRate;
    const rate = flushed(learningRate.at(this.iterations));
    check('schedule', `at(${this.iterations})`, rate, 'notNegative');
    return rate;
  }

  /** Whether the next step was done before, on a device that was lost since. */
  get replaying(): boolean {
    return this.iterations < this.reached;
  }

  /** Makes a change, at once; while steps are done again, after them. */
  change(change: Change): void {
    this.journal.add(Math.max(this.iterations, this.reached), change, this.replays);
    this.settle();
  }

  /** Makes the changes that are due before the next step. */
  settle(): void {
    this.#applyChanges(this.iterations);
  }

  /** Numbers of the next training step; counts it. @throws ArgumentError where one is beyond float32 */
  nextStep(): { seed: number; hyper: readonly number[] } {
    this.settle();
    const rate = this.#rate;
    const hyper = this.#optimizer.hyper(this.iterations + 1, rate);
    if (!hyper.every(isFinite32)) {
      throw new ArgumentError(
        `${this.#optimizer.name}: with a learning rate of ${rate} step ${this.iterations + 1} is beyond float32.`,
      );
    }
    this.iterations++;
    // An odd factor permutes the 32-bit numbers, so no two of the first 2^32 steps share a seed.
    const seed = (Math.imul(this.iterations, 0x9e3779b1) ^ Math.imul(this.#seed, 0x85ebca6b)) >>> 0;
    return { seed, hyper };
  }

  /** Goes back to a snapshot's numbers; what was changed by hand since takes effect again, in its place if steps are replayed. */
  rewind(to: Pick<Snapshot, 'iterations' | 'epochs' | 'learningRate'>): void {
    this.iterations = to.iterations;
    this.epochs = to.epochs;
    this.learningRateOverride = to.learningRate;
    this.journal.rewind();
    this.#applyChanges(this.replays ? this.iterations : Number.POSITIVE_INFINITY);
  }

  #applyChanges(iterations: number): void {
    for (const change of this.journal.due(iterations)) {
      if ('rate' in change) this.learningRateOverride = change.rate;
      else this.#setWeights(change.weights);
    }
  }
}

const isFinite32 = (x: number) => Number.isFinite(Math.fround(x));
