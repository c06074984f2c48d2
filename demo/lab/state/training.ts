/** What a network is trained with. */
import { signal } from '@preact/signals';
import type { TrainingSettings } from '../protocol/index.ts';

export const training = signal<TrainingSettings>({
  optimizer: 'adam',
  learningRate: 0.001,
  schedule: 'constant',
  batchSize: 32,
  epochs: 5,
  seed: 0,
});

export function changeTraining(change: Partial<TrainingSettings>): void {
  training.value = { ...training.value, ...change };
}
