/**
 * Trains the landing page's network, step by step, and reports what happens. It begins with few pictures, so that the first step
 * comes at once, and goes on with more when they have been simulated.
 */
import { adam, cosineDecay, type Device, type Model, StepsLostError, sequential, shuffle } from 'neurite';
import { type BrainSet, brainSize, fakeProbability } from 'neurite/brain';
import { WatchedTrainer } from '../gpu/watchedTraining.ts';
import { networkLayers, SHOWN_LAYERS } from './network.ts';
import type { LandingEvent } from './protocol.ts';
import { BATCH_SIZE, STEPS } from './training.ts';

const LEARNING_RATE = 0.01;
const PACE = { steps: STEPS, leastStepMs: 80, measureEvery: 20 };

const pixels = brainSize ** 2;

export interface TrainerOptions {
  readonly device: Device;
  /** Of first weights, and of the order of pictures. */
  readonly seed: number;
  readonly train: BrainSet;
  readonly send: (event: LandingEvent) => void;
  /** The picture to look at. */
  readonly lookAt: () => Float32Array;
  /** Default: that of the page's pace. */
  readonly leastStepMs?: number;
}

export class Trainer extends WatchedTrainer {
  readonly model: Model;
  /** Pictures to learn from; may be replaced by more of them. */
  pictures: BrainSet;
  /** Pictures of new animals; undefined: not there yet. */
  test: BrainSet | undefined;
  readonly #options: TrainerOptions;
  #queue = new Uint32Array();
  #draws = 0;

  private constructor(model: Model, options: TrainerOptions) {
    const { leastStepMs = PACE.leastStepMs, send } = options;
    super({ ...PACE, leastStepMs }, send);
    this.model = model;
    this.pictures = options.train;
    this.#options = options;
  }

  static async create(options: TrainerOptions): Promise<Trainer> {
    const model = sequential(networkLayers());
    await model.compile({
      device: options.device,
      optimizer: adam({ learningRate: cosineDecay({ initialLearningRate: LEARNING_RATE, decaySteps: STEPS }) }),
      loss: 'sparseCategoricalCrossentropy',
      metrics: ['accuracy'],
      seed: options.seed,
    });
    return new Trainer(model, options);
  }

  /** Steps that a lost device has taken along are done again. */
  protected async train(step: number): Promise<number> {
    const { x, y } = this.#batch();
    try {
      const { loss, accuracy } = await this.model.trainOnBatch(x, y);
      if (!this.ended) this.#options.send({ type: 'step', step, loss: loss!, accuracy: accuracy! });
    } catch (error) {
      if (!(error instanceof StepsLostError)) throw error;
    }
    return this.model.iterations;
  }

  dispose(): void {
    this.model.dispose();
  }

  /** Probabilities of fake. */
  async judge(pictures: readonly Float32Array[]): Promise<number[]> {
    const data = new Float32Array(pictures.length * pixels);
    pictures.forEach((picture, i) => {
      data.set(picture, i * pixels);
    });
    const { data: logits } = await this.model.predict({ data, shape: [pictures.length, brainSize, brainSize, 1] });
    return pictures.map((_, i) => fakeProbability(logits[2 * i]!, logits[2 * i + 1]!));
  }

  protected async look(step: number): Promise<void> {
    const picture = this.#options.lookAt();
    const { layers, prediction } = await this.model.inspect({ data: picture, shape: [1, brainSize, brainSize, 1] });
    const weights = await this.model.getWeights();
    if (this.ended) return;
    const maps = SHOWN_LAYERS.map((index) => layers[index]!.output).map(({ data, shape }) => ({
      data,
      shape: shape.slice(1),
    }));
    const fake = fakeProbability(prediction.data[0]!, prediction.data[1]!);
    const plain = weights.map(({ name, shape, data }) => ({ name, shape: [...shape], data }));
    this.#options.send({ type: 'look', look: { step, pixels: picture, maps, fake, weights: plain } });
  }

  protected async measure(step: number): Promise<void> {
    if (!this.test) return;
    const { x, y } = this.test;
    const { accuracy } = await this.model.evaluate({ x, y });
    if (this.ended) return;
    this.#options.send({ type: 'test', step, right: Math.round(accuracy! * y.length), count: y.length });
  }

  /** The next pictures: all of them once, in another order each time. */
  #batch(): { x: { data: Float32Array; shape: number[] }; y: Int32Array } {
    if (this.#queue.length < BATCH_SIZE) {
      this.#queue = Uint32Array.from(this.pictures.y.keys());
      shuffle(this.#queue, this.#options.seed + 1000 * ++this.#draws);
    }
    const rows = this.#queue.subarray(0, BATCH_SIZE);
    this.#queue = this.#queue.subarray(BATCH_SIZE);
    const data = new Float32Array(BATCH_SIZE * pixels);
    rows.forEach((row, i) => {
      data.set(this.pictures.x.data.subarray(row * pixels, (row + 1) * pixels), i * pixels);
    });
    return {
      x: { data, shape: [BATCH_SIZE, brainSize, brainSize, 1] },
      y: Int32Array.from(rows, (row) => this.pictures.y[row]!),
    };
  }
}
