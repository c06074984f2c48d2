/** The recordings that the networks learn from: of two days, simulated a few first, so that the training begins soon. */
import { simulateBrainAsync } from 'neurite/brain';
import { holdOut, picturesOf } from '../pictures.ts';

export interface Recordings {
  readonly train: Float32Array;
  /** The networks never see them. */
  readonly held: Float32Array;
}

const DAYS = [0, 1];
/** Of each day. Both leave the same rest when divided by 5: then what is held out of the first is held out of all. */
export const FIRST_PER_DAY = 36;
export const ALL_PER_DAY = 256;

export async function simulateRecordings(perDay: number): Promise<Recordings> {
  const days: Float32Array[] = [];
  for (const day of DAYS) {
    days.push(picturesOf(await simulateBrainAsync({ segments: [day], imagesPerClass: perDay, seed: 0 }), 0));
  }
  const all = new Float32Array(days.reduce((size, { length }) => size + length, 0));
  days.reduce((at, day) => {
    all.set(day, at);
    return at + day.length;
  }, 0);
  return holdOut(all);
}
