/** A picture of three channels, and what is left of it when they are turned down. */
import { rainbow } from 'neurite/vis';

/** @param brightness `[height, width]`, from 0 to 1. @returns `[height, width, 3]`, from 0 to 255: red, green, blue */
export function colored(brightness: ArrayLike<number>): Uint8ClampedArray {
  const rgb = new Uint8ClampedArray(3 * brightness.length);
  const bytes = new Uint8Array(rainbow.buffer);
  for (let i = 0; i < brightness.length; i++) {
    const color = 4 * Math.round(255 * Math.min(1, Math.max(0, brightness[i]!)));
    rgb.set(bytes.subarray(color, color + 3), 3 * i);
  }
  return rgb;
}

/** Draws a picture with each channel times a number from 0 to 1. */
export function drawRgb(
  canvas: HTMLCanvasElement,
  rgb: Uint8ClampedArray,
  parts: readonly [red: number, green: number, blue: number],
): void {
  const context = canvas.getContext('2d')!;
  const image = context.createImageData(canvas.width, canvas.height);
  for (let pixel = 0; pixel < rgb.length / 3; pixel++) {
    for (let channel = 0; channel < 3; channel++) {
      image.data[4 * pixel + channel] = parts[channel]! * rgb[3 * pixel + channel]!;
    }
    image.data[4 * pixel + 3] = 255;
  }
  context.putImageData(image, 0, 0);
}
