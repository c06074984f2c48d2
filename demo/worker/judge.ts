/** What a model says of images, and how right it is. */
import type { Model, TensorData } from 'neurite';
import { type BrainImages, toRainbow } from 'neurite/brain';
import type { TestResult } from '../protocol.ts';
import { type Images, pick } from './images.ts';

/** Images that are in memory twice at a time. */
const CHUNK = 256;

/** Grey images in the form that a model takes: as they are, or in the rainbow's colours. */
export function inputOf(model: Model, x: BrainImages): TensorData {
  return model.inputShape.at(-1) === 3 ? toRainbow(x) : x;
}

/** Probability of class 1, fake, for each image. */
export async function probabilities(model: Model, x: BrainImages): Promise<Float32Array> {
  const { data } = await model.predict(inputOf(model, x));
  return Float32Array.from({ length: data.length / 2 }, (_, i) => fakeOf(data[2 * i]!, data[2 * i + 1]!));
}

export async function judge(
  model: Model,
  images: Images,
  rows: Int32Array,
  onProgress: (done: number, total: number) => void,
): Promise<TestResult> {
  if (rows.length === 0) throw new Error('There is no image to test on: give a segment the use “test”.');
  const fake = new Float32Array(rows.length);
  const labels = Int32Array.from(rows, (row) => images.y[row]!);
  let loss = 0;
  let right = 0;
  onProgress(0, rows.length);
  for (let start = 0; start < rows.length; start += CHUNK) {
    const chunk = rows.subarray(start, start + CHUNK);
    const { data } = await model.predict(inputOf(model, pick(images, chunk).x));
    for (let i = 0; i < chunk.length; i++) {
      const [real, other] = [data[2 * i]!, data[2 * i + 1]!];
      fake[start + i] = fakeOf(real, other);
      const margin = labels[start + i] === 1 ? other - real : real - other;
      loss += Math.max(0, -margin) + Math.log1p(Math.exp(-Math.abs(margin))); // -log of the softmax, stable
      if (margin > 0) right++;
    }
    onProgress(Math.min(start + CHUNK, rows.length), rows.length);
  }
  return { rows, labels, fake, loss: loss / rows.length, accuracy: right / rows.length };
}

/** Softmax of two logits. */
const fakeOf = (real: number, fake: number) => 1 / (1 + Math.exp(real - fake));
