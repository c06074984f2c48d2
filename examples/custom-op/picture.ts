/** A picture with sharp edges and fine stripes, and the places of its pixels. */

/** Height and width. */
export const SIDE = 48;

/** `[SIDE * SIDE, 2]`: column and row of each pixel, from -1 to 1. */
export const places = Float32Array.from({ length: 2 * SIDE * SIDE }, (_, k) => {
  const pixel = k >> 1;
  return (2 * (k % 2 ? Math.floor(pixel / SIDE) : pixel % SIDE) + 1) / SIDE - 1;
});

/** `[SIDE * SIDE]`: 0 is black, 1 white. A disc with stripes before a gradient. */
export const brightness = Float32Array.from({ length: SIDE * SIDE }, (_, pixel) => {
  const [x, y] = [places[2 * pixel]!, places[2 * pixel + 1]!];
  const radius = Math.hypot(x, y);
  if (radius > 0.8) return 0.25 * (1 + y);
  return 0.5 + 0.5 * Math.cos(14 * Math.atan2(y, x) + 6 * radius);
});

/** Paints brightnesses into a canvas. */
export function paint(canvas: HTMLCanvasElement, values: ArrayLike<number>): void {
  canvas.width = SIDE;
  canvas.height = SIDE;
  const pixels = new ImageData(SIDE, SIDE);
  for (let pixel = 0; pixel < SIDE * SIDE; pixel++) {
    pixels.data.fill(255 * values[pixel]!, 4 * pixel, 4 * pixel + 3);
    pixels.data[4 * pixel + 3] = 255;
  }
  canvas.getContext('2d')!.putImageData(pixels, 0, 0);
}
