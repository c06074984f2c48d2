/** Links to the lab with settings in their hash: the networks that tests of the page train. */
import type { Settings } from '../../demo/lab/link.ts';
import { layers } from '../../src/nn/layers/index.ts';

/** A link's hash; the page's own form is tested against it. */
export function hashOf(settings: object): string {
  return `#settings=${Buffer.from(JSON.stringify(settings)).toString('base64url')}`;
}

/** What a link's hash says. */
export function settingsOf(hash: string): { training: Settings['training'] } {
  return JSON.parse(Buffer.from(hash.split('=')[1]!, 'base64url').toString());
}

/** As many epochs as the page allows: for runs that a test stops itself, on whatever machine. */
const ENDLESSLY = 1000;

/** The baseline on few images: real training, steps of a quarter of a second without a GPU. It is stopped by the test. */
export const SMALL_BASELINE = hashOf({
  preset: 'baseline',
  training: { optimizer: 'adam', learningRate: 0.001, schedule: 'constant', batchSize: 8, epochs: ENDLESSLY, seed: 0 },
  data: { imagesPerClass: 8, seed: 0, roles: 'tt-----eee' },
} satisfies Omit<Settings, 'layers' | 'data'> & { data: unknown });

/** A network of steps of some ten milliseconds, with all that has state: dropout's seeds, batch-norm's moving averages, Adam. */
export const tiny = (training: { epochs?: number; seed?: number } = {}) =>
  hashOf({
    preset: 'custom',
    layers: [
      layers.maxPool2d({ poolSize: 8, inputShape: [128, 128, 1] }),
      layers.conv2d({ filters: 4, kernelSize: 3, activation: 'relu' }),
      layers.batchNormalization(),
      layers.flatten(),
      layers.dropout({ rate: 0.2 }),
      layers.dense({ units: 2 }),
    ],
    training: {
      ...{ optimizer: 'adam', learningRate: 0.001, schedule: 'cosine', batchSize: 4, epochs: ENDLESSLY, seed: 3 },
      ...training,
    },
    data: { imagesPerClass: 8, seed: 0, roles: 'tt-----eee' },
  });

/** It ends by itself, on a GPU in less than a second. */
export const TINY = tiny({ epochs: 60 });

/** The same, until it is stopped. */
export const ENDLESS = tiny();

/** Layers without activations: each makes the others' gradients larger, and nothing bounds them. */
export const linear = (learningRate: number, epochs: number) =>
  hashOf({
    preset: 'custom',
    layers: [
      layers.maxPool2d({ poolSize: 8, inputShape: [128, 128, 1] }),
      layers.flatten(),
      ...[1, 2, 3].map(() => layers.dense({ units: 16 })),
      layers.dense({ units: 2 }),
    ],
    training: { optimizer: 'sgd', learningRate, schedule: 'constant', batchSize: 4, epochs, seed: 0 },
    data: { imagesPerClass: 8, seed: 0, roles: 'tt-----eee' },
  });
