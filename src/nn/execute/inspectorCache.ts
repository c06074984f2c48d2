import type { Inspector } from './inspector.ts';
import type { Sizes } from './sizes.ts';

/** The inspector that was made last. */
export class InspectorCache {
  readonly #sizes: Sizes;
  readonly #make: (size: number) => Promise<Inspector>;
  #size = 0;
  #inspector: Promise<Inspector> | undefined;

  /** @param sizes of which one is kept */
  constructor(sizes: Sizes, make: (size: number) => Promise<Inspector>) {
    this.#sizes = sizes;
    this.#make = make;
  }

  /**
   * An inspector with room for so many examples.
   * @param beforeMaking done before one is made, and once the old one is gone
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
        this.#inspector = undefined; // the next call tries again, with its own number
        this.#sizes.forget(size);
      });
    }
    return this.#inspector;
  }

  /** Frees the inspector; to be awaited. One that could not be made has nothing to free. */
  async evict(): Promise<void> {
    const inspector = this.#inspector;
    this.#inspector = undefined;
    await inspector?.then((made) => made.destroy()).catch(() => {});
  }
}
