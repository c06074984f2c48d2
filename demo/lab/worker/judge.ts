/** How right a model is on the images that the worker holds. */
import type { Model } from 'neurite';
import { judge } from 'neurite/brain';
import type { TestResult } from '../protocol/index.ts';
import type { Images } from './images.ts';

/** Images of one call of predict. */
const CHUNK = 256;

/** @throws Error, for people, where there is no row */
export async function testOn(
  model: Model,
  images: Images,
  rows: Int32Array,
  onProgress: (done: number, total: number) => void,
): Promise<TestResult> {
  if (rows.length === 0) throw new Error('There is no image to test on: give a segment the use “test”.');
  onProgress(0, rows.length);
  const onChunk = (done: number) => onProgress(done, rows.length);
  const verdicts = await judge(model, images, { rows, chunk: CHUNK, onChunk });
  return {
    rows,
    labels: Int32Array.from(verdicts, ({ truth }) => truth),
    fake: Float32Array.from(verdicts, ({ fake }) => fake),
    loss: verdicts.reduce((sum, { loss }) => sum + loss, 0) / rows.length,
    accuracy: verdicts.filter(({ truth, prediction }) => truth === prediction).length / rows.length,
  };
}
