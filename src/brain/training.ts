/** How the networks of the course are trained: what the command line and the demo page start with. */
import { adam, adamw, type Optimizer, rmsprop, sgd } from '../nn/optimizers.ts';
import { cosineDecay } from '../nn/schedules.ts';
import type { PresetName } from './presets.ts';

const OPTIMIZERS = { adam, adamw, sgd, rmsprop };

export type OptimizerName = keyof typeof OPTIMIZERS;
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

/** @param steps of the whole training, over which the cosine takes the learning rate down to 0 */
export function optimizerOf(
  { optimizer, learningRate, schedule }: Pick<TrainingDefaults, 'optimizer' | 'learningRate' | 'schedule'>,
  steps: number,
): Optimizer {
  const rate =
    schedule === 'constant' ? learningRate : cosineDecay({ initialLearningRate: learningRate, decaySteps: steps });
  return OPTIMIZERS[optimizer]({ learningRate: rate });
}
