/**
 * The default training settings of each preset, for the command line and the demo page. Plain data, which does not
 * import the engine.
 */
import type { Optimizer } from '../nn/optimizers.ts';
import type { PresetName } from './presets.ts';

export type OptimizerName = Optimizer['name'];
/** The course of the learning rate: constant, or decaying to 0 along half a cosine. */
export type ScheduleName = 'constant' | 'cosine';

/** Training settings that suit a preset. */
export interface TrainingDefaults {
  readonly optimizer: OptimizerName;
  readonly learningRate: number;
  readonly schedule: ScheduleName;
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
  // Three bright channels give large gradients, and so large first updates: with 0.001 every relu dies.
  rgb: { ...STANDARD, learningRate: 0.0003 },
  // Batch normalization allows large steps; the cosine makes them small towards the end.
  improved: { ...STANDARD, epochs: 10, learningRate: 0.003, schedule: 'cosine' },
};
