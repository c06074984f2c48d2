import { brainSize } from '../images.ts';

const n = brainSize;

/** A convex polygon, clockwise on the screen. */
export type Outline = readonly (readonly [x: number, y: number])[];

/** A straight border: [nx, ny, c], distance to it in pixels nx * x + ny * y + c, positive inside. */
export type Border = readonly [nx: number, ny: number, c: number];

/** The border through two points. The inside lies to the right of the direction from a to b, as seen on the screen. */
export function border(ax: number, ay: number, bx: number, by: number): Border {
  const length = Math.sqrt((bx - ax) ** 2 + (by - ay) ** 2);
  return [(ay - by) / length, (bx - ax) / length, ((by - ay) * ax - (bx - ax) * ay) / length];
}

/** The borders of an outline. */
export function borders(outline: Outline): Border[] {
  return outline.map(([x, y], i) => border(x, y, ...outline[(i + 1) % outline.length]!));
}

/** Distance in pixels to the nearest border; positive inside all borders, otherwise negative. */
export function insideBy(all: readonly Border[], x: number, y: number): number {
  let least = Infinity;
  for (const [nx, ny, c] of all) least = Math.min(least, nx * x + ny * y + c);
  return least;
}

/** Distance in pixels from an inner point to the border of an outline, in the direction (ux, uy). */
export function radius(outline: Outline, x: number, y: number, ux: number, uy: number): number {
  let least = Infinity;
  for (const [nx, ny, c] of borders(outline)) {
    const approach = -(nx * ux + ny * uy);
    if (approach > 0) least = Math.min(least, (nx * x + ny * y + c) / approach);
  }
  return least;
}

/** Number of consecutive pixels outside a window mask, from pixel `from` on in steps of `step` (along a row or a column). */
export function outsideRun(mask: Uint8Array, from: number, step: number): number {
  let count = 0;
  while (count < n && !mask[from + count * step]) count++;
  return count;
}
