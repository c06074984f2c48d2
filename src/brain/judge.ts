/**
 * Judges brain images with a trained network: its prediction for each image, the probability, and whether it is right.
 * Class 0 is real, class 1 is fake.
 */
import type { TensorData } from '../data/dataset.ts';
import type { Model } from '../nn/model.ts';
import { checkOptions, type Kind } from '../options.ts';
import { type BrainImages, type BrainSet, brainSize, toRainbow } from './images.ts';

const pixels = brainSize * brainSize;

/** Converts grey images to a model's input: unchanged, or in rainbow colours for a model with three channels. */
export function inputOf(model: Pick<Model, 'inputShape'>, images: BrainImages): TensorData {
  return model.inputShape.at(-1) === 3 ? toRainbow(images) : images;
}

/** A network's prediction for one image. */
export interface Verdict {
  /** Index of the image in its set. */
  readonly row: number;
  readonly truth: number;
  readonly prediction: number;
  /** Probability of class 1, fake. */
  readonly fake: number;
  /** Cross-entropy, in nats. */
  readonly loss: number;
}

/** Probability of class 1, fake: the softmax of two logits. */
export const fakeProbability = (real: number, fake: number): number => 1 / (1 + Math.exp(real - fake));

/** Without overflow: -log of the probability of class a is log(1 + exp(b - a)). */
function verdictOf(row: number, truth: number, real: number, fake: number): Verdict {
  const margin = Math.abs(real - fake);
  // If a logit is NaN, the prediction counts as wrong.
  const prediction = Number.isNaN(margin) ? 1 - truth : fake > real ? 1 : 0;
  const surprise = Math.log1p(Math.exp(-margin));
  const loss = prediction === truth ? surprise : surprise + margin;
  return { row, truth, prediction, fake: fakeProbability(real, fake), loss };
}

export interface JudgeOptions {
  /** Indices of the images to judge. Default: all. */
  readonly rows?: ArrayLike<number>;
  /** Number of images for each call of `predict`. They are copied, so this limits the memory. Default 32. */
  readonly chunk?: number;
  /** Called after each chunk with the number of images done. An error that it throws ends the work. */
  readonly onChunk?: (done: number) => void;
}

const JUDGE_OPTIONS = { rows: 'list', chunk: 'count', onChunk: 'function' } as const satisfies Record<
  keyof JudgeOptions,
  Kind
>;

/**
 * Predicts images chunk by chunk.
 * @returns a verdict for each image, in the order of the rows
 * @throws ArgumentError for an option that does not exist or has a wrong type
 */
export async function judge(
  model: Model,
  { x, y }: Pick<BrainSet, 'x'> & { readonly y: ArrayLike<number> },
  options: JudgeOptions = {},
): Promise<Verdict[]> {
  checkOptions('judge', options, JUDGE_OPTIONS);
  const { rows = Array.from(y, (_, row) => row), chunk = 32, onChunk } = options;
  const verdicts: Verdict[] = [];
  for (let start = 0; start < rows.length; start += chunk) {
    const chosen = Array.from({ length: Math.min(chunk, rows.length - start) }, (_, i) => rows[start + i]!);
    const { data } = await model.predict(inputOf(model, imagesAt(x, chosen)));
    chosen.forEach((row, i) => {
      verdicts.push(verdictOf(row, y[row]!, data[2 * i]!, data[2 * i + 1]!));
    });
    onChunk?.(verdicts.length);
  }
  return verdicts;
}

function imagesAt(x: BrainImages, rows: readonly number[]): BrainImages {
  const data = new Float32Array(rows.length * pixels);
  rows.forEach((row, i) => {
    data.set(x.data.subarray(row * pixels, (row + 1) * pixels), i * pixels);
  });
  return { data, shape: [rows.length, brainSize, brainSize, 1] };
}
