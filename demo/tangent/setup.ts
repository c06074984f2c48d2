/**
 * The experiment: six points, and networks f(x) = a relu(w x + b) / sqrt(m) of m units, all weights standard normal at first. What the
 * GPU (experiment.ts) and plain TypeScript (byHand.ts) train alike.
 */
import { Random } from '../lesson/random.ts';
import { type Points, relativeChange, type Weights } from './reference.ts';

/** The six points: down, up and down again. */
export const POINTS: Points = {
  x: [-2, -1.2, -0.4, 0.4, 1.2, 2].map(Math.fround),
  y: [1, 0, -1, 0, 1, 0.5],
};
/** Units, from narrow to wide. */
export const WIDTHS = [4, 16, 64, 256, 1024, 4096] as const;
export const LEARNING_RATE = 0.1;
/** A network whose loss is below this fits the points. A run ends there, so that runs of all widths have learned as much. */
export const TARGET = 5e-4;
/** Most steps of a run. */
export const MOST_STEPS = 3000;
/** Where the curve is drawn. */
export const GRID: readonly number[] = Array.from({ length: 101 }, (_, i) => (i - 50) / 20);

/** Another seed, other weights. They are numbers of float32, so that the GPU begins with the same ones. */
export function firstWeights(width: number, seed: number): Weights {
  const random = new Random(4096 * seed + width);
  const weights = () => Float64Array.from({ length: width }, () => Math.fround(random.normal()));
  return { w: weights(), b: weights(), a: weights() };
}

/** A network at one moment. */
export interface Look {
  readonly weights: Weights;
  /** The mean of (f(x) - y)^2 over the points. */
  readonly loss: number;
  /** The loss before each step so far. */
  readonly losses: readonly number[];
  /** K between the points, row by row. */
  readonly kernel: ArrayLike<number>;
  /** f on the grid. */
  readonly curve: ArrayLike<number>;
}

/** What trains a network. */
export interface Trainer {
  /** What it learns. May be replaced between two calls. */
  points: Points;
  train(steps: number): Promise<void>;
  look(): Promise<Look>;
  dispose(): void;
}

/** |theta - theta0| / |theta0|, over all weights. */
export function movement(before: Weights, now: Weights): number {
  const all = ({ w, b, a }: Weights) => [...w, ...b, ...a];
  return relativeChange(all(before), all(now));
}
