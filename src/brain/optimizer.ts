/** Creates the engine's optimizer from training settings, which are plain data. */
import { adam, adamw, type Optimizer, rmsprop, sgd } from '../nn/optimizers.ts';
import { cosineDecay } from '../nn/schedules.ts';
import type { OptimizerName, TrainingDefaults } from './training.ts';

const OPTIMIZERS = { adam, adamw, sgd, rmsprop } satisfies Record<OptimizerName, unknown>;

/** @param steps number of steps of the whole training. A cosine schedule decays the learning rate to 0 over them. */
export function optimizerOf(
  { optimizer, learningRate, schedule }: Pick<TrainingDefaults, 'optimizer' | 'learningRate' | 'schedule'>,
  steps: number,
): Optimizer {
  const rate =
    schedule === 'constant' ? learningRate : cosineDecay({ initialLearningRate: learningRate, decaySteps: steps });
  return OPTIMIZERS[optimizer]({ learningRate: rate });
}
