/**
 * Records the changes that the user makes during training, by `learningRate` and `setWeights`. When steps are repeated from a
 * snapshot, the changes since then are repeated too, before the same steps.
 */

/** A change by the user: a new learning rate, or values for each weight of the model; a weight without values stays. */
export type Change = { readonly rate: number } | { readonly weights: readonly (Float32Array | undefined)[] };

interface Entry {
  readonly id: number;
  /** Number of optimizer steps done before the change. */
  readonly at: number;
  readonly change: Change;
}

/** The changes since the last snapshot, in order. */
export class ChangeLog {
  #entries: Entry[] = [];
  #ids = 0;
  /** The first entry that has not taken effect. */
  #next = 0;

  /** A mark for `forget`: the changes so far have taken effect, later ones have not. */
  get mark(): number {
    return this.#next;
  }

  /**
   * Adds a change, which `due` returns when its step comes.
   * @param replayed whether steps since the snapshot may be repeated; if not, only the last change of each kind matters
   */
  add(at: number, change: Change, replayed: boolean): void {
    this.#entries = this.#entries.filter((old) => {
      // Weights that were overwritten before any step used them are dropped, since they may be large.
      const overwritten = supersedes(change, old.change) && (!replayed || ('weights' in change && old.at === at));
      return !overwritten;
    });
    this.#entries.push({ id: this.#ids++, at, change });
  }

  /** Returns the changes that must take effect before the next step, and marks them as done. @param iterations steps done */
  due(iterations: number): Change[] {
    if (this.#next === this.#ids) return NONE;
    const due = this.#entries.filter(({ id, at }) => id >= this.#next && at <= iterations);
    if (due.length > 0) this.#next = due.at(-1)!.id + 1;
    return due.map(({ change }) => change);
  }

  /** The last learning rate that has not taken effect yet; undefined if there is none. */
  get rate(): number | undefined {
    const rates = this.#entries.flatMap(({ id, change }) =>
      id >= this.#next && 'rate' in change ? [change.rate] : [],
    );
    return rates.at(-1);
  }

  get empty(): boolean {
    return this.#entries.length === 0;
  }

  /** Whether it holds weights, which take up memory until the next snapshot. */
  get hasWeights(): boolean {
    return this.#entries.some(({ change }) => 'weights' in change);
  }

  /** Removes the changes that had taken effect at the mark: a snapshot contains them now. */
  forget(mark: number): void {
    this.#entries = this.#entries.filter(({ id }) => id >= mark);
  }

  /** Makes the changes that were added at step `at` or later take effect again. */
  replayFrom(at: number): void {
    this.#next = Math.min(this.#next, this.#entries.find((entry) => entry.at >= at)?.id ?? this.#ids);
  }

  /** Makes all changes take effect again. */
  rewind(): void {
    this.#next = this.#entries[0]?.id ?? this.#ids;
  }
}

const NONE: Change[] = [];

/** Whether a change overwrites an older one completely. */
function supersedes(change: Change, old: Change): boolean {
  if ('rate' in change || 'rate' in old) return 'rate' in change && 'rate' in old;
  return old.weights.every((values, i) => !values || change.weights[i]);
}
