/** How values are distributed, in buckets of equal width. */
export interface Histogram {
  readonly min: number;
  readonly max: number;
  readonly sum: number;
  readonly sumOfSquares: number;
  /** Upper end of each bucket; the last one is `max`. A value at the end of a bucket belongs to the next one. */
  readonly limits: readonly number[];
  /** Number of values in each bucket. */
  readonly counts: readonly number[];
}

/** As many as TensorFlow's histograms have. */
const BUCKETS = 30;

/** The histogram of the finite values; undefined if there is none. */
export function histogramOf(values: ArrayLike<number>): Histogram | undefined {
  const finite = Array.from(values).filter(Number.isFinite);
  if (finite.length === 0) return undefined;
  let [min, max, sum, sumOfSquares] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 0, 0];
  for (const value of finite) {
    min = Math.min(min, value);
    max = Math.max(max, value);
    sum += value;
    sumOfSquares += value * value;
  }
  const buckets = max > min ? BUCKETS : 1;
  const width = (max - min) / buckets;
  const counts = Array<number>(buckets).fill(0);
  for (const value of finite) {
    const bucket = width > 0 ? Math.floor((value - min) / width) : 0;
    counts[Math.min(bucket, buckets - 1)]!++;
  }
  const limits = counts.map((_, i) => (i === buckets - 1 ? max : min + (i + 1) * width));
  return { min, max, sum, sumOfSquares, limits, counts };
}
