import { STEPS_IN_FLIGHT } from './runner.ts';

/** Where a step takes longer than this, waiting for its end before the next costs nothing that one would notice. */
const SLOW_MS = 150;
/** Between the two, one step in advance keeps the GPU busy. */
const QUICK_MS = 50;
/** Intervals that are averaged: browsers may report several ends at once (Firefox looks every 100 ms). */
const WINDOW = 3;

/**
 * How many steps may be under way at once: several where steps are quick, so that the GPU never waits; one where they are
 * slow, so that a pause or a stop takes effect at once.
 */
export class Pace {
  #last: number | undefined;
  #intervals: number[] = [];
  #limit = 1;

  get limit(): number {
    return this.#limit;
  }

  /** A step has ended. @param now in milliseconds */
  completed(now: number): void {
    if (this.#last !== undefined) {
      this.#intervals = [...this.#intervals, now - this.#last].slice(-WINDOW);
      const mean = this.#intervals.reduce((sum, interval) => sum + interval, 0) / this.#intervals.length;
      this.#limit = mean > SLOW_MS ? 1 : mean > QUICK_MS ? 2 : STEPS_IN_FLIGHT;
    }
    this.#last = now;
  }

  /** Steps did not follow one another: the time since the last one says nothing. */
  rest(): void {
    this.#last = undefined;
  }
}
