/** A duration, measured several times. All in milliseconds. */
export interface Timing {
  readonly median: number;
  /** The fastest and the slowest of the samples. */
  readonly low: number;
  readonly high: number;
  readonly samples: number;
}

export interface TimingOptions {
  /** Samples are taken until this much time has passed. */
  readonly budgetMs: number;
  /** Least number of samples. Default 3. */
  readonly least?: number;
  /** Largest number of samples. Default 50. */
  readonly most?: number;
  /** Work whose first run takes longer than this is not repeated: that run is the sample. Default: never. */
  readonly onceAboveMs?: number;
}

/** @param samples one or more durations */
export function timing(samples: readonly number[]): Timing {
  const sorted = [...samples].sort((p, q) => p - q);
  const middle = (sorted.length - 1) / 2;
  const median = (sorted[Math.floor(middle)]! + sorted[Math.ceil(middle)]!) / 2;
  return { median, low: sorted[0]!, high: sorted.at(-1)!, samples: sorted.length };
}

/**
 * Times work that ends when its promise settles. The first run is a warm-up and does not count, unless it is the only
 * one.
 */
export async function time(work: () => Promise<unknown>, options: TimingOptions): Promise<Timing> {
  const { budgetMs, least = 3, most = 50, onceAboveMs = Number.POSITIVE_INFINITY } = options;
  const once = async () => {
    const began = performance.now();
    await work();
    return performance.now() - began;
  };
  const first = await once();
  if (first > onceAboveMs) return timing([first]);
  const samples: number[] = [];
  const began = performance.now();
  while (samples.length < most && (samples.length < least || performance.now() - began < budgetMs)) {
    samples.push(await once());
  }
  return timing(samples);
}

/** The same durations, each of which was `count` pieces of work. */
export function divided({ median, low, high, samples }: Timing, count: number): Timing {
  return { median: median / count, low: low / count, high: high / count, samples };
}

/** `12.3 ms`, with as many digits as are significant. */
export function formatMs(ms: number): string {
  return ms >= 10_000 ? `${(ms / 1000).toFixed(1)} s` : `${significant(ms)} ms`;
}

/** `12.3 ms (11.9 to 14.0, 20 samples)` */
export function formatTiming({ median, low, high, samples }: Timing): string {
  const spread = samples > 1 ? `${significant(low)} to ${significant(high)}, ${samples} samples` : 'once';
  return `${formatMs(median)} (${spread})`;
}

/** Three significant digits, without an exponent. */
export function significant(value: number): string {
  if (!Number.isFinite(value) || value === 0) return String(value);
  const digits = Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value))));
  return value.toFixed(Math.min(digits, 6));
}
