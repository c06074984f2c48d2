/** Training settings as the engine's optimizer. */
import { adam, adamw, type Optimizer, rmsprop, sgd } from '../nn/optimizers.ts';
import { cosineDecay } from '../nn/schedules.ts';
import type { OptimizerName, TrainingDefaults } from './training.ts';

const OPTIMIZERS = { adam, adamw, sgd, rmsprop } satisfies Record<OptimizerName, unknown>;

/** @param steps of the whole training, over which the cosine takes the learning rate down to 0 */
export function optimizerOf(
  { optimizer, learningRate, schedule }: Pick<TrainingDefaults, 'optimizer' | 'learningRate' | 'schedule'>,
  steps: number,
): Optimizer {
  const rate =
    schedule === 'constant' ? learningRate : cosineDecay({ initialLearningRate: learningRate, decaySteps: steps });
  return OPTIMIZERS[optimizer]({ learningRate: rate });
}
