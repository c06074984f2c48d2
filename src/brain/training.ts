import type { PresetName } from './presets.ts';

/** How a preset is best trained: what the command line and the demo page start with. */
export interface TrainingDefaults {
  readonly optimizer: 'adam' | 'adamw' | 'sgd' | 'rmsprop';
  readonly learningRate: number;
  /** How the learning rate goes on: as it is, or down to 0 along half a cosine. */
  readonly schedule: 'constant' | 'cosine';
  readonly batchSize: number;
  readonly epochs: number;
}

const STANDARD: TrainingDefaults = {
  optimizer: 'adam',
  learningRate: 0.001,
  schedule: 'constant',
  batchSize: 32,
  epochs: 5,
};

export const presetTraining: Readonly<Record<PresetName, TrainingDefaults>> = {
  baseline: STANDARD,
  second: STANDARD,
  // Three bright channels make large steps of the first updates: at 0.001 every filter dies.
  rgb: { ...STANDARD, learningRate: 0.0003 },
  // Batch-norm allows large steps; the cosine ends them softly.
  improved: { ...STANDARD, epochs: 10, learningRate: 0.003, schedule: 'cosine' },
};
