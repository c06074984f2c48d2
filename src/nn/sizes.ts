/** Which numbers of examples have steps of their own. Pure: needs no device. */

/** So many rows may be computed in vain before a number of examples gets a step of its own. */
const MOST_PADDING = 1024;

/** Rows of the step of a run on `rows` examples in batches of `batchSize`: what the run is asked for decides, and nothing that came before. */
export function stepRows(batchSize: number, rows: number, epochs: number): number {
  return rows < batchSize && epochs * (batchSize - rows) > MOST_PADDING ? rows : batchSize;
}

/**
 * The sizes of prepared steps of one kind. Fewer examples than a prepared step takes run on it, the smallest that has room. Those
 * that are asked for again and again, with no other number in between, get a step of their own once a thousand rows were computed in vain. So a
 * number of examples has the same step, and its result the same bits, as long as the calls are the same.
 */
export class Sizes {
  readonly #most: number;
  /** Each with the most rows that it takes beside its own number of them, the least recently used first. */
  readonly #sizes = new Map<number, number>();
  #last = 0;
  #padding = 0;

  /** @param most sizes that are kept */
  constructor(most: number) {
    this.#most = most;
  }

  /**
   * @param batches of so many rows; 0 where there is no padding, because as many rows go through a step as it takes
   * @returns the size of the step, which counts as prepared now; whether it did not before, and which one is to go for it
   */
  choose(rows: number, batches = 1): { size: number; fresh: boolean; gone: number | undefined } {
    if (rows !== this.#last) this.#padding = 0;
    this.#last = rows;
    const fit = [...this.#sizes].filter(([size, room]) => size === rows || room >= rows).map(([size]) => size);
    const size = this.#padding < MOST_PADDING && fit.length > 0 ? Math.min(...fit) : rows;
    this.#padding += batches * (size - rows);
    const room = this.#sizes.get(size) ?? size;
    const fresh = !this.#sizes.has(size);
    let gone: number | undefined;
    if (fresh && this.#sizes.size >= this.#most) {
      // Where there are several, not the largest: it serves the most.
      const all = [...this.#sizes.keys()];
      const largest = Math.max(...all);
      gone = all.find((one) => one !== largest) ?? largest;
      this.#sizes.delete(gone);
    }
    this.#sizes.delete(size);
    this.#sizes.set(size, room);
    return { size, fresh, gone };
  }

  /** A step takes at most so many rows beside its own number: more would go through it in micro-batches. */
  limit(size: number, room: number): void {
    if (this.#sizes.has(size)) this.#sizes.set(size, room);
  }

  /** It could not be prepared. */
  forget(size: number): void {
    this.#sizes.delete(size);
  }
}

/** Sizes of each kind that are kept. */
const KEPT = 4;

/** The sizes of a model's steps, by what they are for. */
export class StepSizes {
  readonly train = new Sizes(KEPT);
  readonly evaluate = new Sizes(KEPT);
  readonly predict = new Sizes(KEPT);
  /** Inspectors have large staging. */
  readonly inspect = new Sizes(1);
}
