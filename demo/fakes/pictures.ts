/** Recordings as the small pictures that the generator imitates: 32 x 32 pixels, -1 to 1, in one array. */
import type { BrainSet } from 'neurite/brain';

/** Side of a picture in pixels. */
export const SIDE = 32;
export const PIXELS = SIDE * SIDE;

/** One of so many recordings is held out: the networks never see it. */
const HELD_OUT = 5;

/**
 * The images of one class, each pixel the mean of a square of the image's.
 * @param label 0 for recordings, 1 for the simulator's own fakes
 * @returns `[n, 32, 32]`, from 0..1 scaled to -1..1
 */
export function picturesOf({ x, y }: Pick<BrainSet, 'x' | 'y'>, label: number): Float32Array<ArrayBuffer> {
  const [, size] = x.shape;
  const block = size / SIDE;
  const chosen = [...y.keys()].filter((i) => y[i] === label);
  const pictures = new Float32Array(chosen.length * PIXELS).fill(-1);
  for (const [n, i] of chosen.entries()) {
    for (let p = 0; p < size * size; p++) {
      const row = Math.floor(p / size / block);
      const column = Math.floor((p % size) / block);
      pictures[n * PIXELS + row * SIDE + column]! += (2 * x.data[i * size * size + p]!) / block ** 2;
    }
  }
  return pictures;
}

/** Pictures to train on, and every fifth, which is held out. */
export function holdOut(pictures: Float32Array): { train: Float32Array<ArrayBuffer>; held: Float32Array<ArrayBuffer> } {
  const count = pictures.length / PIXELS;
  const rows = (wanted: (i: number) => boolean) => {
    const chosen = Array.from({ length: count }, (_, i) => i).filter(wanted);
    return rowsOf(pictures, chosen);
  };
  const isHeld = (i: number) => i % HELD_OUT === HELD_OUT - 1;
  return { train: rows((i) => !isHeld(i)), held: rows(isHeld) };
}

/** Some of the pictures. @param indices their numbers */
export function rowsOf(pictures: Float32Array, indices: ArrayLike<number>): Float32Array<ArrayBuffer> {
  const rows = new Float32Array(indices.length * PIXELS);
  for (let i = 0; i < indices.length; i++) {
    rows.set(pictures.subarray(indices[i]! * PIXELS, (indices[i]! + 1) * PIXELS), i * PIXELS);
  }
  return rows;
}
