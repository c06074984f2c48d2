import type { KernelChoice } from '../plan/kernels.ts';

/** The kernels that a graph's nodes can be done by, as planning meets them. */
export class Variants {
  readonly #able = new Set<string>();
  readonly #others = new Set<string>();

  /** Names met so far. */
  get all(): string[] {
    return [...this.#able].sort();
  }

  /** Those by which a node can be done, but would not be unless asked for. */
  get others(): string[] {
    return [...this.#others].sort();
  }

  /** @param kernel for all nodes that can be done by it; the others, and all if absent, take what is likely the fastest */
  choose(kernel?: string): KernelChoice {
    return (_, able) => {
      able.forEach((name, i) => {
        this.#able.add(name);
        if (i > 0) this.#others.add(name);
      });
      return kernel !== undefined && able.includes(kernel) ? kernel : undefined;
    };
  }
}
