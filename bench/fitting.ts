import type { Model } from 'neurite';
import { makeBatch } from './batch.ts';
import { type Timing, time, timing } from './measure.ts';

/** Largest dataset: uploading a larger one would not improve the measurement. */
const MOST_DATASET_BYTES = 256 * 2 ** 20;
const MOST_STEPS_AN_EPOCH = 128;

/**
 * The time of a step of `fit`, which keeps several in flight: an epoch's time by its steps. The epochs but the first are the
 * samples.
 */
export async function timeFit(
  model: Model,
  batchSize: number,
  { budgetMs, epochs }: { budgetMs: number; epochs: number },
): Promise<Timing> {
  const batch = makeBatch(batchSize, model.inputShape);
  const { median: estimate } = await time(() => model.trainOnBatch(batch.x, batch.y), { budgetMs: 0, least: 1 });
  const bytes = batch.x.data.byteLength;
  const affordable = Math.min(Math.floor(budgetMs / epochs / estimate), Math.floor(MOST_DATASET_BYTES / bytes));
  const steps = Math.max(2, Math.min(MOST_STEPS_AN_EPOCH, affordable));
  const { x, y } = makeBatch(batchSize * steps, model.inputShape);
  const samples: number[] = [];
  let start = 0;
  await model.fit(
    { x, y },
    {
      batchSize,
      epochs,
      callbacks: {
        onEpochBegin: () => {
          start = performance.now();
        },
        onEpochEnd: () => {
          samples.push((performance.now() - start) / steps);
        },
      },
    },
  );
  return timing(samples.slice(1));
}
