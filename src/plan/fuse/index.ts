/**
 * Fusion: rewrites of a step's nodes that compute the same with less memory and fewer dispatches. Each is a named rule.
 * The planner applies them after autodiff, to the nodes that are needed. A chain stays as it is if another node reads a
 * tensor inside it.
 */
import type { Graph, OpNode } from '../../graph.ts';
import type { Tensor } from '../../tensor.ts';
import { classificationRule } from './classification.ts';
import { convPoolRule } from './convPool.ts';
import { convEpilogueRule, matmulEpilogueRule } from './epilogue.ts';
import { type Rule, StepRewriter, type View } from './rewrite.ts';
import { updatesRule } from './updates.ts';

/** The rules, in the order in which they are applied. */
export const RULES: readonly Rule[] = [
  convPoolRule,
  convEpilogueRule,
  matmulEpilogueRule,
  classificationRule,
  updatesRule,
];

export interface Fused {
  readonly nodes: readonly OpNode[];
  /** Tensors that lie in the memory of others. */
  readonly views: ReadonlyMap<Tensor, View>;
}

/** Applies each rule until it finds no place any more. @param outputs tensors that no rule may remove or change */
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
