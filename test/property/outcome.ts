/** What a training run ends with, and how two runs of the same case are compared. */

/** Numbers of one kind, e.g. the values of one weight. */
export interface Quantity {
  readonly name: string;
  readonly data: ArrayLike<number>;
  /** The numbers before training, where it is what changed that is compared. */
  readonly start?: ArrayLike<number>;
}

/** The quantities of a run; the same case gives the same names and lengths. */
export type Outcome = readonly Quantity[];

/**
 * Allowed errors. All but the first are relative to the largest element of the quantity, since the smallest ones are what is left
 * of sums in which float32 has rounded the largest.
 */
export const ALLOWED = {
  loss: {
    relative: 1e-5,
    absolute: 2e-6,
    why: 'three steps, along whose layers up to some 1000 roundings of 6e-8 add up',
  },
  prediction: { relative: 1e-4, absolute: 2e-6, why: 'the same, after weights that differ by what is allowed' },
  /**
   * Of what three steps have changed of a weight. `ofLargest` is of the largest change of all weights: a gradient that is 0 but for
   * rounding, as that of a bias before batch-norm, is of the size of what the others are rounded by.
   */
  weight: {
    relative: 2e-4,
    ofLargest: 2e-5,
    absolute: 1e-6,
    why: 'changes are sums of up to 1000 products, or differences of such sums, in another order; weights round to 6e-8',
  },
} as const;

/** One quantity of two runs. */
export interface Comparison {
  readonly name: string;
  /** The largest difference. */
  readonly error: number;
  readonly allowed: number;
  readonly why: string;
}

const largest = (values: ArrayLike<number>) => Array.from(values).reduce((most, v) => Math.max(most, Math.abs(v)), 0);

function changes({ data, start }: Quantity): ArrayLike<number> {
  return start ? Array.from(data, (v, i) => v - start[i]!) : data;
}

/** The largest difference; a NaN or an infinity on one side only is infinitely wrong. */
function differenceOf(got: ArrayLike<number>, want: ArrayLike<number>): number {
  let worst = got.length === want.length ? 0 : Number.POSITIVE_INFINITY;
  for (let i = 0; i < want.length; i++) {
    if (Object.is(got[i], want[i]) || got[i] === want[i]) continue;
    const error = Math.abs(got[i]! - want[i]!);
    worst = Math.max(worst, Number.isNaN(error) ? Number.POSITIVE_INFINITY : error);
  }
  return worst;
}

export function compare(got: Outcome, want: Outcome): Comparison[] {
  const ofLargest = largest(want.filter(({ start }) => start).map((quantity) => largest(changes(quantity))));
  return want.map((quantity, i): Comparison => {
    const { name, start } = quantity;
    const other = changes(quantity);
    const error = differenceOf(changes(got[i]!), other);
    const { relative, absolute, why } = start
      ? ALLOWED.weight
      : name === 'prediction'
        ? ALLOWED.prediction
        : ALLOWED.loss;
    const extra = start ? ALLOWED.weight.ofLargest * ofLargest : 0;
    return { name, error, allowed: relative * largest(other) + extra + absolute, why };
  });
}
