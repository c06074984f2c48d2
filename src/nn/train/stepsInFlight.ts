import { STEPS_IN_FLIGHT } from '../execute/stepRunner.ts';

/** What is under way may take so long: a pause or a stop waits for it. */
const UNDER_WAY_MS = 200;

/**
 * How many steps may be under way at once: several where steps are quick, so that the GPU never waits, also where a browser
 * tells the ends of several at once; one where they are slow, so that a pause or a stop takes effect at once.
 */
export class StepsInFlight {
  /** Milliseconds of a step, the later ones counting more. */
  #step = Number.POSITIVE_INFINITY;

  get limit(): number {
    return Math.min(Math.max(Math.floor(UNDER_WAY_MS / this.#step), 1), STEPS_IN_FLIGHT);
  }

  /**
   * A step has ended.
   * @param waited milliseconds since it was submitted
   * @param underWay steps that were under way then, itself included
   */
  ended(waited: number, underWay: number): void {
    const step = waited / underWay;
    this.#step = Number.isFinite(this.#step) ? (this.#step + step) / 2 : step;
  }
}
