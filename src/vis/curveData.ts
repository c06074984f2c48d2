/** Points of curves, made ready to be drawn. */

/** More points than a chart has pixels show nothing more. */
const MOST_POINTS = 1200;
/** Steps that the smoothed line averages over, about. */
export const SMOOTHING = 10;

/**
 * The exponential moving average, free of the bias towards its beginning (Adam's correction): the first value is the first
 * point itself.
 */
export function smooth(values: readonly number[], steps: number = SMOOTHING): number[] {
  const keep = 1 - 1 / steps;
  let sum = 0;
  let weight = 0;
  return values.map((value) => {
    sum = keep * sum + (1 - keep) * value;
    weight = keep * weight + (1 - keep);
    return sum / weight;
  });
}

/** At most `most` of a list's indices, evenly spread, the last one among them. */
export function thin(length: number, most: number = MOST_POINTS): number[] {
  if (length <= most) return [...Array(length).keys()];
  return Array.from({ length: most }, (_, i) => Math.round(((i + 1) * length) / most) - 1);
}

/**
 * Where steps lie on the axis of epochs.
 * @param batches of each step, its number in its epoch, from 1
 * @param stepsPerEpoch undefined in a first epoch whose length is not known yet: the steps so far fill it
 */
export function placesOf(
  epochs: readonly number[],
  batches: readonly number[],
  stepsPerEpoch: number | undefined,
): number[] {
  const length = stepsPerEpoch ?? batches.at(-1)!;
  return epochs.map((epoch, i) => epoch + batches[i]! / length);
}

/** A curve over the steps of a training: as it is, and smoothed, with no more points than can be seen. */
export function smoothedCurve(
  x: readonly number[],
  values: readonly number[],
): { x: number[]; smoothed: (number | null)[]; raw: (number | null)[] } {
  const smoothed = smooth(values);
  const kept = thin(values.length);
  return {
    x: kept.map((i) => x[i]!),
    smoothed: kept.map((i) => drawable(smoothed[i]!)),
    raw: kept.map((i) => drawable(values[i]!)),
  };
}

/** A loss that is no number any more leaves a gap. */
export const drawable = (value: number | undefined): number | null =>
  value !== undefined && Number.isFinite(value) ? value : null;
