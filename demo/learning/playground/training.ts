/** A training under way: a few steps a frame, on the GPU where there is one, until it is paused or ended. */
import { device } from '../../lesson/device.ts';
import type { Setup } from './setup.ts';
import { type Look, type Trainer, trainByHand } from './trainer.ts';

/** Between two looks: an epoch. */
const STEPS = 10;
/** Then it pauses: a page that lies open need not train for ever. */
export const MOST_STEPS = 20_000;
/** Devices that are lost before the first look. */
const TRIES = 3;

let began: () => void;
/** Fulfilled at the page's first look: the kernels of other figures compile after those that are waited for. */
export const firstLook = new Promise<void>((resolve) => {
  began = resolve;
});

export interface Watcher {
  onLook(look: Look, by: 'gpu' | 'hand'): void;
  /** It has paused by itself. */
  onPause(): void;
}

export class Training {
  /** Where to begin, also on another device. */
  #now: Setup;
  readonly #watcher: Watcher;
  #trainer: Trainer | undefined;
  #rate: number | undefined;
  #running = false;
  #single = false;
  #ended = false;
  /** It may train to this step. */
  #until: number;
  #wake = () => {};

  constructor(setup: Setup, watcher: Watcher) {
    this.#now = setup;
    this.#until = setup.step + MOST_STEPS;
    this.#watcher = watcher;
    this.#run().catch(reportError).finally(began);
  }

  /** The setup of a training that would begin at the last look. */
  get now(): Setup {
    return this.#now;
  }

  set running(running: boolean) {
    if (running && !this.#running) this.#until = Math.max(this.#until, this.#now.step + MOST_STEPS);
    this.#running = running;
    this.#wake();
  }

  /** One step and a look, while it is paused. */
  step(): void {
    this.#single = true;
    this.#wake();
  }

  setRate(rate: number): void {
    this.#rate = rate;
    this.#trainer?.setRate(rate);
  }

  end(): void {
    this.#ended = true;
    this.#wake();
  }

  async #run(): Promise<void> {
    for (let left = TRIES; left > 0 && !this.#ended; left--) {
      const own = await device();
      if (this.#ended) return;
      const first = this.#now.step;
      try {
        const trainer = own ? await (await import('./gpu.ts')).trainOnGpu(own, this.#now) : trainByHand(this.#now);
        this.#trainer = trainer;
        if (this.#rate !== undefined) trainer.setRate(this.#rate);
        await this.#train(trainer, own ? 'gpu' : 'hand').finally(() => trainer.dispose());
        return;
      } catch (error) {
        if (own?.lost === undefined) throw error;
        if (this.#now.step > first) left = TRIES; // on with the next device, from the last look
      }
    }
  }

  async #train(trainer: Trainer, by: 'gpu' | 'hand'): Promise<void> {
    const look = async () => {
      const look = await trainer.look();
      if (this.#ended) return;
      this.#now = { ...this.#now, network: look.network, step: look.step };
      this.#watcher.onLook(look, by);
      began();
    };
    if (this.#ended) return;
    if (this.#running) await Promise.all([trainer.train(STEPS), trainer.look()]); // their kernels compile at the same time
    await look();
    while (!this.#ended) {
      await frame();
      if (!this.#running && !this.#single) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        continue;
      }
      const steps = this.#running ? STEPS : 1;
      // A step that is asked for while others are under way comes after them.
      if (!this.#running) this.#single = false;
      await trainer.train(steps);
      await look();
      if (this.#running && this.#now.step >= this.#until) {
        this.#running = false;
        this.#watcher.onPause();
      }
    }
  }
}

const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
