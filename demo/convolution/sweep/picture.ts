/** Pictures that the kernel sweeps over: one number a pixel, 0 is black and 1 is white. */
import { rangeOf } from 'neurite/vis';
import { type Array64, array64 } from '../../lesson/reference/array64.ts';

/** Height and width, small enough for each pixel to be seen. */
export const SIZE = 64;

/** A recording with little noise. */
export const BRAIN = { seed: 1, segment: 2 };

/** Rise of the ramp from one pixel to the next. */
export const RAMP_SLOPE = 1 / SIZE;

export const pictureOf = (pixels: ArrayLike<number>): Array64 => array64(pixels, [SIZE, SIZE, 1]);

/** A square picture, reduced by the mean of each block of pixels; then black is its smallest number and white its largest. */
export function reduced(pixels: ArrayLike<number>): Array64 {
  const width = Math.sqrt(pixels.length);
  const block = width / SIZE;
  const means = new Float64Array(SIZE ** 2);
  for (let i = 0; i < pixels.length; i++) {
    const row = Math.floor(i / width / block);
    const column = Math.floor((i % width) / block);
    means[row * SIZE + column]! += pixels[i]! / block ** 2;
  }
  const { low, high } = rangeOf(means);
  return pictureOf(means.map((mean) => (mean - low) / (high - low || 1)));
}

/** Rises from left to right. */
export const ramp = (): Array64 =>
  pictureOf(Float64Array.from({ length: SIZE ** 2 }, (_, i) => RAMP_SLOPE * (i % SIZE)));

/** The middle square of an image file, as brightness. @throws Error where the browser cannot read it as an image */
export async function pictureOfFile(file: Blob): Promise<Array64> {
  const image = await createImageBitmap(file);
  const side = Math.min(image.width, image.height);
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [SIZE, SIZE];
  const context = canvas.getContext('2d')!;
  context.imageSmoothingQuality = 'high';
  context.fillStyle = 'white'; // behind what is transparent
  context.fillRect(0, 0, SIZE, SIZE);
  context.drawImage(image, (image.width - side) / 2, (image.height - side) / 2, side, side, 0, 0, SIZE, SIZE);
  image.close();
  const { data } = context.getImageData(0, 0, SIZE, SIZE);
  // Brightness as in ITU-R BT.601.
  const brightness = (i: number) => (0.299 * data[4 * i]! + 0.587 * data[4 * i + 1]! + 0.114 * data[4 * i + 2]!) / 255;
  return pictureOf(Float64Array.from({ length: SIZE ** 2 }, (_, i) => brightness(i)));
}
