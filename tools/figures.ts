/** Reads the course's figures and recovers their images; writes images as PNG. For `tools/calibrate.ts` and `tools/gan.ts`. */
import { readFile, writeFile } from 'node:fs/promises';
import { deflateSync, inflateSync } from 'node:zlib';
import { FormatError } from '../src/errors.ts';

/** An 8-bit RGB image. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly rgb: Uint8Array;
}

const side = 128;
const panel = 160;

/**
 * Recovers the nine images from one of the course's figures. matplotlib drew each as 160 x 160 pixels of colormap
 * `rainbow`, resampling the 128 x 128 values with its Hanning kernel (`interpolation='antialiased'`) before colouring.
 * That is a linear map with more equations than unknowns, so least squares recovers the exact pixels, which the file
 * `*_sample.gz` (resampled once more) does not have.
 * @returns nine images `[128, 128]`, and the rms by which the resampled result misses the figure (0.0007 where all of
 *   this is true)
 */
export async function imagesOfFigure(path: string): Promise<{ images: Float32Array[]; residual: number }> {
  const figure = await readPng(path);
  const xs = runs(figure.width, (x) => count(figure.height, (y) => !isWhite(figure, x, y)) > panel / 2);
  const ys = runs(figure.height, (y) => count(figure.width, (x) => !isWhite(figure, x, y)) > panel * 1.5);
  const images: Float32Array[] = [];
  let squares = 0;
  for (const y0 of ys) {
    for (const x0 of xs) {
      const seen = new Float64Array(panel * panel);
      for (let y = 0; y < panel; y++)
        for (let x = 0; x < panel; x++) seen[y * panel + x] = uncolour(figure, x0 + x, y0 + y);
      const image = alongBoth(inverse, seen);
      const again = alongBoth(kernel, image);
      for (let i = 0; i < again.length; i++) squares += (again[i]! - seen[i]!) ** 2;
      images.push(Float32Array.from(image, (v) => Math.min(1, Math.max(0, v))));
    }
  }
  if (images.length !== 9)
    throw new FormatError(`${path}: ${xs.length} x ${ys.length} panels found; a 3 x 3 figure is needed`);
  return { images, residual: Math.sqrt(squares / (9 * panel * panel)) };
}

/** matplotlib's `rainbow`, 0..255. */
export function rainbow(v: number): [number, number, number] {
  return [
    255 * Math.min(1, Math.abs(2 * v - 0.5)),
    255 * Math.max(0, Math.sin(Math.PI * v)),
    255 * Math.max(0, Math.cos((Math.PI * v) / 2)),
  ];
}

/** Puts square images side by side, each at `zoom` times its size, with white between them. */
export function montage(
  images: readonly Float32Array[],
  columns: number,
  colour: (v: number) => readonly number[],
  { zoom = 2, gap = 6 } = {},
): Picture {
  const side = Math.sqrt(images[0]!.length);
  const cell = side * zoom + gap;
  const width = columns * cell + gap;
  const height = Math.ceil(images.length / columns) * cell + gap;
  const rgb = new Uint8Array(width * height * 3).fill(255);
  images.forEach((image, i) => {
    for (let y = 0; y < side * zoom; y++) {
      for (let x = 0; x < side * zoom; x++) {
        const to = (Math.floor(i / columns) * cell + gap + y) * width + (i % columns) * cell + gap + x;
        rgb.set(colour(image[Math.floor(y / zoom) * side + Math.floor(x / zoom)]!), to * 3);
      }
    }
  });
  return { width, height, rgb };
}

/** Writes a PNG: grey if every pixel is, else RGB. */
export async function writePng(path: string, { width, height, rgb }: Picture): Promise<void> {
  const isGrey = rgb.every((value, i) => value === rgb[i - (i % 3)]);
  const pixels = isGrey ? rgb.filter((_, i) => i % 3 === 0) : rgb;
  const stride = isGrey ? width : width * 3;
  const rows = Buffer.alloc(height * (stride + 1));
  for (let y = 0; y < height; y++) rows.set(pixels.subarray(y * stride, (y + 1) * stride), y * (stride + 1) + 1);
  const chunk = (type: string, data: Buffer): Buffer => {
    const out = Buffer.alloc(12 + data.length);
    out.writeUInt32BE(data.length, 0);
    out.write(type, 4, 'latin1');
    data.copy(out, 8);
    out.writeUInt32BE(crc(out.subarray(4, 8 + data.length)), 8 + data.length);
    return out;
  };
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, isGrey ? 0 : 2, 0, 0, 0], 8);
  const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10]);
  await writeFile(
    path,
    Buffer.concat([signature, chunk('IHDR', head), chunk('IDAT', deflateSync(rows)), chunk('IEND', Buffer.alloc(0))]),
  );
}

/** Reads an 8-bit RGBA PNG without interlace, as matplotlib writes. */
async function readPng(path: string): Promise<Picture> {
  const bytes = await readFile(path);
  const width = bytes.readUInt32BE(16);
  const height = bytes.readUInt32BE(20);
  if (bytes[24] !== 8 || bytes[25] !== 6 || bytes[28] !== 0)
    throw new FormatError(`${path}: an 8-bit RGBA PNG without interlace is needed`);
  const parts: Buffer[] = [];
  for (let at = 8; at < bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    if (bytes.toString('latin1', at + 4, at + 8) === 'IDAT') parts.push(bytes.subarray(at + 8, at + 8 + length));
    at += 12 + length;
  }
  const raw = inflateSync(Buffer.concat(parts));
  const stride = width * 4;
  const out = new Uint8Array(height * stride);
  for (let y = 0; y < height; y++) {
    const filter = raw[y * (stride + 1)]!;
    for (let i = 0; i < stride; i++) {
      const left = i >= 4 ? out[y * stride + i - 4]! : 0;
      const up = y ? out[(y - 1) * stride + i]! : 0;
      const corner = i >= 4 && y ? out[(y - 1) * stride + i - 4]! : 0;
      const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter] ?? 0;
      out[y * stride + i] = raw[y * (stride + 1) + 1 + i]! + guess;
    }
  }
  const rgb = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) rgb.set(out.subarray(i * 4, i * 4 + 3), i * 3);
  return { width, height, rgb };
}

function paeth(left: number, up: number, corner: number): number {
  const p = left + up - corner;
  const [a, b, c] = [Math.abs(p - left), Math.abs(p - up), Math.abs(p - corner)];
  return a <= b && a <= c ? left : b <= c ? up : corner;
}

function crc(bytes: Uint8Array): number {
  let c = ~0;
  for (const byte of bytes) {
    c ^= byte;
    for (let k = 0; k < 8; k++) c = c & 1 ? 0xedb88320 ^ (c >>> 1) : c >>> 1;
  }
  return ~c >>> 0;
}

function isWhite(p: Picture, x: number, y: number): boolean {
  const i = (y * p.width + x) * 3;
  return p.rgb[i]! > 250 && p.rgb[i + 1]! > 250 && p.rgb[i + 2]! > 250;
}

function count(n: number, test: (i: number) => boolean): number {
  let sum = 0;
  for (let i = 0; i < n; i++) if (test(i)) sum++;
  return sum;
}

/** The starts of the runs of `panel` pixels in which a test is true. */
function runs(n: number, test: (i: number) => boolean): number[] {
  const starts: number[] = [];
  let start = -1;
  for (let i = 0; i <= n; i++) {
    const on = i < n && test(i);
    if (on && start < 0) start = i;
    if (!on && start >= 0) {
      if (i - start === panel) starts.push(start);
      start = -1;
    }
  }
  return starts;
}

const palette = Array.from({ length: 256 }, (_, i) => rainbow(i / 255));

function uncolour(p: Picture, x: number, y: number): number {
  const at = (y * p.width + x) * 3;
  let best = 0;
  let least = Infinity;
  for (let i = 0; i < 256; i++) {
    const [r, g, b] = palette[i]!;
    const d = (p.rgb[at]! - r) ** 2 + (p.rgb[at + 1]! - g) ** 2 + (p.rgb[at + 2]! - b) ** 2;
    if (d < least) {
      least = d;
      best = i;
    }
  }
  return best / 255;
}

// The resampling of one line: [160][128], two weights a row, edges held.
const kernel: Float64Array[] = Array.from({ length: panel }, (_, i) => {
  const row = new Float64Array(side);
  const u = ((i + 0.5) * side) / panel - 0.5;
  const k = Math.floor(u);
  const near = 0.5 + 0.5 * Math.cos(Math.PI * (u - k));
  row[Math.max(0, k)]! += near;
  row[Math.min(side - 1, k + 1)]! += 1 - near;
  return row;
});

// Its least-squares inverse, (K^T K)^-1 K^T: [128][160], by elimination without pivots (K^T K is positive definite).
const inverse: Float64Array[] = (() => {
  const system = Array.from({ length: side }, (_, i) => {
    const row = new Float64Array(side + panel);
    for (let k = 0; k < panel; k++) {
      const weight = kernel[k]![i]!;
      if (weight) for (let j = 0; j < side; j++) row[j]! += weight * kernel[k]![j]!;
      row[side + k] = weight;
    }
    return row;
  });
  for (let i = 0; i < side; i++) {
    const pivot = system[i]!;
    const scale = pivot[i]!;
    for (let j = i; j < pivot.length; j++) pivot[j]! /= scale;
    for (let r = 0; r < side; r++) {
      const row = system[r]!;
      const factor = row[i]!;
      if (r === i || !factor) continue;
      for (let j = i; j < pivot.length; j++) row[j]! -= factor * pivot[j]!;
    }
  }
  return system.map((row) => row.slice(side));
})();

/** A matrix [m][k] applied to the columns and to the rows of an image [k][k]: [m][m]. */
function alongBoth(matrix: readonly Float64Array[], image: Float64Array): Float64Array {
  let now = image;
  for (let axis = 0; axis < 2; axis++) {
    const k = matrix[0]!.length;
    const width = now.length / k;
    // The product, written transposed, so that the second round takes the other axis and restores the order.
    const next = new Float64Array(width * matrix.length);
    matrix.forEach((row, y) => {
      for (let j = 0; j < k; j++) {
        const weight = row[j]!;
        if (weight) for (let x = 0; x < width; x++) next[x * matrix.length + y]! += weight * now[j * width + x]!;
      }
    });
    now = next;
  }
  return now;
}
