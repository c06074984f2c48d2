/**
 * Losses may differ by as much, as a part of the loss. Each is a mean over sums of up to 30,752 products in float32, taken in
 * its library's own order, and Adam's first steps, about the sign of the gradient, go either way where a gradient is all
 * rounding: together some 1e-5. A step that is left out, or goes the other way, moves these losses by 1e-3 to 1e-2.
 */
export const LOSS_TOLERANCE = 1e-4;

/**
 * Why losses are not what they must be; undefined where they are.
 * @param expected of the first steps; a loss that it has no counterpart for must be a finite number
 */
export function compareLosses(losses: readonly number[], expected: readonly number[] = []): string | undefined {
  const at = losses.findIndex((loss, i) => {
    const want = expected[i];
    return want === undefined ? !Number.isFinite(loss) : !(Math.abs(loss - want) <= LOSS_TOLERANCE * Math.abs(want));
  });
  if (at < 0) return undefined;
  return `the loss of step ${at + 1} is ${losses[at]}, it must be ${expected[at] ?? 'finite'}`;
}
