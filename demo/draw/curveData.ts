/** Points of curves, made ready to be drawn. */

/** One training step. */
export interface Point {
  /** In epochs: 1.5 is the middle of the second one. */
  readonly x: number;
  readonly loss: number;
  readonly accuracy: number;
}

/** More points than a chart has pixels show nothing more. */
const MOST_POINTS = 1200;
/** Steps that the smoothed line averages over, about. */
export const SMOOTHING = 10;

/**
 * The exponential moving average, free of the bias towards its beginning (Adam's correction): the first value is the first
 * point itself.
 */
export function smooth(values: readonly number[], steps = SMOOTHING): number[] {
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
export function thin(length: number, most = MOST_POINTS): number[] {
  if (length <= most) return [...Array(length).keys()];
  return Array.from({ length: most }, (_, i) => Math.round(((i + 1) * length) / most) - 1);
}

/** x and y of a run's training curve, smoothed, and as it is. */
export function trainingCurve(
  points: readonly Point[],
  what: 'loss' | 'accuracy',
): { x: number[]; smoothed: (number | null)[]; raw: (number | null)[] } {
  const values = points.map((point) => point[what]);
  const smoothed = smooth(values);
  const kept = thin(points.length);
  return {
    x: kept.map((i) => points[i]!.x),
    smoothed: kept.map((i) => drawable(smoothed[i]!)),
    raw: kept.map((i) => drawable(values[i]!)),
  };
}

/** A loss that is no number any more leaves a gap. */
export const drawable = (value: number | undefined) => (value !== undefined && Number.isFinite(value) ? value : null);

/** Colours of curves, in draw.css; they come round again. */
const COLORS = 6;

/** The custom property with the colour of a curve. */
export const curveColor = (id: number) => `--curve-${(id - 1) % COLORS}`;
