/**
 * The rules of the game: which pictures a round has, and who was right.
 * Class 0 is real, class 1 is fake.
 */

/** Pictures of a round. */
export const ROUND = 10;

/** A picture of an animal that the network is not trained on. */
export interface Card {
  /** `[128, 128]`, from 0 to 1. */
  readonly pixels: Float32Array;
  /** What it is: 0 real, 1 fake. */
  readonly label: number;
}

/**
 * Draws a round: 4 to 6 of its pictures are fakes, so that counting does not give the last ones away.
 * @param random as `Math.random`
 */
export function drawRound<T extends { readonly label: number }>(cards: readonly T[], random = Math.random): T[] {
  const shuffled = shuffle(cards, random);
  const fakes = shuffled.filter(({ label }) => label === 1);
  const reals = shuffled.filter(({ label }) => label === 0);
  const wanted = ROUND / 2 - 1 + Math.floor(3 * random());
  // Where one class has too few, the other fills up.
  const fakeCount = Math.min(fakes.length, Math.max(wanted, ROUND - reals.length));
  return shuffle([...fakes.slice(0, fakeCount), ...reals.slice(0, ROUND - fakeCount)], random);
}

/** Fisher and Yates. */
function shuffle<T>(items: readonly T[], random: () => number): T[] {
  const result = [...items];
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor((i + 1) * random());
    [result[i], result[j]] = [result[j]!, result[i]!];
  }
  return result;
}

/** What a probability of fake says: 1 for fake. */
export const verdictOf = (fake: number): number => (fake > 0.5 ? 1 : 0);

/** How many answers are right; those that are not there yet are not. */
export const scoreOf = (labels: readonly number[], answers: readonly (number | undefined)[]): number =>
  answers.filter((answer, i) => answer !== undefined && answer === labels[i]).length;
