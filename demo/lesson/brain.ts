/** Simulated pictures of brain activity for lessons. Loaded when the first one is asked for. */
import { simulateBrain } from 'neurite/brain';

/** Height and width. */
export const PICTURE_SIZE = 128;

export interface BrainPictures {
  /** Another one gives other mice, sessions and pictures. */
  seed?: number;
  /** 0 to 9: recording conditions differ between segments. */
  segment?: number;
  count?: number;
  /** Pictures as a generative network makes them up, in place of recordings. */
  fake?: boolean;
}

/** @returns pictures of PICTURE_SIZE * PICTURE_SIZE numbers from 0 to 1, row by row; the same ones for the same options */
export function simulatePictures({ seed = 0, segment = 0, count = 1, fake = false }: BrainPictures): Float32Array[] {
  const { x, y } = simulateBrain({ segments: [segment], imagesPerClass: count, seed });
  const pixels = PICTURE_SIZE ** 2;
  return [...y.keys()]
    .filter((row) => y[row] === (fake ? 1 : 0))
    .map((row) => x.data.slice(row * pixels, (row + 1) * pixels));
}
