/**
 * Fusion rules for a convolution or a matrix product that is followed by a bias and an activation: the kernel of the
 * product applies both before it stores its result.
 */
import type { Op, OpNode } from '../../graph.ts';
import { biasAddOp } from '../../ops/biasAdd.ts';
import { conv2dOp } from '../../ops/conv2d.ts';
import { takesEpilogue } from '../../ops/conv2dForward.ts';
import { type Activation, activationOf } from '../../ops/elementwise.ts';
import { matmulOp } from '../../ops/matmul.ts';
import type { Tensor } from '../../tensor.ts';
import { isBy, type Rule, type StepRewriter } from './rewrite.ts';

/** The nodes that follow a product: a bias, an activation, or both. */
interface Tail {
  readonly nodes: readonly OpNode[];
  readonly bias: Tensor | undefined;
  readonly activation: Activation | undefined;
}

/** The bias and the activation that follow a node, if no other node reads the results between them. */
function tailOf(step: StepRewriter, node: OpNode): Tail | undefined {
  const nodes: OpNode[] = [];
  const [y] = node.outputs;
  let last = y!;
  const next = () => {
    const [reader, ...more] = step.readersOf(last);
    return more.length === 0 && !step.outputs.has(last) ? reader : undefined;
  };
  let follower = next();
  let bias: Tensor | undefined;
  if (follower && isBy(follower, biasAddOp) && follower.inputs[0] === last) {
    bias = follower.inputs[1];
    nodes.push(follower);
    last = follower.outputs[0]!;
    follower = next();
  }
  // An activation whose gradient needs its input is another reader of the sum, and so is not fused.
  const activation = follower && activationOf(follower);
  if (activation) nodes.push(follower!);
  return nodes.length > 0 ? { nodes, bias, activation } : undefined;
}

function rewrite(step: StepRewriter, node: OpNode, { nodes, bias, activation }: Tail): void {
  const last = nodes.at(-1)!;
  const inputs = bias ? [...node.inputs, bias] : node.inputs;
  const attributes = { ...(node.attributes as object), activation };
  step.replace([node, ...nodes], last, { op: node.op, inputs, outputs: last.outputs, attributes });
}

/** Fuses an op, a bias and an activation into one node of the op, whose kernel computes all three before it stores. */
function epilogueRule<A extends { readonly activation?: Activation | undefined }>(
  name: string,
  op: Op<A>,
  able: (attributes: A) => boolean,
): Rule {
  return {
    name,
    apply(step) {
      for (const node of step.nodes) {
        if (!isBy(node, op) || node.inputs.length > 2 || node.attributes.activation || !able(node.attributes)) continue;
        const tail = tailOf(step, node as OpNode);
        if (!tail) continue;
        rewrite(step, node as OpNode, tail);
        return true;
      }
      return false;
    },
  };
}

export const convEpilogueRule = epilogueRule('convolution + bias + activation', conv2dOp, takesEpilogue);

export const matmulEpilogueRule = epilogueRule(
  'matmul + bias + activation',
  matmulOp,
  ({ kernel }) => kernel !== 'plain',
);
