/** The playground's data: points of a square with a class or a number each, and the features that a network sees of them. */

import { Random } from '../../lesson/random.ts';
import { type Array64, zeros } from '../../lesson/reference/array64.ts';

/** Coordinates are from -EXTENT to EXTENT. */
export const EXTENT = 3;

export const TASKS = [
  { value: 'circle', label: 'Circle' },
  { value: 'xor', label: 'XOR' },
  { value: 'spirals', label: 'Spirals' },
  { value: 'regression', label: 'Regression' },
] as const;

export type Task = (typeof TASKS)[number]['value'];

export interface Point {
  readonly x1: number;
  readonly x2: number;
  /** A class, 0 or 1; of a regression a number around 0. */
  readonly y: number;
}

/** Most noise moves points by this. */
const MOST_NOISE = 0.9;

/** Hills and a valley: height, place. Each is a Gaussian of standard deviation 1. */
const HILLS = [
  [1, -1.3, 1.2],
  [1, 1.4, -1.3],
  [-1, 1.2, 1.3],
  [-0.8, -1.4, -1.3],
] as const;

export const surfaceOf = (x1: number, x2: number) =>
  HILLS.reduce((sum, [height, at1, at2]) => sum + height * Math.exp(-((x1 - at1) ** 2 + (x2 - at2) ** 2) / 2), 0);

/** One point without noise. @param i its number: the two classes take turns */
function draw(task: Task, i: number, random: Random): Point {
  const y = i % 2;
  if (task === 'circle') {
    const radius = y ? random.uniform(0, 1.3) : random.uniform(1.9, 2.8);
    const angle = random.uniform(0, 2 * Math.PI);
    return { x1: radius * Math.cos(angle), x2: radius * Math.sin(angle), y };
  }
  if (task === 'spirals') {
    const along = random.uniform(0.04, 1);
    const angle = 1.75 * 2 * Math.PI * along + Math.PI * y;
    return { x1: 2.8 * along * Math.sin(angle), x2: 2.8 * along * Math.cos(angle), y };
  }
  if (task === 'xor') {
    const [x1, x2] = [random.uniform(0.15, 2.8), random.uniform(0.15, 2.8)];
    const [right, up] = [random.uniform() < 0.5, (i & 1) === 0];
    // Class 1 where the signs differ.
    return { x1: right ? x1 : -x1, x2: right === up ? x2 : -x2, y };
  }
  const [x1, x2] = [random.uniform(-2.9, 2.9), random.uniform(-2.9, 2.9)];
  return { x1, x2, y: surfaceOf(x1, x2) };
}

/** @param noise from 0 to 1 */
export function pointsOf(task: Task, count: number, noise: number, seed: number): Point[] {
  const random = new Random(seed);
  const shift = new Random(seed + 1_000_003); // apart, so that more noise moves the same points further
  const spread = () => MOST_NOISE * noise * shift.normal();
  const within = (x: number) => Math.max(-EXTENT, Math.min(EXTENT, x));
  return Array.from({ length: count }, (_, i) => {
    const { x1, x2, y } = draw(task, i, random);
    if (task === 'regression') return { x1, x2, y: y + spread() };
    return { x1: within(x1 + spread()), x2: within(x2 + spread()), y };
  });
}

/** What a network may see of a point. */
export const FEATURES = [
  { name: 'x₁', of: (x1: number) => x1 },
  { name: 'x₂', of: (_: number, x2: number) => x2 },
  { name: 'x₁²', of: (x1: number) => x1 ** 2 },
  { name: 'x₂²', of: (_: number, x2: number) => x2 ** 2 },
  { name: 'x₁x₂', of: (x1: number, x2: number) => x1 * x2 },
  { name: 'sin x₁', of: (x1: number) => Math.sin(x1) },
  { name: 'sin x₂', of: (_: number, x2: number) => Math.sin(x2) },
] as const;

/** @param features indices into FEATURES. @returns `[points, features]`, rounded to 32 bits, as the GPU has them */
export function featuresOf(points: readonly Pick<Point, 'x1' | 'x2'>[], features: readonly number[]): Array64 {
  const x = zeros([points.length, features.length]);
  points.forEach(({ x1, x2 }, i) => {
    features.forEach((feature, j) => {
      x.data[i * features.length + j] = Math.fround(FEATURES[feature]!.of(x1, x2));
    });
  });
  return x;
}

/** Points of a surface's picture, a side. */
export const GRID = 48;

/** Centres of the picture's pixels, row by row from the top, where x2 is largest. */
export const gridPoints = Array.from({ length: GRID * GRID }, (_, i) => ({
  x1: EXTENT * ((2 * (i % GRID) + 1) / GRID - 1),
  x2: EXTENT * (1 - (2 * Math.floor(i / GRID) + 1) / GRID),
}));
