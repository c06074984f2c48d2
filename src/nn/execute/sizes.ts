/** Which numbers of examples have steps of their own. Pure: needs no device. */
import { graph } from '../../graph.ts';
import { multiplyAdds } from '../../runtime/trial.ts';
import type { Network } from '../network.ts';

const MOST_PADDING = 1024;
/** As `multiplyAdds` counts them: a CPU takes about as long for them as for compiling a step. */
const MOST_WORK = 2 ** 29;

/** So many rows may be computed in vain before a number of examples gets a step of its own: 1,024, fewer in large networks. */
export function mostPadding(network: Network): number {
  const g = graph();
  const rows = g.input('rows', [1], 'u32');
  network.apply(g.input('x', [1, ...network.inputShape]), {
    ...{ graph: g, training: false, rows: () => rows, seed: () => rows },
  });
  return Math.min(MOST_PADDING, MOST_WORK / g.nodes.reduce((work, node) => work + multiplyAdds(node), 1));
}

/**
 * Rows of the step of a run on `rows` examples in batches of `batchSize`: what the run is asked for decides, and nothing that came before.
 * @param most rows that may be computed in vain
 */
export function stepRows(batchSize: number, rows: number, epochs: number, most: number): number {
  return rows < batchSize && epochs * (batchSize - rows) > most ? rows : batchSize;
}

/**
 * The sizes of prepared steps of one kind. Fewer examples than a prepared step takes run on it, the smallest that has room. Those
 * that are asked for again and again, with no other number in between, get a step of their own once too many rows were computed in vain. So a
 * number of examples has the same step, and its result the same bits, as long as the calls are the same.
 */
export class Sizes {
  readonly #padded: () => number;
  readonly #most: number;
  /** Each with the most rows that it takes beside its own number of them, the least recently used first. */
  readonly #sizes = new Map<number, number>();
  #last = 0;
  #padding = 0;

  /** @param most sizes that are kept @param padded rows that may be computed in vain */
  constructor(most: number, padded: () => number) {
    this.#padded = padded;
    this.#most = most;
  }

  /**
   * @param batches of so many rows; 0 where there is no padding, because as many rows go through a step as it takes
   * @param most rows that other calls are likely to ask for: up to there sizes grow by doubling, so that few are prepared
   * @returns the size of the step, which counts as prepared now; whether it did not before, and which one is to go for it
   */
  choose(rows: number, batches = 1, most = rows): { size: number; fresh: boolean; gone: number | undefined } {
    if (rows !== this.#last) this.#padding = 0;
    this.#last = rows;
    const fit = [...this.#sizes].filter(([size, room]) => size === rows || room >= rows).map(([size]) => size);
    const next = Math.max(rows, Math.min(2 * Math.max(0, ...this.#sizes.keys()), most));
    const pads = this.#padding === 0 || this.#padding < this.#padded();
    const size = !pads ? rows : fit.length > 0 ? Math.min(...fit) : next;
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
  readonly train: Sizes;
  readonly evaluate: Sizes;
  readonly predict: Sizes;
  readonly inspect: Sizes;

  constructor(network: Network) {
    let most: number | undefined;
    const padded = () => {
      most ??= mostPadding(network);
      return most;
    };
    this.train = new Sizes(KEPT, padded);
    this.evaluate = new Sizes(KEPT, padded);
    this.predict = new Sizes(KEPT, padded);
    this.inspect = new Sizes(1, padded); // inspectors have large staging
  }
}
