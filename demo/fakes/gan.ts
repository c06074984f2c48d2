/**
 * A generative adversarial network for small pictures: a generator that paints them from noise by transposed convolutions, a
 * discriminator that tells them from recordings, and the training of both, one step at a time. It needs no page.
 */
import {
  adam,
  add,
  binaryCrossEntropy,
  cosineDecay,
  type Device,
  fill,
  type LayerSpec,
  layers,
  type Model,
  mean,
  type Plan,
  type Schedule,
  StepsLostError,
  sequential,
  type Tensor,
  type TrainingStep,
  trainingStep,
} from 'neurite';
import { NOISE, Noise } from './noise.ts';
import { PIXELS, rowsOf, SIDE } from './pictures.ts';

/** Recordings, and fakes, of a step. */
export const BATCH = 16;
/** Steps of a run: until then the generator's rate falls. */
export const STEPS = 2000;
/**
 * How sure the discriminator is to be at most, of recordings and of fakes: then its gradient for the generator does not vanish where it
 * is right. Of a picture that may be either it gives the logit 0.
 */
const SURE = 0.9;

/** Twice the size: a transposed convolution whose kernel covers each pixel equally often, which keeps checkerboards faint. */
const larger = (filters: number): LayerSpec[] => [
  layers.conv2dTranspose({ filters, kernelSize: 4, strides: 2, padding: 'same', useBias: false }),
  layers.batchNormalization({ momentum: 0.9 }),
  layers.activation({ activation: 'relu' }),
];

/** Paints a picture, `[32, 32, 1]`, -1 to 1, from NOISE numbers. */
export const generatorLayers = (): LayerSpec[] => [
  layers.dense({ inputShape: [NOISE], units: 4 * 4 * 32, useBias: false }),
  layers.batchNormalization({ momentum: 0.9 }),
  layers.activation({ activation: 'relu' }),
  layers.reshape({ targetShape: [4, 4, 32] }),
  ...larger(16),
  ...larger(8),
  layers.conv2dTranspose({ filters: 1, kernelSize: 4, strides: 2, padding: 'same', activation: 'tanh' }),
];

/** Half the size. */
const SMALLER = { kernelSize: 3, strides: 2, padding: 'same', activation: 'leakyRelu' } as const;

/** Gives a picture a logit: above 0 it is taken for a recording. */
export const discriminatorLayers = (): LayerSpec[] => [
  layers.conv2d({ inputShape: [SIDE, SIDE, 1], filters: 12, ...SMALLER }),
  layers.conv2d({ filters: 24, ...SMALLER }),
  layers.conv2d({ filters: 32, ...SMALLER }),
  layers.flatten(),
  layers.dense({ units: 1 }),
];

/** What both networks are to make small, of one step. */
export interface Losses {
  readonly generator: number;
  readonly discriminator: number;
}

export interface GanOptions {
  readonly device: Device;
  /** Where another device comes from when that is lost. Default: the engine asks for one. */
  readonly anotherDevice?: () => Promise<Device>;
  /** Of the first weights, the noise, and the recordings of each step. */
  readonly seed: number;
  readonly onProgress?: (compiled: number, total: number) => void;
}

/** Seconds of training that a lost device takes along at most. */
const KEPT_EVERY = 2;

/** What needs no step: where some were lost with the device, it goes by the weights that were kept. */
async function byWhatIsKept<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof StepsLostError)) throw error;
    return work();
  }
}

export class Gan {
  readonly generator: Model;
  readonly discriminator: Model;
  readonly #step: TrainingStep<keyof Losses>;
  readonly #noise: Noise;

  private constructor(generator: Model, discriminator: Model, step: TrainingStep<keyof Losses>, seed: number) {
    this.generator = generator;
    this.discriminator = discriminator;
    this.#step = step;
    this.#noise = new Noise(seed);
  }

  /** Makes both networks and compiles their step. */
  static async create({ device, seed, anotherDevice, ...options }: GanOptions): Promise<Gan> {
    const generator = sequential(generatorLayers());
    const discriminator = sequential(discriminatorLayers());
    // A short memory of past gradients, since the other network changes all the time.
    const optimizer = (learningRate: number | Schedule) => adam({ learningRate, beta1: 0.5 });
    // The generator slows down, so that the discriminator keeps up with it.
    const slower = cosineDecay({ initialLearningRate: 0.0004, decaySteps: STEPS, alpha: 0.15 });
    await generator.compile({ device, seed, optimizer: optimizer(slower) });
    await discriminator.compile({ device, seed: seed + 1, optimizer: optimizer(0.001) });
    const recovery = { everySeconds: KEPT_EVERY, ...(anotherDevice ? { device: anotherDevice } : {}) };
    const step = await trainingStep(
      ({ graph, minimize }) => {
        const fakes = generator.apply(graph.input('noise', [BATCH, NOISE]), { training: true });
        const recordings = graph.input('recordings', [BATCH, SIDE, SIDE, 1]);
        const judged = (pictures: Tensor) => discriminator.apply(pictures, { training: true });
        const loss = (logits: Tensor, label: number) =>
          mean(binaryCrossEntropy(logits, fill(graph, [BATCH, 1], label)));
        const onFakes = judged(fakes);
        const ofDiscriminator = add(loss(judged(recordings), SURE), loss(onFakes, 1 - SURE));
        // Through the discriminator, which is to take the fakes for recordings.
        const ofGenerator = loss(onFakes, 1);
        minimize({ model: discriminator, loss: ofDiscriminator }, { model: generator, loss: ofGenerator });
        return { generator: ofGenerator, discriminator: ofDiscriminator };
      },
      { ...options, recovery },
    );
    return new Gan(generator, discriminator, step, seed);
  }

  /** Steps so far. */
  get steps(): number {
    return this.generator.iterations;
  }

  get plan(): Plan {
    return this.#step.plan;
  }

  /**
   * Trains both networks by one step, on some of the recordings.
   * @param recordings `[n, 32, 32]` @returns the losses before it
   * @throws StepsLostError if the device was lost with some steps; `steps` says where training goes on
   */
  async train(recordings: Float32Array): Promise<Losses> {
    const count = recordings.length / PIXELS;
    const chosen = Uint32Array.from({ length: BATCH }, () => this.#noise.below(count));
    const inputs = { noise: this.#noise.forPictures(BATCH), recordings: rowsOf(recordings, chosen) };
    const { generator, discriminator } = await this.#step.run(inputs);
    return { generator: generator[0]!, discriminator: discriminator[0]! };
  }

  /** Paints pictures. @param noise `[n, NOISE]` @returns `[n, 32, 32]` */
  async paint(noise: Float32Array): Promise<Float32Array> {
    const shape = [noise.length / NOISE, NOISE];
    return (await byWhatIsKept(() => this.generator.predict({ data: noise, shape }))).data;
  }

  /** The discriminator's logits: above 0 it takes a picture for a recording. @param pictures `[n, 32, 32]` */
  async judge(pictures: Float32Array): Promise<Float32Array> {
    const shape = [pictures.length / PIXELS, SIDE, SIDE, 1];
    return (await byWhatIsKept(() => this.discriminator.predict({ data: pictures, shape }))).data;
  }

  dispose(): void {
    this.#step.dispose();
    this.generator.dispose();
    this.discriminator.dispose();
  }
}
