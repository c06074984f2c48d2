/** What the user changes by hand: the learning rate, or weights: of each of the model's its values, or undefined: it stays. */
export type Change = { readonly rate: number } | { readonly weights: readonly (Float32Array | undefined)[] };

interface Entry {
  readonly id: number;
  /** Optimizer steps done before. */
  readonly at: number;
  readonly change: Change;
}

/**
 * Changes made since the last snapshot, and after which step: when these steps are done again, so are the changes, in the
 * same places.
 */
export class ChangeLog {
  #entries: Entry[] = [];
  #ids = 0;
  /** The first entry that has not taken effect. */
  #next = 0;

  /** For `forget`: what takes effect later. */
  get mark(): number {
    return this.#next;
  }

  /**
   * Adds a change; `due` gives it when its step comes.
   * @param replayed whether steps between changes may be done again; if not, only the last change of a kind matters
   */
  add(at: number, change: Change, replayed: boolean): void {
    this.#entries = this.#entries.filter((old) => {
      // Weights that no step used are no loss, and may be large.
      const overwritten = supersedes(change, old.change) && (!replayed || ('weights' in change && old.at === at));
      return !overwritten;
    });
    this.#entries.push({ id: this.#ids++, at, change });
  }

  /** Changes that have not taken effect, and are to before the step that comes after so many. They count as done. */
  due(iterations: number): Change[] {
    if (this.#next === this.#ids) return NONE;
    const due = this.#entries.filter(({ id, at }) => id >= this.#next && at <= iterations);
    if (due.length > 0) this.#next = due.at(-1)!.id + 1;
    return due.map(({ change }) => change);
  }

  /** The last learning rate that has not taken effect. */
  get rate(): number | undefined {
    const rates = this.#entries.flatMap(({ id, change }) =>
      id >= this.#next && 'rate' in change ? [change.rate] : [],
    );
    return rates.at(-1);
  }

  get empty(): boolean {
    return this.#entries.length === 0;
  }

  /** Whether it holds weights, which take up memory. */
  get hasWeights(): boolean {
    return this.#entries.some(({ change }) => 'weights' in change);
  }

  /** What had taken effect at the mark is part of a snapshot now. */
  forget(mark: number): void {
    this.#entries = this.#entries.filter(({ id }) => id >= mark);
  }

  /** What was changed after so many steps takes effect again. */
  replayFrom(at: number): void {
    this.#next = Math.min(this.#next, this.#entries.find((entry) => entry.at >= at)?.id ?? this.#ids);
  }

  /** All that is kept is to take effect again. */
  rewind(): void {
    this.#next = this.#entries[0]?.id ?? this.#ids;
  }
}

const NONE: Change[] = [];

/** Whether nothing remains of an older change. */
function supersedes(change: Change, old: Change): boolean {
  if ('rate' in change || 'rate' in old) return 'rate' in change && 'rate' in old;
  return old.weights.every((values, i) => !values || change.weights[i]);
}
