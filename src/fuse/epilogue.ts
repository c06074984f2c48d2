import type { OpNode } from '../graph.ts';
import { biasAddOp } from '../ops/biasAdd.ts';
import { conv2dOp, takesEpilogue } from '../ops/conv2d.ts';
import { matmulOp } from '../ops/matmul.ts';
import { reluFunction } from '../ops/relu.ts';
import type { Tensor } from '../tensor.ts';
import { isBy, type Rule, type Step } from './rewrite.ts';

/** A product with what follows it: a bias, a relu, or both. */
interface Tail {
  readonly nodes: readonly OpNode[];
  readonly bias: Tensor | undefined;
  readonly relu: boolean;
}

/** The bias and the relu that follow a node and are all that its result is for. */
function tailOf(step: Step, node: OpNode): Tail | undefined {
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
  // Of a relu the gradient needs the result alone, so that the sum before it is for nobody else.
  const relu = follower !== undefined && isBy(follower, reluFunction.op);
  if (relu) nodes.push(follower!);
  return nodes.length > 0 ? { nodes, bias, relu } : undefined;
}

function rewrite(step: Step, node: OpNode, { nodes, bias, relu }: Tail): void {
  const last = nodes.at(-1)!;
  const inputs = bias ? [...node.inputs, bias] : node.inputs;
  const attributes = { ...(node.attributes as object), relu };
  step.replace([node, ...nodes], last, { op: node.op, inputs, outputs: last.outputs, attributes });
}

/** conv2d, bias and relu become one conv2d, which adds and cuts before it writes. */
export const convEpilogueRule: Rule = {
  name: 'convolution + bias + relu',
  apply(step) {
    for (const node of step.nodes) {
      if (!isBy(node, conv2dOp) || node.inputs.length > 2 || node.attributes.relu) continue;
      const tail = takesEpilogue(node.attributes) && tailOf(step, node as OpNode);
      if (!tail) continue;
      rewrite(step, node as OpNode, tail);
      return true;
    }
    return false;
  },
};

/** The same for matmul. */
export const matmulEpilogueRule: Rule = {
  name: 'matmul + bias + relu',
  apply(step) {
    for (const node of step.nodes) {
      if (!isBy(node, matmulOp) || node.inputs.length > 2 || node.attributes.relu) continue;
      const tail = node.attributes.kernel !== 'plain' && tailOf(step, node as OpNode);
      if (!tail) continue;
      rewrite(step, node as OpNode, tail);
      return true;
    }
    return false;
  },
};
