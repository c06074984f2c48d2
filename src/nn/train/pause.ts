/** Pauses training: while it is closed, steps wait. */
export class PauseControl {
  #paused = false;
  #ended = false;
  /** Steps that may pass while it is paused. */
  #permits = 0;
  #wake: () => void = () => {};

  get paused(): boolean {
    return this.#paused;
  }

  /** Makes all steps after the current one wait. */
  pause(): void {
    if (!this.#ended) this.#paused = true;
  }

  resume(): void {
    this.#paused = false;
    this.#permits = 0;
    this.#wake();
  }

  /** While paused: lets one more step pass, with all free steps before it. */
  step(): void {
    if (!this.#paused) return;
    this.#permits++;
    this.#wake();
  }

  /** Whether a step has to wait. */
  get closed(): boolean {
    return this.#paused && this.#permits === 0;
  }

  /** Opens it for good. */
  end(): void {
    this.#ended = true;
    this.resume();
  }

  /** Resolves when it opens. It may close again at once, so the caller checks again. A wait that is given up uses no permit. */
  opened(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  /** Counts a step that passes: uses up a permit, if there is one. */
  pass(): void {
    if (this.#permits > 0) this.#permits--;
  }
}
