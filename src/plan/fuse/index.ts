/**
 * Fusion: rewrites of a step's nodes that compute the same with less memory and fewer dispatches. Each is a named rule; the
 * plan applies them, after autodiff, to the nodes that are needed. A chain that something else looks into stays as it is.
 */
import type { Graph, OpNode } from '../../graph.ts';
import type { Tensor } from '../../tensor.ts';
import { classificationRule } from './classification.ts';
import { convPoolRule } from './convPool.ts';
import { convEpilogueRule, matmulEpilogueRule } from './epilogue.ts';
import { type Rule, StepRewriter, type View } from './rewrite.ts';
import { updatesRule } from './updates.ts';

/** In the order in which they are applied. */
export const RULES: readonly Rule[] = [
  convPoolRule,
  convEpilogueRule,
  matmulEpilogueRule,
  classificationRule,
  updatesRule,
];

export interface Fused {
  readonly nodes: readonly OpNode[];
  /** Tensors that lie within others. */
  readonly views: ReadonlyMap<Tensor, View>;
}

/** Applies rules as often as they find a place. @param outputs tensors that must be computed as they are */
export function fuse(
  graph: Graph,
  nodes: readonly OpNode[],
  outputs: readonly Tensor[],
  rules: readonly Rule[] = RULES,
): Fused {
  const step = new StepRewriter(graph, nodes, outputs);
  for (const rule of rules) while (rule.apply(step));
  return { nodes: step.nodes, views: step.views };
}
