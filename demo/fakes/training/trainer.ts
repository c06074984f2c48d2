/** Trains the networks of the page, step by step, shows what the generator paints, and measures both on the way. */
import type { Device } from 'neurite';
import { Gan, STEPS } from '../gan.ts';
import { Noise } from '../noise.ts';
import { PIXELS } from '../pictures.ts';
import { accuracyOf } from '../quality.ts';
import { distanceTo, type Yardstick, yardstickOf } from './distance.ts';
import { shownNoise } from './noises.ts';
import type { FakesEvent } from './protocol.ts';

/** Milliseconds of a step at least: a fast GPU would be done before a visitor has looked. */
const LEAST_STEP_MS = 12;
/** Milliseconds between two looks. */
const LOOK_MS = 400;
/** Steps between two measurements. */
const MEASURE_EVERY = 50;

export interface TrainerOptions {
  readonly device: Device;
  readonly seed: number;
  /** Those of now, `[n, 32, 32]`; more may be there later. */
  readonly recordings: () => Float32Array;
  /** Recordings that the networks never see, `[n, 32, 32]`. */
  readonly held: Float32Array;
  readonly send: (event: FakesEvent) => void;
  /** Default: LEAST_STEP_MS. */
  readonly leastStepMs?: number;
  /** Default: STEPS. */
  readonly steps?: number;
}

export class Trainer {
  readonly gan: Gan;
  readonly #options: TrainerOptions;
  readonly #yardstick: Yardstick;
  #looked = Number.NEGATIVE_INFINITY;
  #paused = false;
  #ended = false;
  #wake = () => {};

  private constructor(gan: Gan, options: TrainerOptions) {
    this.gan = gan;
    this.#options = options;
    this.#yardstick = yardstickOf(options.held);
  }

  static async create(options: TrainerOptions): Promise<Trainer> {
    const { device, seed } = options;
    return new Trainer(await Gan.create({ device, seed }), options);
  }

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
    const { send, recordings, leastStepMs = LEAST_STEP_MS, steps = STEPS } = this.#options;
    await this.#look(0);
    for (let step = 1; step <= steps; step++) {
      while (this.#paused && !this.#ended) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
      }
      if (this.#ended) return;
      const began = performance.now();
      const losses = await this.gan.train(recordings());
      if (this.#ended) return;
      send({ type: 'step', step: { step, ...losses } });
      const last = step === steps;
      if (last || performance.now() - this.#looked >= LOOK_MS) await this.#look(step);
      if (last || step % MEASURE_EVERY === 0) await this.#measure(step);
      await new Promise((done) => setTimeout(done, Math.max(0, began + leastStepMs - performance.now())));
    }
    if (!this.#ended) send({ type: 'over' });
  }

  async #look(step: number): Promise<void> {
    const fakes = await this.gan.paint(shownNoise());
    this.#looked = performance.now();
    if (!this.#ended) this.#options.send({ type: 'look', step, fakes });
  }

  async #measure(step: number): Promise<void> {
    const { held, send } = this.#options;
    const fakes = await this.gan.paint(new Noise(step).forPictures(held.length / PIXELS));
    const accuracy = accuracyOf(await this.gan.judge(held), await this.gan.judge(fakes));
    const distance = distanceTo(this.#yardstick, fakes);
    if (!this.#ended) send({ type: 'measured', measured: { step, accuracy, distance } });
  }
}
