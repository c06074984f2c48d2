/**
 * Trains the landing page's network, step by step, and reports what happens. It begins with few pictures, so that the first step
 * comes at once, and goes on with more when they have been simulated.
 */
import { adam, cosineDecay, type Device, type Model, sequential, shuffle } from 'neurite';
import { type BrainSet, brainSize, fakeProbability } from 'neurite/brain';
import { networkLayers, SHOWN_LAYERS } from './network.ts';
import type { LandingEvent } from './protocol.ts';
import { BATCH_SIZE, STEPS } from './training.ts';

const LEARNING_RATE = 0.01;
/** Milliseconds of a step at least: a fast GPU would be done before a visitor has looked. */
const LEAST_STEP_MS = 80;
/** Milliseconds between two looks at a picture. */
const LOOK_MS = 400;
/** Steps between two tests. */
const TEST_EVERY = 20;

const pixels = brainSize ** 2;

export interface TrainerOptions {
  readonly device: Device;
  /** Of first weights, and of the order of pictures. */
  readonly seed: number;
  readonly train: BrainSet;
  readonly send: (event: LandingEvent) => void;
  /** The picture to look at. */
  readonly lookAt: () => Float32Array;
  /** Default: LEAST_STEP_MS. */
  readonly leastStepMs?: number;
}

export class Trainer {
  readonly model: Model;
  /** Pictures to learn from; may be replaced by more of them. */
  train: BrainSet;
  /** Pictures of new animals; undefined: not there yet. */
  test: BrainSet | undefined;
  readonly #options: TrainerOptions;
  #queue = new Uint32Array();
  #draws = 0;
  #looked = Number.NEGATIVE_INFINITY;
  #ended = false;
  #paused: { resume(): void; over: Promise<void> } | undefined;

  private constructor(model: Model, options: TrainerOptions) {
    this.model = model;
    this.train = options.train;
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

  /** Trains to the end, or until `end` is called. */
  async run(): Promise<void> {
    const { send, leastStepMs = LEAST_STEP_MS } = this.#options;
    await this.#look(0);
    for (let step = 1; step <= STEPS; step++) {
      await this.#paused?.over;
      if (this.#ended) return;
      const began = performance.now();
      const { x, y } = this.#batch();
      const { loss, accuracy } = await this.model.trainOnBatch(x, y);
      send({ type: 'step', step, loss: loss!, accuracy: accuracy! });
      const last = step === STEPS;
      if (last || performance.now() - this.#looked >= LOOK_MS) await this.#look(step);
      if (this.test && (last || step % TEST_EVERY === 0)) await this.#test(step, this.test);
      await new Promise((done) => setTimeout(done, Math.max(0, began + leastStepMs - performance.now())));
    }
    if (!this.#ended) send({ type: 'over' });
  }

  pause(): void {
    if (this.#paused) return;
    let resume = () => {};
    const over = new Promise<void>((resolve) => {
      resume = resolve;
    });
    this.#paused = { over, resume };
  }

  resume(): void {
    this.#paused?.resume();
    this.#paused = undefined;
  }

  /** Ends `run` after the step under way. */
  end(): void {
    this.#ended = true;
    this.resume();
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

  async #look(step: number): Promise<void> {
    this.#looked = performance.now();
    const picture = this.#options.lookAt();
    const { layers, prediction } = await this.model.inspect({ data: picture, shape: [1, brainSize, brainSize, 1] });
    const weights = await this.model.getWeights();
    if (this.#ended) return;
    const maps = SHOWN_LAYERS.map((index) => layers[index]!.output).map(({ data, shape }) => ({
      data,
      shape: shape.slice(1),
    }));
    const fake = fakeProbability(prediction.data[0]!, prediction.data[1]!);
    const plain = weights.map(({ name, shape, data }) => ({ name, shape: [...shape], data }));
    this.#options.send({ type: 'look', look: { step, pixels: picture, maps, fake, weights: plain } });
  }

  async #test(step: number, { x, y }: BrainSet): Promise<void> {
    const { accuracy } = await this.model.evaluate({ x, y });
    if (this.#ended) return;
    this.#options.send({ type: 'test', step, right: Math.round(accuracy! * y.length), count: y.length });
  }

  /** The next pictures: all of them once, in another order each time. */
  #batch(): { x: { data: Float32Array; shape: number[] }; y: Int32Array } {
    if (this.#queue.length < BATCH_SIZE) {
      this.#queue = Uint32Array.from(this.train.y.keys());
      shuffle(this.#queue, this.#options.seed + 1000 * ++this.#draws);
    }
    const rows = this.#queue.subarray(0, BATCH_SIZE);
    this.#queue = this.#queue.subarray(BATCH_SIZE);
    const data = new Float32Array(BATCH_SIZE * pixels);
    rows.forEach((row, i) => {
      data.set(this.train.x.data.subarray(row * pixels, (row + 1) * pixels), i * pixels);
    });
    return {
      x: { data, shape: [BATCH_SIZE, brainSize, brainSize, 1] },
      y: Int32Array.from(rows, (row) => this.train.y[row]!),
    };
  }
}
