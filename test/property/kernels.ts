import type { OpNode } from '../../src/graph.ts';
import type { KernelChoice } from '../../src/plan/kernels.ts';

/**
 * One of the kernels that can do a node, by a number and the node's name: the same each time.
 * @param number 0: the kernel that is likely the fastest
 * @param chosen called with each choice
 */
export function kernelsBy(number: number, chosen: (node: OpNode, kernel: string) => void = () => {}): KernelChoice {
  return (node, able) => {
    let hash = number;
    for (const letter of node.name) hash = (Math.imul(hash ^ letter.charCodeAt(0), 0x9e3779b1) >>> 0) ^ (hash >>> 15);
    const kernel = number === 0 ? able[0]! : able[(hash >>> 8) % able.length]!;
    chosen(node, kernel);
    return kernel;
  };
}
