/**
 * How far do weights move? A network of two layers, f(x) = a relu(W x + b) / sqrt(m), all weights standard normal at first,
 * learns six points by gradient descent. The wider it is, the less its weights and its tangent kernel K(x, x') change on the way
 * (A. Jacot, F. Gabriel, C. Hongler: Neural tangent kernel, 2018).
 */
import { type Device, exampleGradients, layers, type Model, sequential, sgd, tangentKernel } from 'neurite';
import { type Points, relativeChange } from './reference.ts';

/** The six points: down, up and down again. */
export const POINTS: Points = {
  x: [-2, -1.2, -0.4, 0.4, 1.2, 2].map(Math.fround),
  y: [1, 0, -1, 0, 1, 0.5],
};
export const LEARNING_RATE = 0.1;
/** A run ends once its loss is below this, so that runs of all widths have learned as much. */
export const TARGET = 2e-4;
/** Most steps. Runs of width 64 and more reach the target within them, narrower ones often do not. */
export const MOST_STEPS = 3000;
/** Steps between two looks at the run. */
const STEPS_PER_EPOCH = 100;

export interface RunOptions {
  /** Units of the hidden layer. */
  readonly width: number;
  /** Another seed, other first weights. */
  readonly seed: number;
  /** Default: one of its own. */
  readonly device?: Device;
}

/** Where a run is. */
export interface Look {
  /** Steps so far. */
  readonly step: number;
  /** The loss before each step so far: the mean of (f(x) - y)^2 over the points. */
  readonly losses: readonly number[];
}

/** What has changed since the beginning. */
export interface Change {
  /** |theta - theta0| / |theta0|, over all weights. */
  readonly weights: number;
  /** |K - K0| / |K0|, over all pairs of points. */
  readonly kernel: number;
}

const column = (numbers: readonly number[]) => ({ data: Float32Array.from(numbers), shape: [numbers.length, 1] });

export function tangentModel(width: number): Model {
  const normal = { name: 'randomNormal', stddev: 1 } as const;
  return sequential([
    layers.dense({
      inputShape: [1],
      units: width,
      activation: 'relu',
      kernelInitializer: normal,
      biasInitializer: normal,
    }),
    layers.dense({ units: 1, useBias: false, kernelInitializer: normal }),
    layers.rescaling({ scale: 1 / Math.sqrt(width) }),
  ]);
}

/**
 * All points are one batch, and an epoch is many steps on it: so the loss of every step comes back without a wait between steps.
 */
function sameBatch({ x, y }: Points, steps: number) {
  return {
    size: steps * x.length,
    xShape: [1],
    read(indices: Uint32Array, toX: Float32Array, toY?: Float32Array | Int32Array) {
      indices.forEach((index, i) => {
        toX[i] = x[index % x.length]!;
        if (toY) toY[i] = y[index % x.length]!;
      });
    },
  };
}

/** A network that learns the points. */
export class TangentRun {
  readonly model: Model;
  readonly points: Points;
  /** The weights at the beginning: W, b, a. */
  readonly firstWeights: readonly Float32Array[];
  /** The kernel at the beginning, `[6, 6]` row by row. */
  readonly firstKernel: Float64Array;
  readonly losses: number[] = [];

  private constructor(model: Model, points: Points, weights: readonly Float32Array[], kernel: Float64Array) {
    this.model = model;
    this.points = points;
    this.firstWeights = weights;
    this.firstKernel = kernel;
  }

  /** Whether the loss has reached the target. */
  get done(): boolean {
    return this.losses.length > 0 && this.losses.at(-1)! < TARGET;
  }

  static async create({ width, seed, device }: RunOptions, points = POINTS): Promise<TangentRun> {
    const model = tangentModel(width);
    await model.compile({
      optimizer: sgd({ learningRate: LEARNING_RATE }),
      loss: 'meanSquaredError',
      seed,
      ...(device ? { device } : {}),
    });
    const weights = (await model.getWeights()).map(({ data }) => data as Float32Array);
    const kernel = tangentKernel(await exampleGradients(model, column(points.x))).data;
    return new TangentRun(model, points, weights, kernel);
  }

  /**
   * Trains on, until the loss is below `TARGET`. It looks every 100 steps.
   * @param steps most steps
   * @param onLook called, and awaited, at each look
   * @param signal ends the training after the step under way; then `train` rejects with its reason
   */
  async train(steps = MOST_STEPS, onLook?: (look: Look) => void | Promise<void>, signal?: AbortSignal): Promise<void> {
    const { x } = this.points;
    for (let left = steps; left > 0 && !this.done; ) {
      const perEpoch = Math.min(left, STEPS_PER_EPOCH);
      const epochs = Math.floor(left / perEpoch);
      await this.model.fit(sameBatch(this.points, perEpoch), {
        batchSize: x.length,
        epochs,
        shuffle: false,
        ...(signal ? { signal } : {}),
        callbacks: {
          onBatchLogs: (_, { loss }) => void this.losses.push(loss!),
          onEpochEnd: async (_, __, training) => {
            await onLook?.({ step: this.losses.length, losses: this.losses });
            if (this.done) training.stop();
          },
        },
      });
      left -= perEpoch * epochs;
    }
  }

  /** The kernel now, between the points and other numbers. Default: the points themselves. */
  async kernel(others?: readonly number[]): Promise<Float64Array> {
    const own = await exampleGradients(this.model, column(this.points.x));
    return tangentKernel(own, others && (await exampleGradients(this.model, column(others)))).data;
  }

  /** f at some numbers. */
  async curve(x: readonly number[]): Promise<Float32Array> {
    return (await this.model.predict(column(x), { batchSize: x.length })).data;
  }

  /** The loss now. */
  async loss(): Promise<number> {
    const { x, y } = this.points;
    return (await this.model.evaluate({ x: column(x), y: column(y) })).loss!;
  }

  async change(): Promise<Change> {
    const now = (await this.model.getWeights()).map(({ data }) => data);
    const all = (weights: readonly ArrayLike<number>[]) => weights.flatMap((weight) => Array.from(weight));
    return {
      weights: relativeChange(all(this.firstWeights), all(now)),
      kernel: relativeChange(this.firstKernel, await this.kernel()),
    };
  }

  dispose(): void {
    this.model.dispose();
  }
}
