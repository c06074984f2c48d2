/** What is trained, and on what: the playground's settings, and the data and first weights that follow from them. */

import { Random } from '../../lesson/random.ts';
import type { ActivationName } from '../../lesson/reference/activations.ts';
import { type Array64, zeros } from '../../lesson/reference/array64.ts';
import type { DenseLayer, LossKind } from '../../lesson/reference/network.ts';
import { featuresOf, gridPoints, type Point, pointsOf, type Task } from './points.ts';

export interface Settings {
  readonly task: Task;
  /** From 0 to 1. */
  readonly noise: number;
  /** Indices into FEATURES, at least one. */
  readonly features: readonly number[];
  /** Units of each hidden layer. */
  readonly hidden: readonly number[];
  readonly activation: ActivationName;
  readonly rate: number;
  /** Weight decay of AdamW: each step takes rate times this off every weight and bias. The loss has no term for it. */
  readonly decay: number;
  /** Another one, other points and first weights. */
  readonly seed: number;
}

export const FIRST_SETTINGS: Settings = {
  task: 'spirals',
  noise: 0,
  features: [0, 1],
  hidden: [8, 8],
  activation: 'tanh',
  rate: 0.03,
  decay: 0,
  seed: 3,
};

export const MOST_LAYERS = 4;
export const MOST_UNITS = 8;
/** Points of each set: those to train on, and those to test on. */
export const POINTS = 200;
/** Examples of a step. */
export const BATCH = 20;

export interface PointSet {
  readonly points: readonly Point[];
  /** `[POINTS, features]` */
  readonly x: Array64;
  /** Rounded to 32 bits. */
  readonly y: Float64Array;
}

/** All that a training needs. */
export interface Setup {
  readonly settings: Settings;
  readonly loss: LossKind;
  readonly train: PointSet;
  readonly test: PointSet;
  /** Features of the surfaces' pixels. */
  readonly grid: Array64;
  /** Weights to start from, of 32 bits. */
  readonly network: readonly DenseLayer[];
  /** Steps that were made before. */
  readonly step: number;
}

export function setupOf(settings: Settings): Setup {
  const { task, noise, features, seed } = settings;
  const set = (own: number): PointSet => {
    const points = pointsOf(task, POINTS, noise, own);
    return { points, x: featuresOf(points, features), y: Float64Array.from(points, ({ y }) => Math.fround(y)) };
  };
  return {
    settings,
    loss: task === 'regression' ? 'squared' : 'binary',
    train: set(2 * seed),
    test: set(2 * seed + 1),
    grid: featuresOf(gridPoints, features),
    network: firstWeights(settings),
    step: 0,
  };
}

/** Uniform with the variance 2 / (inputs + outputs), by X. Glorot and Y. Bengio, 2010; biases 0. */
function firstWeights({ features, hidden, activation, seed }: Settings): DenseLayer[] {
  const random = new Random(7919 * seed);
  const sizes = [features.length, ...hidden, 1];
  return sizes.slice(1).map((outputs, i) => {
    const inputs = sizes[i]!;
    const most = Math.sqrt(6 / (inputs + outputs));
    const w = zeros([inputs, outputs]);
    w.data.forEach((_, k) => {
      w.data[k] = Math.fround(random.uniform(-most, most));
    });
    return { w, b: zeros([outputs]), activation: i < hidden.length ? activation : 'linear' };
  });
}
