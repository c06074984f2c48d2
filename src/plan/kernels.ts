import type { Graph, OpNode, Target } from '../graph.ts';

/**
 * Name of an op's simple kernel, which is the reference for its fast ones: it serves tests, and cases that no other
 * kernel can do. Kernels after it in a list can do the case too, but were written for other devices or sizes.
 */
export const REFERENCE = 'plain';

/** Chooses the kernel for a node from the list `able`. Undefined chooses the first. */
export type KernelChoice = (node: OpNode, able: readonly string[]) => string | undefined;

/** The kernels that can compute a node, the probably fastest first. Empty for an op with a single kernel. */
export function kernelsOf({ op, inputs, attributes }: OpNode, target: Target): readonly string[] {
  return op.kernels?.(inputs, attributes, target) ?? [];
}

/** Gives each node its kernel: the one that its attributes ask for, otherwise the one that `choose` names. */
export function chooseKernels(
  graph: Graph,
  nodes: readonly OpNode[],
  target: Target,
  choose: KernelChoice = () => undefined,
): OpNode[] {
  return nodes.map((node) => {
    const able = kernelsOf(node, target);
    if (able.length === 0) return node;
    const { kernel: asked } = node.attributes as { kernel?: string };
    if (asked !== undefined && able.includes(asked)) return node;
    return withKernel(graph, node, choose(node, able) ?? able[0]!);
  });
}

/** The same node with another kernel. */
function withKernel(graph: Graph, node: OpNode, kernel: string): OpNode {
  return graph.substitute({ ...node, attributes: { ...(node.attributes as object), kernel } });
}
