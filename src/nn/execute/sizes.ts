/**
 * Decides how many rows the step of a call gets. To prepare a step takes time, so a step for more rows is reused with padding
 * until its padding has cost about as much as a new step. Needs no device.
 */
import { graph } from '../../graph.ts';
import { multiplyAdds } from '../../runtime/trial.ts';
import { inferenceIn, type Network } from '../network.ts';

/** Most padding rows, whatever the network. */
const MOST_PADDING = 1024;
/**
 * Most multiply-adds spent on padding, as `multiplyAdds` counts them. A CPU takes about as long for them as to compile a
 * step.
 */
const MOST_WORK = 2 ** 29;

/** Rows of padding after which a number of examples gets a step of its own: 1,024, fewer in large networks. */
export function mostPadding(network: Network): number {
  const g = graph();
  const rows = g.input('rows', [1], 'u32');
  network.apply(g.input('x', [1, ...network.inputShape]), inferenceIn(g, rows));
  return Math.min(MOST_PADDING, MOST_WORK / g.nodes.reduce((work, node) => work + multiplyAdds(node), 1));
}

/**
 * Rows of the step of a run on `rows` examples in batches of `batchSize`. They depend on these arguments alone, not on earlier
 * calls, so that a run can be reproduced.
 * @param most rows of padding that are allowed in the whole run
 */
export function stepRows(batchSize: number, rows: number, epochs: number, most: number): number {
  return rows < batchSize && epochs * (batchSize - rows) > most ? rows : batchSize;
}

/**
 * The sizes of the prepared steps of one mode. A call with fewer examples runs on the smallest prepared step that has room. If
 * calls in a row have the same number of examples, they get a step of that size once their padding exceeds a limit. The sizes
 * depend on the sequence of calls alone, so the same calls give bit-identical results.
 */
export class StepSizePolicy {
  readonly #padded: () => number;
  readonly #most: number;
  /** Each size with the most rows that a smaller call may have on it; the least recently used size comes first. */
  readonly #sizes = new Map<number, number>();
  #last = 0;
  #padding = 0;

  /** @param most number of sizes to keep @param padded gives the rows of padding that are allowed */
  constructor(most: number, padded: () => number) {
    this.#padded = padded;
    this.#most = most;
  }

  /**
   * Chooses the step for `rows` examples and adds its size to the prepared ones.
   * @param batches number of batches of `rows` examples; 0 if the caller fills every row of the step, without padding
   * @param most rows that later calls may have: sizes double up to this number, so that few steps are prepared
   * @returns `size`: rows of the step; `fresh`: whether it must be prepared; `gone`: the size whose step must be destroyed for it
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
      // The largest size is kept, if there are others, since calls of every number of rows can use it.
      const all = [...this.#sizes.keys()];
      const largest = Math.max(...all);
      gone = all.find((one) => one !== largest) ?? largest;
      this.#sizes.delete(gone);
    }
    this.#sizes.delete(size);
    this.#sizes.set(size, room);
    return { size, fresh, gone };
  }

  /** Sets the most rows that a smaller call may have on a step: with more, it would need micro-batches. */
  limit(size: number, room: number): void {
    if (this.#sizes.has(size)) this.#sizes.set(size, room);
  }

  /** Removes a size whose step could not be prepared. */
  forget(size: number): void {
    this.#sizes.delete(size);
  }
}

/** Number of sizes to keep for each mode. */
const KEPT = 4;

/** The sizes of a model's prepared steps, by mode, and those of its inspectors. */
export class StepSizePolicies {
  readonly train: StepSizePolicy;
  readonly evaluate: StepSizePolicy;
  readonly predict: StepSizePolicy;
  readonly inspect: StepSizePolicy;

  constructor(network: Network) {
    let most: number | undefined;
    const padded = () => {
      most ??= mostPadding(network);
      return most;
    };
    this.train = new StepSizePolicy(KEPT, padded);
    this.evaluate = new StepSizePolicy(KEPT, padded);
    this.predict = new StepSizePolicy(KEPT, padded);
    this.inspect = new StepSizePolicy(1, padded); // one, since inspectors have large staging buffers
  }
}
