import type { Inspector } from './inspector.ts';
import type { StepSizePolicy } from './sizes.ts';

/** Keeps the inspector that was made last, for further calls with as many examples. */
export class InspectorCache {
  readonly #sizes: StepSizePolicy;
  readonly #make: (size: number) => Promise<Inspector>;
  #size = 0;
  #inspector: Promise<Inspector> | undefined;

  /** @param sizes chooses the number of examples at once; it keeps one size */
  constructor(sizes: StepSizePolicy, make: (size: number) => Promise<Inspector>) {
    this.#sizes = sizes;
    this.#make = make;
  }

  /**
   * An inspector with room for the given number of examples.
   * @param beforeMaking called after the old inspector is destroyed and before a new one is made
   */
  async get(examples: number, beforeMaking: () => Promise<void>): Promise<Inspector> {
    const { size } = this.#sizes.choose(examples);
    if (this.#size !== size || !this.#inspector) {
      await this.evict();
      await beforeMaking();
      this.#size = size;
      const inspector = this.#make(size);
      this.#inspector = inspector;
      inspector.catch(() => {
        if (this.#inspector !== inspector) return;
        this.#inspector = undefined; // the next call tries again, with a size of its own
        this.#sizes.forget(size);
      });
    }
    return this.#inspector;
  }

  /** Destroys the inspector. An inspector whose creation failed has nothing to free. */
  async evict(): Promise<void> {
    const inspector = this.#inspector;
    this.#inspector = undefined;
    await inspector?.then((made) => made.destroy()).catch(() => {});
  }
}
