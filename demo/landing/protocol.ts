/** What the landing page and its worker say to each other: plain data. Calls go through Comlink; the rest comes as events. */
import type { Machine } from '../gpu/machine.ts';
import type { Weight } from './byHand.ts';
import type { Card } from './round.ts';

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
  /** Pictures of new animals for a round, by its index from 0. */
  cards(index: number): Promise<Card[]>;
  /** One of those that the network learns from. */
  trainedPicture(): Promise<Float32Array>;
  /** The training begins. All calls below load the engine. */
  connect(listener: (event: LandingEvent) => void): Promise<void>;
  pause(): void | Promise<void>;
  resume(): void | Promise<void>;
  /** Other first weights. */
  startOver(): void | Promise<void>;
  /** Probabilities of fake, by the weights of now. Resolves once there is a network. */
  judge(pictures: readonly Float32Array[]): Promise<number[]>;
  /** The picture to look at from now on. */
  lookAt(pixels: Float32Array): void | Promise<void>;
}
