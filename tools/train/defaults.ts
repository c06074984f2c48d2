import type { OptimizerName, ScheduleName } from './protocol.ts';

/** What a preset is trained with unless options say otherwise. */
export interface Defaults {
  readonly epochs: number;
  readonly batchSize: number;
  readonly optimizer: OptimizerName;
  readonly learningRate: number;
  readonly schedule: ScheduleName;
  readonly validationSplit: number;
  /** Simulated images of each class and segment, to train on and to test on. */
  readonly images: number;
  readonly testImages: number;
}

/** Sizes that two CPU cores without a GPU work through in less than five minutes. */
const STANDARD: Defaults = {
  epochs: 5,
  batchSize: 32,
  optimizer: 'adam',
  learningRate: 0.001,
  schedule: 'constant',
  validationSplit: 0.2,
  images: 256,
  testImages: 64,
};

/** Where a preset's own differ. A preset that is not named here is trained with the standard ones. */
const OWN: Readonly<Record<string, Partial<Defaults>>> = {
  // Three bright channels make large steps of the first updates: at 0.001 every filter dies. A step costs twice as much.
  rgb: { learningRate: 0.0003, images: 192 },
  // Batch-norm allows large steps; the cosine ends them softly.
  improved: { epochs: 10, learningRate: 0.003, schedule: 'cosine' },
};

export const DEFAULT_MODEL = 'baseline';
export const TRAIN_SEGMENTS: readonly number[] = [0, 1];
export const TEST_SEGMENTS: readonly number[] = [7, 8, 9];
export const SEGMENTS = 10;

export function defaultsOf(model: string): Defaults {
  return { ...STANDARD, ...(Object.hasOwn(OWN, model) ? OWN[model] : {}) };
}

/** Keras' default learning rates, for optimizers other than the preset's. */
export function defaultLearningRate(optimizer: OptimizerName, defaults: Defaults): number {
  if (optimizer === defaults.optimizer) return defaults.learningRate;
  return optimizer === 'sgd' ? 0.01 : 0.001;
}
