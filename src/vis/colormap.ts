/** Numbers as colours. A colormap is a table of 256 colours, packed as ImageData has them in memory. */

export type Palette = Uint32Array;

function palette(color: (v: number) => [red: number, green: number, blue: number]): Palette {
  const bytes = new Uint8ClampedArray(256 * 4);
  for (let i = 0; i < 256; i++) {
    const [red, green, blue] = color(i / 255);
    bytes.set([255 * red, 255 * green, 255 * blue, 255], i * 4);
  }
  return new Uint32Array(bytes.buffer);
}

/** matplotlib's `rainbow`, which the course's figures are drawn in. */
export const rainbow = palette((v) => [
  Math.abs(2 * v - 0.5),
  Math.sin(Math.PI * v),
  Math.max(0, Math.cos((Math.PI * v) / 2)),
]);

export const grey = palette((v) => [v, v, v]);

/** White at 0, a colour at 1. */
const tint = (t: number, [red, green, blue]: readonly [number, number, number]): [number, number, number] => [
  1 - t * (1 - red),
  1 - t * (1 - green),
  1 - t * (1 - blue),
];

/** Violet below the middle, white, green above it: for numbers with a sign. */
export const diverging = palette((v) =>
  tint(Math.abs(2 * v - 1) ** 0.8, v < 0.5 ? [0.44, 0.16, 0.58] : [0, 0.44, 0.24]),
);

/** The two classes, by the probability of the second one: blue, white where both are as likely, orange. */
export const classes = palette((v) =>
  tint(Math.abs(2 * v - 1) ** 0.8 * 0.85, v < 0.5 ? [0.09, 0.38, 0.66] : [0.8, 0.33, 0]),
);

/** A colour of a palette, as CSS. @param v from 0 to 1 */
export function cssColor(colors: Palette, v: number): string {
  const color = colors[Math.round(255 * Math.max(0, Math.min(1, v)))]!;
  const [red, green, blue] = new Uint8Array(Uint32Array.of(color).buffer);
  return `rgb(${red} ${green} ${blue})`;
}

/** Black over violet and magenta to pale pink: for activations, brighter is more. */
export const heat = palette((v) => [
  Math.min(1, 1.35 * v),
  Math.max(0, 1.5 * v - 0.5) ** 1.3,
  Math.min(1, 0.95 * v ** 0.75),
]);

export interface Range {
  low: number;
  high: number;
}

/** Smallest and largest value. */
export function rangeOf(values: ArrayLike<number>): Range {
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  for (let i = 0; i < values.length; i++) {
    const v = values[i]!;
    if (v < low) low = v;
    if (v > high) high = v;
  }
  return low <= high ? { low, high } : { low: 0, high: 1 };
}

/** From -m to m, so that zero gets the colour in the middle. */
export function symmetricRange(values: ArrayLike<number>): Range {
  const { low, high } = rangeOf(values);
  const most = Math.max(Math.abs(low), Math.abs(high)) || 1;
  return { low: -most, high: most };
}

/**
 * Draws one channel of an image into a canvas of the image's own size.
 * @param values `[height, width, channels]`
 */
export function paint(
  canvas: HTMLCanvasElement,
  values: ArrayLike<number>,
  { width, height, channels = 1, channel = 0 }: { width: number; height: number; channels?: number; channel?: number },
  colors: Palette,
  range: Range,
): void {
  if (canvas.width !== width) canvas.width = width;
  if (canvas.height !== height) canvas.height = height;
  const context = canvas.getContext('2d')!;
  const image = context.createImageData(width, height);
  const pixels = new Uint32Array(image.data.buffer);
  const scale = range.high > range.low ? 255 / (range.high - range.low) : 0;
  for (let p = 0; p < pixels.length; p++) {
    const v = (values[p * channels + channel]! - range.low) * scale;
    pixels[p] = colors[v <= 0 ? 0 : v >= 255 ? 255 : Math.round(v)]!;
  }
  context.putImageData(image, 0, 0);
}
