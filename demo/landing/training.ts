/** Numbers of the training that the page tells its visitor; they load no engine. */

/** Steps of the training, along which the learning rate falls to 0. */
export const STEPS = 400;
/** Pictures of a step. */
export const BATCH_SIZE = 16;
/** Of each class: one batch of the first day to begin with, then more of each day, then all. */
export const FIRST_IMAGES = 8;
export const MORE_IMAGES = 32;
export const ALL_IMAGES = 128;
/** Of each class and day with new animals. */
export const TEST_IMAGES = 16;

/** Steps that the curve of the training pictures is averaged over, weighted towards the last ones. */
const SMOOTHING = 20;

/** The mean of the last steps, as it stands after one more. The first of them count as they come. */
export function smoothed(
  before: readonly { readonly value: number }[],
  { step, accuracy }: { step: number; accuracy: number },
): { step: number; value: number } {
  const mean = before.at(-1)?.value ?? 0;
  return { step, value: mean + (accuracy - mean) / Math.min(step, SMOOTHING) };
}
