/** Simulated brain recordings as pictures of 32 x 32 pixels, and how such pictures are painted. */
import { simulateBrainAsync } from 'neurite/brain';

/** Height and width. */
export const SIDE = 32;
export const PIXELS = SIDE * SIDE;

/** @returns `[n, 32, 32]`, from -1 to 1: the recordings of a day, each pixel the mean of a square of theirs */
export async function recordings(count: number): Promise<Float32Array> {
  const { x, y } = await simulateBrainAsync({ segments: [0], imagesPerClass: count, seed: 0 });
  const side = x.shape[1]!;
  const block = side / SIDE;
  const pictures = new Float32Array(count * PIXELS).fill(-1);
  let picture = 0;
  for (const [i, label] of y.entries()) {
    if (label !== 0) continue; // class 1 is the simulator's own fakes
    for (let pixel = 0; pixel < side * side; pixel++) {
      const [row, column] = [Math.floor(pixel / side / block), Math.floor((pixel % side) / block)];
      pictures[picture * PIXELS + row * SIDE + column]! += (2 * x.data[i * side * side + pixel]!) / block ** 2;
    }
    picture++;
  }
  return pictures;
}

/** Paints the first 16 pictures, four in a row. */
export function paint(canvas: HTMLCanvasElement, pictures: ArrayLike<number>): void {
  canvas.width = 4 * SIDE;
  canvas.height = 4 * SIDE;
  const image = new ImageData(4 * SIDE, 4 * SIDE);
  for (let k = 0; k < 16 * PIXELS; k++) {
    const [picture, pixel] = [Math.floor(k / PIXELS), k % PIXELS];
    const row = SIDE * Math.floor(picture / 4) + Math.floor(pixel / SIDE);
    const at = 4 * (row * 4 * SIDE + SIDE * (picture % 4) + (pixel % SIDE));
    image.data.fill(127.5 * (pictures[k]! + 1), at, at + 3);
    image.data[at + 3] = 255;
  }
  canvas.getContext('2d')!.putImageData(image, 0, 0);
}
