import type { Model } from 'neurite';
import { type BrainImages, brainSize } from 'neurite/brain';
import type { Confusion, Score } from '../protocol.ts';
import { inputOf } from './data.ts';

const pixels = brainSize * brainSize;
const BATCH_SIZE = 32;

/** What a model says of one image. */
export interface Verdict {
  readonly index: number;
  readonly truth: number;
  readonly prediction: number;
  /** Of the predicted class. */
  readonly probability: number;
  /** Cross-entropy, in nats. */
  readonly loss: number;
}

/** Predicts batch by batch, so that there is progress to show and a point to stop at. */
export async function judge(
  model: Model,
  { x, y }: { x: BrainImages; y: Int32Array },
  onBatch: (done: number) => void = () => {},
): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  for (let start = 0; start < y.length; start += BATCH_SIZE) {
    const labels = y.subarray(start, start + BATCH_SIZE);
    const data = x.data.subarray(start * pixels, (start + labels.length) * pixels);
    const input = inputOf(model, { data, shape: [labels.length, brainSize, brainSize, 1] });
    const logits = (await model.predict(input, { batchSize: BATCH_SIZE })).data;
    labels.forEach((truth, i) => {
      verdicts.push(verdict(start + i, truth, logits[2 * i]!, logits[2 * i + 1]!));
    });
    onBatch(verdicts.length);
  }
  return verdicts;
}

/** Softmax of two logits, without overflow: the log of the probability of class a is -log(1 + exp(b - a)). */
function verdict(index: number, truth: number, real: number, fake: number): Verdict {
  const margin = Math.abs(real - fake);
  const surprise = Math.log1p(Math.exp(-margin));
  // What is no number is not right.
  const prediction = Number.isNaN(margin) ? 1 - truth : fake > real ? 1 : 0;
  const loss = prediction === truth ? surprise : surprise + margin;
  return { index, truth, prediction, probability: Math.exp(-surprise), loss };
}

export function scoreOf(verdicts: readonly Verdict[]): Score {
  const confusion: Confusion = [
    [0, 0],
    [0, 0],
  ];
  let loss = 0;
  for (const verdict of verdicts) {
    confusion[verdict.truth as 0 | 1][verdict.prediction as 0 | 1]++;
    loss += verdict.loss;
  }
  const images = verdicts.length;
  return { images, loss: loss / images, accuracy: (confusion[0][0] + confusion[1][1]) / images, confusion };
}
