/** Trains the networks of the page, step by step, shows what the generator paints, and measures both on the way. */
import { type Device, StepsLostError } from 'neurite';
import { WatchedTrainer } from '../../gpu/watchedTraining.ts';
import { Gan, STEPS } from '../gan.ts';
import { Noise } from '../noise.ts';
import { PIXELS } from '../pictures.ts';
import { accuracyOf } from '../quality.ts';
import { distanceTo, type Yardstick, yardstickOf } from './distance.ts';
import { shownNoise } from './noises.ts';
import type { FakesEvent } from './protocol.ts';

const PACE = { steps: STEPS, leastStepMs: 12, measureEvery: 50 };

export interface TrainerOptions {
  readonly device: Device;
  /** Where another device comes from when that is lost. */
  readonly anotherDevice?: () => Promise<Device>;
  readonly seed: number;
  /** Those of now, `[n, 32, 32]`; more may be there later. */
  readonly recordings: () => Float32Array;
  /** Recordings that the networks never see, `[n, 32, 32]`. */
  readonly held: Float32Array;
  readonly send: (event: FakesEvent) => void;
  /** Default: those of the page's pace. */
  readonly leastStepMs?: number;
  readonly steps?: number;
}

export class Trainer extends WatchedTrainer {
  readonly gan: Gan;
  readonly #options: TrainerOptions;
  readonly #yardstick: Yardstick;

  private constructor(gan: Gan, options: TrainerOptions) {
    const { leastStepMs = PACE.leastStepMs, steps = PACE.steps, send } = options;
    super({ ...PACE, leastStepMs, steps }, send);
    this.gan = gan;
    this.#options = options;
    this.#yardstick = yardstickOf(options.held);
  }

  static async create(options: TrainerOptions): Promise<Trainer> {
    const { device, seed, anotherDevice } = options;
    return new Trainer(await Gan.create({ device, seed, ...(anotherDevice ? { anotherDevice } : {}) }), options);
  }

  /** Steps that a lost device has taken along are done again. */
  protected async train(step: number): Promise<number> {
    try {
      const losses = await this.gan.train(this.#options.recordings());
      if (!this.ended) this.#options.send({ type: 'step', step: { step, ...losses } });
    } catch (error) {
      if (!(error instanceof StepsLostError)) throw error;
    }
    return this.gan.steps;
  }

  dispose(): void {
    this.gan.dispose();
  }

  protected async look(step: number): Promise<void> {
    const fakes = await this.gan.paint(shownNoise());
    if (!this.ended) this.#options.send({ type: 'look', step, fakes });
  }

  protected async measure(step: number): Promise<void> {
    const { held, send } = this.#options;
    const fakes = await this.gan.paint(new Noise(step).forPictures(held.length / PIXELS));
    const accuracy = accuracyOf(await this.gan.judge(held), await this.gan.judge(fakes));
    const distance = distanceTo(this.#yardstick, fakes);
    if (!this.ended) send({ type: 'measured', measured: { step, accuracy, distance } });
  }
}
