/** How the networks of the course are trained: what the command line and the demo page start with. Plain data, without the engine. */
import type { Optimizer } from '../nn/optimizers.ts';
import type { PresetName } from './presets.ts';

export type OptimizerName = Optimizer['name'];
/** The learning rate over time: always the same, or down to 0 along half a cosine. */
export type ScheduleName = 'constant' | 'cosine';

/** What a preset is best trained with. */
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
  // Three bright channels make large steps of the first updates: at 0.001 every filter dies.
  rgb: { ...STANDARD, learningRate: 0.0003 },
  // Batch-norm allows large steps; the cosine ends them softly.
  improved: { ...STANDARD, epochs: 10, learningRate: 0.003, schedule: 'cosine' },
};
