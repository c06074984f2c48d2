/**
 * Images as fields of numbers: filtering, smooth random fields by splines, and resampling. The simulator is built from
 * these.
 */
import type { Random } from '../../random.ts';
import { brainSize } from '../images.ts';

const n = brainSize;

/** Filter weights of a pixel's neighbours, relative to its own weight of 1. */
export interface Taps {
  /** Weights at distance 1, 2, … along x, the same on both sides. */
  readonly x: readonly number[];
  /** The same along y. */
  readonly y: readonly number[];
  /** Weight of the four diagonal neighbours, applied after the passes along x and y. */
  readonly diagonal: number;
}

const line = new Float32Array(n);
const copy = new Float32Array(n * n);

/**
 * Convolves an image `[128, 128]` in place, with mirrored edges, scaled so that white noise keeps its variance. The
 * scale leaves out the diagonal, which changes the variance by less than 0.1 %.
 */
export function filterImage(image: Float32Array, taps: Taps): Float32Array {
  for (let y = 0; y < n; y++) filterLine(image, y * n, 1, taps.x);
  for (let x = 0; x < n; x++) filterLine(image, x, n, taps.y);
  copy.set(image);
  for (let y = 1; y < n - 1; y++) {
    for (let i = y * n + 1; i < y * n + n - 1; i++) {
      image[i]! += taps.diagonal * (copy[i - n - 1]! + copy[i - n + 1]! + copy[i + n - 1]! + copy[i + n + 1]!);
    }
  }
  return image;
}

function filterLine(image: Float32Array, start: number, step: number, taps: readonly number[]): void {
  let energy = 1;
  for (const t of taps) energy += 2 * t * t;
  const scale = 1 / Math.sqrt(energy);
  for (let i = 0; i < n; i++) line[i] = image[start + i * step]!;
  for (let i = 0; i < n; i++) {
    let sum = line[i]!;
    for (let k = 0; k < taps.length; k++) {
      const left = i - k - 1;
      const right = i + k + 1;
      sum += taps[k]! * (line[left < 0 ? -left - 1 : left]! + line[right >= n ? 2 * n - 1 - right : right]!);
    }
    image[start + i * step] = sum * scale;
  }
}

// Cubic B-spline weights of each pixel for the four grid points around it, for each grid pitch in use.
const splines = new Map<number, Float32Array>();

function splineWeights(cells: number): Float32Array {
  let weights = splines.get(cells);
  if (!weights) {
    weights = new Float32Array(n * 4);
    for (let i = 0; i < n; i++) {
      const u = ((i + 0.5) * cells) / n;
      const f = u - Math.floor(u);
      weights[i * 4] = (1 - f) ** 3 / 6;
      weights[i * 4 + 1] = (3 * f ** 3 - 6 * f * f + 4) / 6;
      weights[i * 4 + 2] = (-3 * f ** 3 + 3 * f * f + 3 * f + 1) / 6;
      weights[i * 4 + 3] = f ** 3 / 6;
    }
    splines.set(cells, weights);
  }
  return weights;
}

/**
 * A smooth image from a grid of `cells + 3` by `cells + 3` numbers, by a uniform cubic B-spline. The distance between
 * grid points is 128 / cells pixels.
 * @returns `[128, 128]`
 */
export function splineImage(
  grid: ArrayLike<number>,
  cells: number,
  out: Float32Array = new Float32Array(n * n),
): Float32Array {
  const w = splineWeights(cells);
  const side = cells + 3;
  const rows = new Float32Array(side * n);
  for (let r = 0; r < side; r++) {
    for (let x = 0; x < n; x++) {
      const c = r * side + Math.floor(((x + 0.5) * cells) / n);
      rows[r * n + x] =
        w[x * 4]! * grid[c]! +
        w[x * 4 + 1]! * grid[c + 1]! +
        w[x * 4 + 2]! * grid[c + 2]! +
        w[x * 4 + 3]! * grid[c + 3]!;
    }
  }
  for (let y = 0; y < n; y++) {
    const r = Math.floor(((y + 0.5) * cells) / n) * n;
    const w0 = w[y * 4]!;
    const w1 = w[y * 4 + 1]!;
    const w2 = w[y * 4 + 2]!;
    const w3 = w[y * 4 + 3]!;
    for (let x = 0; x < n; x++) {
      out[y * n + x] =
        w0 * rows[r + x]! + w1 * rows[r + n + x]! + w2 * rows[r + 2 * n + x]! + w3 * rows[r + 3 * n + x]!;
    }
  }
  return out;
}

/** A smooth random image of standard deviation about 1, correlation length about 128 / cells pixels. */
export function smoothNoise(random: Random, cells: number, out?: Float32Array): Float32Array {
  const side = cells + 3;
  const grid = new Float32Array(side * side);
  // The spline averages its grid: 0.48 is the mean, over positions, of the weights' summed squares per axis.
  for (let i = 0; i < grid.length; i++) grid[i] = random.normal() / 0.48;
  return splineImage(grid, cells, out);
}

/** An 8 x 8 table of block means as a smooth image `[128, 128]`. Blocks at the edge are repeated outwards. */
export function tableImage(table: readonly number[]): Float32Array {
  const cells = 8;
  const side = cells + 3;
  const grid = new Float32Array(side * side);
  // The centre of block 0 lies at grid coordinate 1.5, between two grid points, so each point is a mean of neighbouring
  // blocks.
  const at = (y: number, x: number): number => table[Math.min(7, Math.max(0, y)) * 8 + Math.min(7, Math.max(0, x))]!;
  for (let r = 0; r < side; r++) {
    for (let c = 0; c < side; c++) {
      grid[r * side + c] = (at(r - 2, c - 2) + at(r - 1, c - 2) + at(r - 2, c - 1) + at(r - 1, c - 1)) / 4;
    }
  }
  return splineImage(grid, cells);
}

/**
 * Shifts and shears an image by bilinear resampling; pixels at the edge are repeated outwards. Output (x, y) is the input at
 * (x + dx, y + dy + slope * (x - 64)).
 */
export function shearImage(
  image: Float32Array,
  dx: number,
  dy: number,
  slope: number,
  out: Float32Array = new Float32Array(n * n),
): Float32Array {
  const clamp = (v: number): number => (v < 0 ? 0 : v > n - 1 ? n - 1 : v);
  for (let x = 0; x < n; x++) {
    const u = clamp(x + dx);
    const x0 = Math.min(n - 2, Math.floor(u));
    const fx = u - x0;
    const shift = dy + slope * (x - 64);
    for (let y = 0; y < n; y++) {
      const v = clamp(y + shift);
      const y0 = Math.min(n - 2, Math.floor(v));
      const fy = v - y0;
      const i = y0 * n + x0;
      const top = image[i]! + fx * (image[i + 1]! - image[i]!);
      const low = image[i + n]! + fx * (image[i + n + 1]! - image[i + n]!);
      out[y * n + x] = top + fy * (low - top);
    }
  }
  return out;
}
