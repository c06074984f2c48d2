/**
 * Fusion rule for the optimizer: updates of variables that follow one another in memory become one update of the whole
 * range, so that a step needs a few dispatches instead of one for each weight.
 */
import type { OpNode } from '../../graph.ts';
import { isUpdateOp, updateParts } from '../../ops/update.ts';
import type { Tensor, Variable } from '../../tensor.ts';
import { isNext, packedBytes, rangeOf } from '../packing.ts';
import type { Rule, StepRewriter } from './rewrite.ts';

/**
 * Fuses updates of weights that follow one another in memory, as do their optimizer states, into one update of the
 * whole range. It places their gradients one after another in the same way.
 */
export const updatesRule: Rule = {
  name: 'optimizer updates',
  apply(step) {
    const updates = step.nodes.filter(({ op }) => isUpdateOp(op));
    for (let first = 0; first < updates.length - 1; first++) {
      const run = [updates[first]!];
      const roots = new Set([gradientOf(step, run[0]!)]);
      while (follows(run.at(-1)!, updates[first + run.length])) {
        const next = updates[first + run.length]!;
        const root = gradientOf(step, next);
        if (!canMove(step, root) || roots.has(root)) break;
        roots.add(root);
        run.push(next);
      }
      if (run.length === 1 || !canMove(step, [...roots][0]!)) continue;
      if (meets(step, run, roots) || isObserved(step, run)) continue;
      rewrite(step, run, [...roots]);
      return true;
    }
    return false;
  },
};

function gradientOf(step: StepRewriter, node: OpNode): Tensor {
  return step.rootOf(updateParts(node).dw);
}

/** Whether a node is the same update as the one before, and its variables directly follow those of the one before. */
function follows(before: OpNode, node: OpNode | undefined): node is OpNode {
  if (!node || node.op !== before.op) return false;
  if (JSON.stringify(node.attributes) !== JSON.stringify(before.attributes)) return false;
  const { numbers } = updateParts(before);
  if (!updateParts(node).numbers.every((tensor, i) => tensor === numbers[i])) return false;
  return statesOf(node).every((variable, i) => isNext(statesOf(before)[i]!, variable));
}

function statesOf(node: OpNode): Variable[] {
  return updateParts(node).states.map(({ variable }) => variable!);
}

/** Whether a gradient is computed in this step, so that it can be placed anywhere. */
function canMove(step: StepRewriter, gradient: Tensor): boolean {
  return gradient.role === 'value' && gradient.dtype === 'f32' && !step.views.has(gradient);
}

/** Whether a node reads one of the gradients and writes another one, which WebGPU forbids if both lie in the same buffer. */
function meets(step: StepRewriter, run: readonly OpNode[], gradients: ReadonlySet<Tensor>): boolean {
  const touches = (tensors: readonly Tensor[]) => tensors.some((tensor) => gradients.has(step.rootOf(tensor)));
  return step.nodes.some(
    (node) => !run.includes(node) && !node.op.aliasesInput && touches(node.inputs) && touches(node.outputs),
  );
}

/**
 * Whether a node between the first and the last update reads what they update. Moving the updates would change what it
 * reads.
 */
function isObserved({ nodes }: StepRewriter, run: readonly OpNode[]): boolean {
  const states = new Set(run.flatMap((node) => updateParts(node).states));
  const between = nodes.slice(nodes.indexOf(run[0]!), nodes.indexOf(run.at(-1)!));
  return between.some((node) => !run.includes(node) && node.inputs.some((input) => states.has(input)));
}

function rewrite(step: StepRewriter, run: readonly OpNode[], gradients: readonly Tensor[]): void {
  const { graph } = step;
  const states = statesOf(run[0]!).map((_, i) => graph.variable(rangeOf(run.map((node) => statesOf(node)[i]!))));
  const [last] = run.slice(-1);
  const packed = graph.temporary('gradients', states[0]!.shape);
  let offset = 0;
  for (const [i, gradient] of gradients.entries()) {
    step.views.set(gradient, { of: packed, offset });
    offset += packedBytes(statesOf(run[i]!)[0]!);
  }
  const inputs = [...states, packed, ...updateParts(last!).numbers];
  step.replace(run, last!, { op: last!.op, inputs, outputs: [], attributes: last!.attributes });
}
