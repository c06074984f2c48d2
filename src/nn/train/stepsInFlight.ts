import { STEPS_IN_FLIGHT } from '../execute/stepRunner.ts';

/** Most milliseconds that the steps in flight may take together, since a pause or a stop waits for them. */
const UNDER_WAY_MS = 200;

/**
 * Limits the number of steps in flight by their duration. Of quick steps several are in flight, so that the GPU never waits,
 * even if the browser reports the ends of several at once. Of slow steps one is in flight, so that a pause or a stop takes
 * effect soon.
 */
export class StepsInFlight {
  /** Moving average of the duration of a step, in milliseconds. */
  #step = Number.POSITIVE_INFINITY;

  get limit(): number {
    return Math.min(Math.max(Math.floor(UNDER_WAY_MS / this.#step), 1), STEPS_IN_FLIGHT);
  }

  /**
   * Records that a step has ended.
   * @param waited milliseconds from its submission to its end
   * @param underWay steps in flight when it was submitted, itself included
   */
  ended(waited: number, underWay: number): void {
    const step = waited / underWay;
    this.#step = Number.isFinite(this.#step) ? (this.#step + step) / 2 : step;
  }
}
