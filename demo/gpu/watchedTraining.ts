/** Training in a worker that a visitor watches: no faster than one can look, paused, ended, and started over as one asks. */

/** Milliseconds between two looks. */
const LOOK_MS = 400;

export interface Pace {
  readonly steps: number;
  /** Milliseconds of a step at least: a fast GPU would be done before a visitor has looked. */
  readonly leastStepMs: number;
  /** Steps between two measurements. */
  readonly measureEvery: number;
}

/** Trains step by step. What a kind of network does is its own part; none of it is to send anything once the training has ended. */
export abstract class WatchedTrainer {
  readonly #pace: Pace;
  readonly #send: (event: { type: 'over' }) => void;
  #paused = false;
  #ended = false;
  #wake = () => {};

  constructor(pace: Pace, send: (event: { type: 'over' }) => void) {
    this.#pace = pace;
    this.#send = send;
  }

  /** Does a step, counted from 1. @returns steps done so far: fewer than this one if a lost device has taken some along */
  protected abstract train(step: number): Promise<number>;
  /** What the visitor sees of the networks, before the first step and about every LOOK_MS. */
  protected abstract look(step: number): Promise<void>;
  /** How good they are. */
  protected abstract measure(step: number): Promise<void>;
  abstract dispose(): void;

  protected get ended(): boolean {
    return this.#ended;
  }

  /** Takes effect before the next step. */
  set paused(paused: boolean) {
    this.#paused = paused;
    this.#wake();
  }

  /** Ends `run` after the step under way. */
  end(): void {
    this.#ended = true;
    this.#wake();
  }

  /** Trains to the last step, or until `end` is called. */
  async run(): Promise<void> {
    const { steps, leastStepMs, measureEvery } = this.#pace;
    await this.look(0);
    let looked = performance.now();
    for (let step = 1; step <= steps; step++) {
      await this.#resumed();
      if (this.#ended) return;
      const began = performance.now();
      const done = await this.train(step);
      if (this.#ended) return;
      if (done < step) {
        step = done;
        continue;
      }
      const last = step === steps;
      if (last || performance.now() - looked >= LOOK_MS) {
        looked = performance.now();
        await this.look(step);
      }
      if (last || step % measureEvery === 0) await this.measure(step);
      await new Promise((done) => setTimeout(done, Math.max(0, began + leastStepMs - performance.now())));
    }
    if (!this.#ended) this.#send({ type: 'over' });
  }

  async #resumed(): Promise<void> {
    while (this.#paused && !this.#ended) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }
}

export interface TrainingsOptions<T extends WatchedTrainer> {
  /** Makes what trains. @param seed another one each time */
  create(seed: number): Promise<T>;
  send(event: { type: 'begin' } | { type: 'failed'; message: string }): void;
}

/** The trainings of a page, one at a time: the one under way ends before the next one begins; of several asked for, the last one. */
export class Trainings<T extends WatchedTrainer> {
  readonly #options: TrainingsOptions<T>;
  #seed = 0;
  #paused = false;
  #trainer: T | undefined;
  /** Who waits for a trainer. */
  #waiting: ((trainer: T) => void)[] = [];
  #training: Promise<void> = Promise.resolve();

  constructor(options: TrainingsOptions<T>) {
    this.#options = options;
  }

  /** The one that trains, or did last; undefined until it has begun. */
  get trainer(): T | undefined {
    return this.#trainer;
  }

  /** Resolves once there is one. */
  async begun(): Promise<T> {
    return this.#trainer ?? new Promise((resolve) => this.#waiting.push(resolve));
  }

  /** The first one. Resolves once it has begun. */
  start(): Promise<T> {
    this.#training = this.#train(this.#seed).catch(this.failed);
    return this.begun();
  }

  /** Other first weights. */
  startOver(): void {
    this.#seed++;
    const before = this.#trainer;
    before?.end();
    this.#trainer = undefined;
    const seed = this.#seed;
    this.#training = this.#training
      .then(() => {
        before?.dispose();
        return this.#train(seed);
      })
      .catch(this.failed);
  }

  set paused(paused: boolean) {
    this.#paused = paused;
    if (this.#trainer) this.#trainer.paused = paused;
  }

  /** Says why there is no training any more. Where there never was a GPU, the machine was sent as one that is missing. */
  readonly failed = (error: Error): void => {
    const lost = error.name === 'DeviceError';
    if (lost && !this.#trainer) return;
    this.#options.send({ type: 'failed', message: lost ? 'the GPU was lost.' : error.message });
  };

  async #train(seed: number): Promise<void> {
    if (seed !== this.#seed) return;
    const trainer = await this.#options.create(seed);
    if (seed !== this.#seed) return trainer.dispose();
    trainer.paused = this.#paused;
    this.#trainer = trainer;
    this.#options.send({ type: 'begin' });
    for (const begin of this.#waiting) begin(trainer);
    this.#waiting = [];
    await trainer.run();
  }
}
