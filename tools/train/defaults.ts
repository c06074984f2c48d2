import { presetTraining, type TrainingDefaults } from '../../src/brain/training.ts';
import type { OptimizerName } from './protocol.ts';

/** The default training settings of a preset. */
export interface Defaults extends TrainingDefaults {
  readonly validationSplit: number;
  /** Simulated images of each class and segment, to train on and to test on. */
  readonly images: number;
  readonly testImages: number;
}

/** Sizes for which two CPU cores without a GPU need less than five minutes. */
const SIZES = { validationSplit: 0.2, images: 256, testImages: 64 };

/** Sizes of presets that differ from these: a step with three channels costs twice as much. */
const OWN_SIZES: Readonly<Record<string, Partial<typeof SIZES>>> = { rgb: { images: 192 } };

export const DEFAULT_MODEL = 'baseline';
export const TRAIN_SEGMENTS: readonly number[] = [0, 1];
export const TEST_SEGMENTS: readonly number[] = [7, 8, 9];
export const SEGMENTS = 10;

export function defaultsOf(model: string): Defaults {
  const training = presetTraining[model as keyof typeof presetTraining] ?? presetTraining[DEFAULT_MODEL];
  return { ...training, ...SIZES, ...(Object.hasOwn(OWN_SIZES, model) ? OWN_SIZES[model] : {}) };
}

/** Keras' default learning rates, for optimizers other than the preset's. */
export function defaultLearningRate(optimizer: OptimizerName, defaults: Defaults): number {
  if (optimizer === defaults.optimizer) return defaults.learningRate;
  return optimizer === 'sgd' ? 0.01 : 0.001;
}
