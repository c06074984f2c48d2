/** Holds training steps back while training is paused. */
export class Gate {
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

  /**
   * Resolves when the next step may pass.
   * @param free it takes up no permit: a batch of the validation, which lies between two training steps
   */
  async pass(free = false): Promise<void> {
    while (this.closed) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#paused && !free) this.#permits--;
  }
}
