/** What the landing page and its worker say to each other: plain data. Calls go through Comlink; the rest comes as events. */
import type { Machine } from '../gpu/machine.ts';
import type { Weight } from './byHand.ts';

/** What the network makes of one picture, with the weights that it has after a step. */
export interface Look {
  readonly step: number;
  /** `[128, 128]`, from 0 to 1. */
  readonly pixels: Float32Array;
  readonly maps: readonly FeatureMaps[];
  /** Probability of fake. */
  readonly fake: number;
  /** In the order of `model.getWeights`: for the same numbers by hand. */
  readonly weights: readonly Weight[];
}

export interface FeatureMaps {
  /** Height, width, channels. */
  readonly shape: readonly number[];
  readonly data: Float32Array;
}

export type LandingEvent =
  | { type: 'machine'; machine: Machine }
  /** A training has begun, or begins anew. */
  | { type: 'begin' }
  /** @param accuracy of the step's batch, before the step */
  | { type: 'step'; step: number; loss: number; accuracy: number }
  /** On pictures of animals that it is not trained on. */
  | { type: 'test'; step: number; right: number; count: number }
  | { type: 'look'; look: Look }
  | { type: 'over' }
  | { type: 'failed'; message: string };

export interface Landing {
  /** First call: the training begins. */
  connect(listener: (event: LandingEvent) => void): void;
  pause(): void;
  resume(): void;
  /** Other first weights. */
  startOver(): void;
  /** Probabilities of fake, by the weights of now. Resolves once there is a network. */
  judge(pictures: readonly Float32Array[]): Promise<number[]>;
  /** The picture to look at from now on. */
  lookAt(pixels: Float32Array): void;
}
