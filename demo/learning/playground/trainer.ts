/**
 * What trains the playground's network: the GPU (gpu.ts) or plain TypeScript with 64 bits (below). Both take the same batches from
 * the same first weights, so that one can be checked by the other.
 */

import { Random } from '../../lesson/random.ts';
import { array64 } from '../../lesson/reference/array64.ts';
import { Adam, backward, copyOf, type DenseLayer, forward, networkLoss } from '../../lesson/reference/network.ts';
import { BATCH, POINTS, type Setup } from './setup.ts';

/** A training at one moment. */
export interface Look {
  readonly step: number;
  readonly trainLoss: number;
  readonly testLoss: number;
  readonly network: readonly DenseLayer[];
  /** What each layer makes of the surfaces' pixels, `[GRID * GRID, units]`; the last one's are logits or numbers. */
  readonly maps: readonly ArrayLike<number>[];
}

export interface Trainer {
  /** Makes steps, each on the next batch. */
  train(steps: number): Promise<void>;
  look(): Promise<Look>;
  /** Changes the learning rate of the steps to come. */
  setRate(rate: number): void;
  dispose(): void;
}

/** Examples in random order, each once before one comes again. */
export class Order {
  readonly #random: Random;
  #left: number[] = [];

  constructor(seed: number) {
    this.#random = new Random(seed);
  }

  /** Indices of the examples of some batches, one batch after another. */
  next(batches: number): number[] {
    const taken: number[] = [];
    for (let i = 0; i < batches; i++) {
      if (this.#left.length < BATCH) this.#left = this.#random.permutation(POINTS);
      taken.push(...this.#left.splice(0, BATCH));
    }
    return taken;
  }
}

/** Where a setup's order begins. */
export const orderOf = ({ settings, step }: Setup) => new Order(104_729 * settings.seed + step);

/** By hand. */
export function lookOf({ train, test, grid, loss }: Setup, network: readonly DenseLayer[], step: number): Look {
  return {
    step,
    trainLoss: networkLoss(network, loss, train.x, train.y),
    testLoss: networkLoss(network, loss, test.x, test.y),
    network,
    maps: forward(network, grid).map(({ h }) => h.data),
  };
}

export function trainByHand(setup: Setup): Trainer {
  const { train, loss, settings } = setup;
  const network = copyOf(setup.network);
  const adam = new Adam(settings.rate, settings.decay);
  const order = orderOf(setup);
  const inputs = train.x.shape[1]!;
  let step = setup.step;
  return {
    async train(steps) {
      for (let i = 0; i < steps; i++) {
        const rows = order.next(1);
        const x = rows.flatMap((row) => Array.from(train.x.data.subarray(row * inputs, (row + 1) * inputs)));
        const y = rows.map((row) => train.y[row]!);
        adam.step(network, backward(network, loss, array64(x, [BATCH, inputs]), y));
      }
      step += steps;
    },
    look: async () => lookOf(setup, copyOf(network), step),
    setRate(rate) {
      adam.rate = rate;
    },
    dispose() {},
  };
}
