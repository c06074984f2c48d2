/**
 * Largest relative difference between losses. Each loss is a mean over sums of up to 30,752 products in float32, in the
 * order of its library. Also, Adam's first steps depend mostly on the sign of the gradient, which is random if the
 * gradient is only rounding error. Both together give about 1e-5. A missing or wrong step changes these losses by 1e-3
 * to 1e-2.
 */
export const LOSS_TOLERANCE = 1e-4;

/**
 * Why losses are wrong; undefined if they are right.
 * @param expected the expected losses of the first steps. A loss without a counterpart must be finite.
 */
export function compareLosses(losses: readonly number[], expected: readonly number[] = []): string | undefined {
  const at = losses.findIndex((loss, i) => {
    const want = expected[i];
    return want === undefined ? !Number.isFinite(loss) : !(Math.abs(loss - want) <= LOSS_TOLERANCE * Math.abs(want));
  });
  if (at < 0) return undefined;
  return `the loss of step ${at + 1} is ${losses[at]}, it must be ${expected[at] ?? 'finite'}`;
}
