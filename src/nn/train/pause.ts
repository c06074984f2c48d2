/** Holds training steps back while training is paused. */
export class PauseControl {
  #paused = false;
  #ended = false;
  /** Steps that may pass although it is paused. */
  #permits = 0;
  #wake: () => void = () => {};

  get paused(): boolean {
    return this.#paused;
  }

  /** The steps that come after the one under way wait. */
  pause(): void {
    if (!this.#ended) this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#permits = 0;
    this.#wake();
  }

  /** While paused: lets one more step pass, and all free ones before it. */
  step(): void {
    if (!this.#paused) return;
    this.#permits++;
    this.#wake();
  }

  /** Whether a step has to wait. */
  get closed(): boolean {
    return this.#paused && this.#permits === 0;
  }

  /** Holds nothing back any more. */
  end(): void {
    this.#ended = true;
    this.resume();
  }

  /** Resolves when it has opened, perhaps for a moment. Whoever gives up waiting takes nothing away from those that come after. */
  opened(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  /** A step passes. */
  pass(): void {
    if (this.#permits > 0) this.#permits--;
  }
}
