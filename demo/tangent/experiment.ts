/**
 * How far do weights move? A network of two layers learns six points on the GPU, by gradient descent. The wider it is, the less its
 * weights and its tangent kernel K(x, x') change on the way (A. Jacot, F. Gabriel, C. Hongler: Neural tangent kernel, 2018).
 */
import { type Device, exampleGradients, layers, type Model, sequential, sgd, tangentKernel } from 'neurite';
import { type Points, type Weights, weightsOf } from './reference.ts';
import { GRID, LEARNING_RATE, type Look, POINTS, type Trainer } from './setup.ts';

const column = (numbers: readonly number[]) => ({ data: Float32Array.from(numbers), shape: [numbers.length, 1] });

/** f(x) = a relu(w x + b) / sqrt(m). @param width units of the hidden layer: m */
export function tangentModel(width: number): Model {
  return sequential([
    layers.dense({ inputShape: [1], units: width, activation: 'relu' }),
    layers.dense({ units: 1, useBias: false }),
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

/** A network that learns the points on the GPU. */
export class TangentRun implements Trainer {
  readonly model: Model;
  points: Points;
  readonly #losses: number[] = [];

  private constructor(model: Model, points: Points) {
    this.model = model;
    this.points = points;
  }

  /** @param first the weights that it begins with. @param device default: one of its own */
  static async create(first: Weights, points = POINTS, device?: Device): Promise<TangentRun> {
    const width = first.w.length;
    const model = tangentModel(width);
    await model.compile({
      optimizer: sgd({ learningRate: LEARNING_RATE }),
      loss: 'meanSquaredError',
      tune: false, // so small a network gains nothing by it, and the first step would wait
      ...(device ? { device } : {}),
    });
    await model.setWeights([
      { data: Float32Array.from(first.w), shape: [1, width] },
      { data: Float32Array.from(first.b), shape: [width] },
      { data: Float32Array.from(first.a), shape: [width, 1] },
    ]);
    return new TangentRun(model, points);
  }

  async train(steps: number): Promise<void> {
    await this.model.fit(sameBatch(this.points, steps), {
      batchSize: this.points.x.length,
      shuffle: false,
      recovery: false,
      callbacks: { onBatchLogs: (_, { loss }) => void this.#losses.push(loss!) },
    });
  }

  async look(): Promise<Look> {
    const [weights, loss, kernel, curve] = await Promise.all([
      this.model.getWeights(),
      this.loss(),
      this.kernel(),
      this.curve(GRID),
    ]);
    return { weights: weightsOf(weights.map(({ data }) => data)), loss, losses: this.#losses, kernel, curve };
  }

  /** The kernel between the points and other numbers. Default: the points themselves. */
  async kernel(others?: readonly number[]): Promise<Float64Array> {
    const own = await exampleGradients(this.model, column(this.points.x));
    return tangentKernel(own, others && (await exampleGradients(this.model, column(others)))).data;
  }

  /** f at some numbers. */
  async curve(x: readonly number[]): Promise<Float32Array> {
    return (await this.model.predict(column(x), { batchSize: x.length })).data;
  }

  async loss(): Promise<number> {
    const { x, y } = this.points;
    return (await this.model.evaluate({ x: column(x), y: column(y) }, { batchSize: x.length })).loss!;
  }

  dispose(): void {
    this.model.dispose();
  }
}
