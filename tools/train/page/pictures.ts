/** Numbers as pictures, on 2D canvases: a WebGPU canvas is blank in a headless screenshot. */
import { brainSize } from 'neurite/brain';

type Color = readonly [r: number, g: number, b: number];

/** matplotlib's `rainbow`, which the course's figures use. @param v 0..1 */
export function rainbow(v: number): Color {
  return [
    255 * Math.min(1, Math.abs(2 * v - 0.5)),
    255 * Math.max(0, Math.sin(Math.PI * v)),
    255 * Math.max(0, Math.cos((Math.PI * v) / 2)),
  ];
}

/** Blue for -1, white for 0, red for 1; as dark at both ends. */
export function diverging(v: number): Color {
  const [r, g, b] = v < 0 ? [33, 102, 172] : [178, 24, 43];
  const share = Math.min(1, Math.abs(v));
  const mix = (end: number) => 255 + (end - 255) * share;
  return [mix(r), mix(g), mix(b)];
}

/** A canvas of one pixel a value. @param scale CSS pixels a value; absent: the style sheet says */
export function picture(
  width: number,
  height: number,
  colorAt: (x: number, y: number) => Color,
  scale?: number,
): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.className = 'picture';
  canvas.width = width;
  canvas.height = height;
  if (scale) {
    canvas.style.width = `${width * scale}px`;
    canvas.style.height = `${height * scale}px`;
  }
  const context = canvas.getContext('2d')!;
  const image = context.createImageData(width, height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) image.data.set([...colorAt(x, y), 255], 4 * (y * width + x));
  }
  context.putImageData(image, 0, 0);
  return canvas;
}

/** @param packed 128 x 128 bytes, base64 */
export function brainPicture(packed: string): HTMLCanvasElement {
  const bytes = Uint8Array.from(atob(packed), (c) => c.charCodeAt(0));
  return picture(brainSize, brainSize, (x, y) => rainbow(bytes[y * brainSize + x]! / 255));
}
