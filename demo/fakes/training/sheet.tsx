/** Pictures side by side in one canvas, and one picture by itself. */

import { paint, rainbow } from 'neurite/vis';
import { useEffect, useRef } from 'preact/hooks';
import { PIXELS, SIDE } from '../pictures.ts';

const ACROSS = 4;
const GAP = 2;
const WIDTH = ACROSS * SIDE + (ACROSS - 1) * GAP;
const RANGE = { low: -1, high: 1 };

/** The first 16 of some pictures. @param props.pictures `[n, 32, 32]`; undefined: not there yet */
export function Sheet({ pictures, label }: { pictures: Float32Array | undefined; label: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (!pictures) return;
    const sheet = new Float32Array(WIDTH ** 2).fill(Number.NaN); // which is no colour: the gaps stay clear
    for (let i = 0; i < ACROSS ** 2 * PIXELS; i++) {
      const [picture, pixel] = [Math.floor(i / PIXELS), i % PIXELS];
      const row = Math.floor(picture / ACROSS) * (SIDE + GAP) + Math.floor(pixel / SIDE);
      const column = (picture % ACROSS) * (SIDE + GAP) + (pixel % SIDE);
      sheet[row * WIDTH + column] = pictures[i]!;
    }
    paint(canvas.current!, sheet, { width: WIDTH, height: WIDTH }, rainbow, RANGE);
  }, [pictures]);
  return (
    <canvas
      ref={canvas}
      class="sheet"
      data-live={pictures && true}
      width={WIDTH}
      height={WIDTH}
      role="img"
      aria-label={label}
    />
  );
}

/** @param props.pixels `[32, 32]` */
export function OnePicture({ pixels, label }: { pixels: Float32Array | undefined; label: string }) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (pixels) paint(canvas.current!, pixels, { width: SIDE, height: SIDE }, rainbow, RANGE);
  }, [pixels]);
  return <canvas ref={canvas} class="sheet" width={SIDE} height={SIDE} role="img" aria-label={label} />;
}
