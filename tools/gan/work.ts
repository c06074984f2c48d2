/** The work of `npm run gan`, which needs the engine: trains GANs and measures them. `tools/gan.ts` runs it through Vite. */
import {
  adam,
  type Device,
  type LayerSpec,
  layers,
  type Model,
  requestDevice,
  sequential,
  type TensorData,
} from 'neurite';
import { presets, presetTraining, simulateBrain } from 'neurite/brain';
import { Gan } from '../../demo/fakes/gan.ts';
import { Noise } from '../../demo/fakes/noise.ts';
import { holdOut, PIXELS, picturesOf, rowsOf, SIDE } from '../../demo/fakes/pictures.ts';
import { accuracyOf, frechetDistance, type Moments, meanDistance, moments } from '../../demo/fakes/quality.ts';

export { STEPS } from '../../demo/fakes/gan.ts';

/** Recordings of each of the two days that the networks learn from; every fifth is held out. */
const PER_DAY = 256;
const DAYS = [0, 1];
/** Fakes whose features are compared with those of the held-out recordings. */
const COMPARED = 256;
/** Fakes, and recordings, whose distances from each other are compared, and which are drawn. */
export const DRAWN = 64;
/** Seeds of noise that no training has seen. */
const NOISE_SEED = 1_000_000;

/** The networks after some steps. Losses are means since the measurement before. */
export interface Measured {
  readonly step: number;
  readonly generatorLoss: number;
  readonly discriminatorLoss: number;
  /** Of the discriminator, on held-out recordings and as many new fakes. */
  readonly accuracy: number;
  /** Squared Fréchet distance of new fakes to held-out recordings. */
  readonly distance: number;
  /** Mean distance between two fakes, as a part of that between two recordings. */
  readonly spread: number;
}

export interface Trained {
  readonly seed: number;
  readonly measured: readonly Measured[];
  /** The untrained generator's distance. */
  readonly untrained: number;
  /** The distance of the recordings that were trained on to those held out: no generator that does as well can be told from them. */
  readonly ofRecordings: number;
  /** The lab's baseline, trained on recordings against these fakes: its accuracy on held-out recordings and new fakes. */
  readonly baseline: number;
  readonly seconds: number;
  /** `[DRAWN, 32, 32]`. */
  readonly fakes: Float32Array;
  readonly recordings: Float32Array;
  readonly weights: Awaited<ReturnType<Model['getWeights']>>;
}

export interface Work {
  readonly gpu: GPU;
  readonly seed: number;
  readonly steps: number;
  /** Steps from one measurement to the next. */
  readonly every: number;
  readonly report: (measured: Measured) => void;
}

/** Trains the networks from one seed, and measures them on the way and at the end. */
export async function trainedGan({ gpu, seed, steps, every, report }: Work): Promise<Trained> {
  const device = await requestDevice({ gpu });
  const { train, held } = recordings(DAYS, PER_DAY);
  const judge = await dayClassifier(device);
  const wanted = await featuresOf(judge, held);
  const noise = new Noise(NOISE_SEED);
  const compared = noise.forPictures(COMPARED);
  const drawn = noise.forPictures(DRAWN);
  const shown = rowsOf(held, [...Array(DRAWN).keys()]);
  const ofHeld = meanDistance(shown, PIXELS);
  const gan = await Gan.create({ device, seed });
  const distance = async () => frechetDistance(wanted, await featuresOf(judge, await gan.paint(compared)));

  const untrained = await distance();
  const measured: Measured[] = [];
  let sums = [0, 0, 0];
  const start = performance.now();
  let measuring = 0;
  for (let step = 1; step <= steps; step++) {
    const losses = await gan.train(train);
    sums = [sums[0]! + losses.generator, sums[1]! + losses.discriminator, sums[2]! + 1];
    if (step % every > 0 && step < steps) continue;
    const began = performance.now();
    const fakes = await gan.paint(new Noise(NOISE_SEED + step).forPictures(held.length / PIXELS));
    measured.push({
      step,
      generatorLoss: sums[0]! / sums[2]!,
      discriminatorLoss: sums[1]! / sums[2]!,
      accuracy: accuracyOf(await gan.judge(held), await gan.judge(fakes)),
      distance: await distance(),
      spread: meanDistance(await gan.paint(drawn), PIXELS) / ofHeld,
    });
    report(measured.at(-1)!);
    sums = [0, 0, 0];
    measuring += performance.now() - began;
  }
  const seconds = (performance.now() - start - measuring) / 1000;

  const fakes = await gan.paint(drawn);
  const weights = await gan.generator.getWeights();
  const baseline = await baselineAgainst(device, gan, train, held);
  const ofRecordings = frechetDistance(wanted, await featuresOf(judge, train));
  gan.dispose();
  judge.dispose();
  device.destroy();
  return { seed, measured, untrained, ofRecordings, baseline, seconds, fakes, recordings: shown, weights };
}

function recordings(days: readonly number[], perDay: number) {
  return holdOut(picturesOf(simulateBrain({ segments: days, imagesPerClass: perDay, seed: 0 }), 0));
}

function examples(pictures: Float32Array): TensorData {
  return { data: pictures, shape: [pictures.length / PIXELS, SIDE, SIDE, 1] };
}

const FEATURES = 16;

/** A classifier of the ten days, whose features see windows, brightness, grain and activity. It never sees a fake. */
async function dayClassifier(device: Device): Promise<Model> {
  const perDay = 48;
  const days = Array.from({ length: 10 }, (_, day) => day);
  const pictures = picturesOf(simulateBrain({ segments: days, imagesPerClass: perDay, seed: 0 }), 0);
  const y = Int32Array.from({ length: days.length * perDay }, (_, i) => Math.floor(i / perDay));
  const conv = { padding: 'same', strides: 2, activation: 'relu' } as const;
  const model = sequential([
    layers.conv2d({ inputShape: [SIDE, SIDE, 1], filters: 8, kernelSize: 5, ...conv }),
    layers.conv2d({ filters: 16, kernelSize: 3, ...conv }),
    layers.flatten(),
    layers.dense({ name: 'features', units: FEATURES, activation: 'relu' }),
    layers.dense({ units: days.length }),
  ]);
  const optimizer = adam({ learningRate: 0.002 });
  await model.compile({ device, optimizer, loss: 'sparseCategoricalCrossentropy', tune: false });
  await model.fit({ x: examples(pictures), y }, { epochs: 25 });
  return model;
}

async function featuresOf(classifier: Model, pictures: Float32Array): Promise<Moments> {
  const { layers } = await classifier.inspect(examples(pictures));
  const { output } = layers.find(({ name }) => name === 'features')!;
  return moments(output.data as Float32Array, FEATURES);
}

/** Trains the lab's baseline, for small pictures, on recordings against fakes. @returns its accuracy on held-out and new ones */
async function baselineAgainst(device: Device, gan: Gan, train: Float32Array, held: Float32Array): Promise<number> {
  const noise = new Noise(NOISE_SEED - 1);
  const mixed = async (real: Float32Array) => {
    const count = real.length / PIXELS;
    const fakes = await gan.paint(noise.forPictures(count));
    const data = new Float32Array(2 * real.length);
    for (let i = 0; i < count; i++) {
      data.set(real.subarray(i * PIXELS, (i + 1) * PIXELS), 2 * i * PIXELS);
      data.set(fakes.subarray(i * PIXELS, (i + 1) * PIXELS), (2 * i + 1) * PIXELS);
    }
    return { x: examples(data), y: Int32Array.from({ length: 2 * count }, (_, i) => i % 2) };
  };
  const [first, ...rest] = presets.baseline() as [LayerSpec, ...LayerSpec[]];
  const model = sequential([{ ...first, options: { ...first.options, inputShape: [SIDE, SIDE, 1] } }, ...rest]);
  const { learningRate, batchSize, epochs } = presetTraining.baseline;
  await model.compile({
    device,
    optimizer: adam({ learningRate }),
    loss: 'sparseCategoricalCrossentropy',
    metrics: ['accuracy'],
    tune: false,
  });
  await model.fit(await mixed(train), { epochs, batchSize });
  const { accuracy } = await model.evaluate(await mixed(held));
  model.dispose();
  return accuracy!;
}
