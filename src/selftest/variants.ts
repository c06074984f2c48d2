import type { KernelChoice } from '../plan/kernels.ts';

/** Records the kernels that can compute a graph's nodes, while the graph is planned. */
export class Variants {
  readonly #able = new Set<string>();
  /** By kernel the ops of the nodes, and whether all channels of a node are whole vec4s, for which kernels may have other code. */
  readonly #others = new Map<string, Set<string>>();

  /** Names recorded so far. */
  get all(): string[] {
    return [...this.#able].sort();
  }

  /** Kernels that can compute a node but are chosen only on request. */
  get others(): string[] {
    return [...this.#others.keys()].sort();
  }

  /** What a kernel can compute without being chosen: for each kind of node a text. */
  usesOf(kernel: string): string[] {
    return [...(this.#others.get(kernel) ?? [])].map((kind) => `${kind} by ${kernel}`);
  }

  /**
   * @param kernel the kernel for all nodes that it can compute. Other nodes, and all if it is absent, get the probably
   *   fastest one.
   */
  choose(kernel?: string): KernelChoice {
    return ({ op, inputs, outputs }, able) => {
      const whole = [...inputs, ...outputs].every(({ shape }) => (shape.at(-1) ?? 1) % 4 === 0);
      const kind = `${op.name}${whole ? ' of whole vec4s' : ''}`;
      able.forEach((name, i) => {
        this.#able.add(name);
        if (i > 0) this.#others.set(name, (this.#others.get(name) ?? new Set()).add(kind));
      });
      return kernel !== undefined && able.includes(kernel) ? kernel : undefined;
    };
  }
}
