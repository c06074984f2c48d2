/** The arrays of the references, and comparisons whose failures tell what is wrong. */
import { type Array64, difference, indices, type Tolerance } from '../../src/selftest/arrays.ts';

export * from '../../src/selftest/arrays.ts';

/** The largest |got - want| / max(1, |want|). NaN anywhere, on one side only, is infinitely wrong. */
export function worstError(got: ArrayLike<number>, want: ArrayLike<number>): number {
  return difference(got, want, 0).error;
}

/** Throws an error that says which tensor, which index, got and wanted, how many are wrong, and why it is tested. */
export function expectClose(what: string, got: ArrayLike<number>, want: Array64, { error, why }: Tolerance): void {
  if (got.length !== want.data.length) throw new Error(`${what}: ${got.length} elements, wanted ${want.data.length}.`);
  const worst = difference(got, want.data, error);
  if (worst.wrong === 0) return;
  const index = indices(worst.at, want.shape);
  throw new Error(
    `${what} [${want.shape}]: ${worst.wrong} of ${got.length} elements are off by more than ${error} (${why}). ` +
      `Worst at [${index}]: got ${got[worst.at]}, want ${want.data[worst.at]}, error ${worst.error.toExponential(2)}.`,
  );
}
