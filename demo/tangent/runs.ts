/**
 * Trains networks one after the other, on the GPU where there is one. The last one waits for points that are moved: it learns them
 * from where it is.
 */
import type { Device } from 'neurite';
import { device } from '../lesson/device.ts';
import { RunByHand } from './byHand.ts';
import type { Points } from './reference.ts';
import { firstWeights, type Look, MOST_STEPS, TARGET, type Trainer } from './setup.ts';

/** A network to train. */
export interface Plan {
  readonly width: number;
  readonly seed: number;
}

export type By = 'gpu' | 'hand';

export interface Watcher {
  /** @param points that the look is of */
  onLook(plan: Plan, points: Points, look: Look, by: By): void;
  /** A run has ended. @param fits whether its loss is below the target */
  onEnd(plan: Plan, look: Look, fits: boolean): void;
}

/** Steps to the first look; each further look is after a share more than the one before. */
const FIRST_STEPS = 5;
const GROWTH = 0.15;
const MOST_AT_ONCE = 150;
/** Between two runs, so that the end of one is seen. */
const PAUSE_MS = 500;
/** Devices that are lost during one run. */
const TRIES = 3;

export class Runs {
  readonly #watcher: Watcher;
  #waiting: Plan[] = [];
  #points: Points;
  #ended = false;
  /** Changes when what is under way is to be left. */
  #turn = 0;
  #wake = () => {};

  constructor(watcher: Watcher, points: Points) {
    this.#watcher = watcher;
    this.#points = points;
    this.#work().catch(reportError);
  }

  /** Leaves the run under way, and trains these networks. */
  begin(plans: readonly Plan[]): void {
    this.#waiting = [...plans];
    this.#turn++;
    this.#wake();
  }

  /** The network under way learns other points. Those that wait are given up. */
  move(points: Points): void {
    this.#waiting = [];
    this.#points = points;
    this.#wake();
  }

  end(): void {
    this.#ended = true;
    this.#turn++;
    this.#wake();
  }

  async #work(): Promise<void> {
    while (!this.#ended) {
      const plan = this.#waiting.shift();
      if (plan) await this.#run(plan);
      else await this.#woken();
    }
  }

  #woken(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  async #run(plan: Plan): Promise<void> {
    const turn = this.#turn;
    for (let left = TRIES; turn === this.#turn; left--) {
      const own = await device();
      try {
        return await this.#runOn(own, plan, turn);
      } catch (error) {
        if (own?.lost === undefined || left === 1) throw error;
      }
    }
  }

  async #runOn(own: Device | undefined, plan: Plan, turn: number): Promise<void> {
    const first = firstWeights(plan.width, plan.seed);
    const trainer: Trainer = own
      ? await (await import('./experiment.ts')).TangentRun.create(first, this.#points, own)
      : new RunByHand(first, this.#points);
    try {
      await Promise.all([trainer.train(FIRST_STEPS), trainer.look()]); // their kernels compile at the same time
      while (turn === this.#turn) {
        await this.#learn(trainer, plan, own ? 'gpu' : 'hand', turn);
        if (turn !== this.#turn) return;
        if (this.#waiting.length > 0) {
          await Promise.race([this.#woken(), new Promise((resolve) => setTimeout(resolve, PAUSE_MS))]);
        }
        if (this.#waiting.length > 0) return;
        while (trainer.points === this.#points && this.#waiting.length === 0 && turn === this.#turn)
          await this.#woken();
      }
    } finally {
      trainer.dispose();
    }
  }

  /** To the end of a run, or until it is to be left. */
  async #learn(trainer: Trainer, plan: Plan, by: By, turn: number): Promise<void> {
    for (let step = 0; ; ) {
      if (trainer.points !== this.#points) {
        trainer.points = this.#points;
        step = 0;
      }
      const { points } = trainer;
      const look = await trainer.look();
      if (turn !== this.#turn) return;
      this.#watcher.onLook(plan, points, look, by);
      await new Promise((resolve) => requestAnimationFrame(resolve));
      if (turn !== this.#turn) return;
      if (points !== this.#points) continue;
      const fits = look.loss < TARGET;
      if (fits || step >= MOST_STEPS || !Number.isFinite(look.loss)) return this.#watcher.onEnd(plan, look, fits);
      const steps = Math.min(MOST_AT_ONCE, MOST_STEPS - step, Math.max(FIRST_STEPS, Math.round(GROWTH * step)));
      await trainer.train(steps);
      step += steps;
    }
  }
}
