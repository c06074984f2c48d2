/** Simulated pictures for the landing page, made in its worker. */
import { type BrainSet, brainSize, simulateBrainAsync } from 'neurite/brain';
import type { Card } from './round.ts';

/** Days that the network is trained on: two of the same two animals. */
export const TRAINED_SEGMENTS = [0, 1];
/** Later days, with other animals: rounds of the game, and the network's test. */
export const NEW_SEGMENTS = [7, 8, 9];
const SEED = 0;
/** Pictures of each class that a round is drawn from. */
const OF_EACH = 6;

export const simulate = (segments: readonly number[], imagesPerClass: number): Promise<BrainSet> =>
  simulateBrainAsync({ segments, imagesPerClass, seed: SEED });

/**
 * Pictures of new animals for a round, all of them of one day.
 * @param index of the round, from 0: each has others
 */
export async function cardsOf(index: number): Promise<Card[]> {
  const segment = NEW_SEGMENTS[index % NEW_SEGMENTS.length]!;
  // Pictures depend on their index in their segment: the first ones were those of the rounds before.
  const before = OF_EACH * Math.floor(index / NEW_SEGMENTS.length);
  const { x, y } = await simulate([segment], before + OF_EACH);
  const pixels = brainSize ** 2;
  return Array.from(y, (label, row) => ({
    pixels: x.data.slice(row * pixels, (row + 1) * pixels),
    label,
  })).slice(2 * before);
}

/** The first of the pictures that the network learns from. */
export async function trainedPicture(): Promise<Float32Array> {
  const { x } = await simulate(TRAINED_SEGMENTS.slice(0, 1), 1);
  return x.data.slice(0, brainSize ** 2);
}
