/** The rules of the guessing game. */

/** Images of a round. */
export const ROUND = 10;

/**
 * Draws a round: 4 to 6 of its images are fakes, so that counting does not give the last ones away.
 * @param rows to choose from
 * @param random as `Math.random`
 */
export function drawRound(rows: readonly number[], labels: ArrayLike<number>, random = Math.random): number[] {
  const shuffled = shuffle(rows, random);
  const fakes = shuffled.filter((row) => labels[row] === 1);
  const reals = shuffled.filter((row) => labels[row] === 0);
  const wanted = ROUND / 2 - 1 + Math.floor(3 * random());
  // Where one class has too few, the other fills up.
  const fakeCount = Math.min(fakes.length, Math.max(wanted, ROUND - reals.length));
  return shuffle([...fakes.slice(0, fakeCount), ...reals.slice(0, ROUND - fakeCount)], random);
}

/** Fisher and Yates. */
function shuffle(rows: readonly number[], random: () => number): number[] {
  const result = [...rows];
  for (let i = result.length - 1; i > 0; i--) {
    const j = Math.floor((i + 1) * random());
    [result[i], result[j]] = [result[j]!, result[i]!];
  }
  return result;
}

/** What a probability of fake says: 1 for fake. */
export const verdictOf = (fake: number): number => (fake > 0.5 ? 1 : 0);

interface Answered {
  /** 0 real, 1 fake. */
  labels: readonly number[];
  answers: readonly number[];
}

/** How many of the answers are right. */
export const ownScore = ({ labels, answers }: Answered): number =>
  answers.filter((answer, i) => answer === labels[i]).length;

/** How many the network has right. @param fake its probabilities of fake */
export const networkScore = ({ labels }: Answered, fake: readonly number[]): number =>
  ownScore({ labels, answers: fake.map(verdictOf) });
