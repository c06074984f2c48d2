import type { Graph, OpNode, Target } from '../graph.ts';

/**
 * Name of the kernel that is the simple reference for an op's fast ones: for tests, and for cases that no other can do. Kernels
 * behind it in a list are able, but made for other devices or sizes.
 */
export const REFERENCE = 'plain';

/** Says which of several kernels a node should be done by; undefined: the first of them. */
export type KernelChoice = (node: OpNode, able: readonly string[]) => string | undefined;

/** Kernels that can do a node, the one that is likely the fastest first; none for an op that has but one. */
export function kernelsOf({ op, inputs, attributes }: OpNode, target: Target): readonly string[] {
  return op.kernels?.(inputs, attributes, target) ?? [];
}

/** Settles by which kernel each node is done: the one that its attributes ask for, else the one that `choose` names. */
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

/** The node, done by another kernel. */
function withKernel(graph: Graph, node: OpNode, kernel: string): OpNode {
  return graph.substitute({ ...node, attributes: { ...(node.attributes as object), kernel } });
}
