import type { Inspector } from './inspect.ts';

/** The inspector for the number of examples that was asked for last. */
export class InspectorCache {
  readonly #make: (size: number) => Promise<Inspector>;
  #size = 0;
  #inspector: Promise<Inspector> | undefined;

  constructor(make: (size: number) => Promise<Inspector>) {
    this.#make = make;
  }

  /** @param beforeMaking done before one is made, and once the old one is gone */
  async get(size: number, beforeMaking: () => Promise<void>): Promise<Inspector> {
    if (this.#size !== size || !this.#inspector) {
      await this.evict();
      await beforeMaking();
      this.#size = size;
      this.#inspector = this.#make(size);
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
