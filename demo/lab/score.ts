/** How good a classifier is. Class 1, fake, is the positive one. */

/** Whether a test says anything: a network that has run away gives no numbers any more, and so no verdicts. */
export const isSound = ({ loss }: { loss: number }): boolean => Number.isFinite(loss);

export interface RocPoint {
  /** Share of the real images that are called fake. */
  falsePositive: number;
  /** Share of the fake images that are called fake. */
  truePositive: number;
}

/** The curve from (0, 0) to (1, 1), one point for each threshold that changes a verdict; equal probabilities fall together. */
export function rocCurve(labels: ArrayLike<number>, fake: ArrayLike<number>): RocPoint[] {
  const order = [...Array(labels.length).keys()].sort((i, j) => fake[j]! - fake[i]!);
  const positives = order.filter((i) => labels[i] === 1).length;
  const negatives = order.length - positives;
  const points: RocPoint[] = [{ falsePositive: 0, truePositive: 0 }];
  let [hits, alarms] = [0, 0];
  order.forEach((i, k) => {
    if (labels[i] === 1) hits++;
    else alarms++;
    if (k + 1 < order.length && fake[order[k + 1]!] === fake[i]) return;
    points.push({ falsePositive: alarms / negatives, truePositive: hits / positives });
  });
  return points;
}

/**
 * Area under the ROC curve: the chance that a fake image gets a higher probability than a real one, ties counting half.
 * NaN where a class is missing.
 */
export function areaUnderCurve(points: readonly RocPoint[]): number {
  let area = 0;
  for (let i = 1; i < points.length; i++) {
    const [a, b] = [points[i - 1]!, points[i]!];
    area += ((b.falsePositive - a.falsePositive) * (a.truePositive + b.truePositive)) / 2;
  }
  return area;
}

/** Positions of the wrong verdicts, the most confident first. */
export function worstMistakes(labels: ArrayLike<number>, fake: ArrayLike<number>, most: number): number[] {
  const wrongness = (i: number) => Math.abs(labels[i]! - fake[i]!);
  return [...Array(labels.length).keys()]
    .filter((i) => (fake[i]! > 0.5 ? 1 : 0) !== labels[i])
    .sort((i, j) => wrongness(j) - wrongness(i))
    .slice(0, most);
}

/** Share of right verdicts among the images of each segment, in ascending order. */
export function accuracyBySegment(
  labels: ArrayLike<number>,
  fake: ArrayLike<number>,
  segments: ArrayLike<number>,
): { segment: number; accuracy: number; images: number }[] {
  const found = new Map<number, { right: number; images: number }>();
  for (let i = 0; i < labels.length; i++) {
    const entry = found.get(segments[i]!) ?? { right: 0, images: 0 };
    entry.images++;
    if ((fake[i]! > 0.5 ? 1 : 0) === labels[i]) entry.right++;
    found.set(segments[i]!, entry);
  }
  return [...found]
    .sort(([a], [b]) => a - b)
    .map(([segment, { right, images }]) => ({ segment, accuracy: right / images, images }));
}
