/** Computes a score from the verdicts on many images. */
import type { Verdict } from 'neurite/brain';
import type { Confusion, Score } from '../protocol.ts';

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
