import type { KernelChoice } from '../plan/kernels.ts';

/** Records the kernels that can compute a graph's nodes, while the graph is planned. */
export class Variants {
  readonly #able = new Set<string>();
  readonly #others = new Set<string>();

  /** Names recorded so far. */
  get all(): string[] {
    return [...this.#able].sort();
  }

  /** Kernels that can compute a node but are chosen only on request. */
  get others(): string[] {
    return [...this.#others].sort();
  }

  /**
   * @param kernel the kernel for all nodes that it can compute. Other nodes, and all if it is absent, get the probably
   *   fastest one.
   */
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
