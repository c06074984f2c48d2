/** The same training in plain TypeScript and double precision, for pages without WebGPU. */
import { descend, kernelOf, lossOf, outputOf, type Points, type Weights, weightsOf } from './reference.ts';
import { GRID, LEARNING_RATE, type Look, type Trainer } from './setup.ts';

/** The page is held up no longer than this at once. */
const SLICE_MS = 12;

/** A network at one moment, by hand. @param losses before each step so far */
export function lookAt(weights: Weights, points: Points, losses: readonly number[] = []): Look {
  return {
    weights,
    loss: lossOf(weights, points),
    losses,
    kernel: kernelOf(weights, points.x),
    curve: GRID.map((x) => outputOf(weights, x)),
  };
}

/** A network that learns the points on the CPU. */
export class RunByHand implements Trainer {
  points: Points;
  readonly #weights: Weights;
  readonly #losses: number[] = [];

  constructor({ w, b, a }: Weights, points: Points) {
    this.#weights = weightsOf([w, b, a]);
    this.points = points;
  }

  async train(steps: number): Promise<void> {
    for (let left = steps; left > 0; ) {
      for (const end = performance.now() + SLICE_MS; left > 0 && performance.now() < end; left--) {
        this.#losses.push(...descend(this.#weights, this.points, 1, LEARNING_RATE));
      }
      if (left > 0) await new Promise((resolve) => setTimeout(resolve));
    }
  }

  async look(): Promise<Look> {
    const { w, b, a } = this.#weights;
    return lookAt(weightsOf([w, b, a]), this.points, this.#losses);
  }

  dispose(): void {}
}
