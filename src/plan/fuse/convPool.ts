/**
 * Fusion rule for a convolution that is followed by a max-pool: one kernel computes both and never writes the feature
 * map between them, which is most often the largest tensor of a network.
 */
import type { OpNode } from '../../graph.ts';
import { biasAddOp } from '../../ops/biasAdd.ts';
import { conv2dFilterGradOp, conv2dInputGradOp, conv2dOp } from '../../ops/conv2d.ts';
import { type ConvPool, convPoolKernels, convPoolOp } from '../../ops/conv2dMaxPool.ts';
import { maxPoolFilterGradOp } from '../../ops/conv2dMaxPoolFilterGrad.ts';
import { maxPoolInputGradOp } from '../../ops/conv2dMaxPoolInputGrad.ts';
import { maxPool2dGradOp, maxPool2dOp } from '../../ops/maxPool2d.ts';
import { type ReduceAttributes, sumOp } from '../../ops/reduce.ts';
import { reluFunction } from '../../ops/relu.ts';
import type { Tensor } from '../../tensor.ts';
import { applied, isBy, type Rule, type StepRewriter } from './rewrite.ts';

/** conv2d -> biasAdd? -> relu? -> maxPool2d. */
interface Chain {
  readonly conv: OpNode;
  readonly bias: OpNode | undefined;
  readonly relu: OpNode | undefined;
  readonly pool: OpNode;
  readonly attributes: ConvPool;
}

/** The backward nodes of the chain: the gradient passes through pool and relu to the filter, the images and the bias. */
interface Backward {
  readonly nodes: readonly OpNode[];
  readonly first: OpNode;
  readonly dy: Tensor;
  readonly dw: Tensor | undefined;
  readonly db: Tensor | undefined;
  readonly dx: Tensor | undefined;
}

/**
 * Replaces conv2d, bias, relu and a max-pool whose windows lie edge to edge by conv2dMaxPool. If the step has their
 * gradients, these are replaced too, by ones that sum over the chosen pixels only.
 */
export const convPoolRule: Rule = {
  name: 'convolution + bias + relu + max-pool',
  apply(step) {
    for (const node of step.nodes) {
      const chain = isBy(node, maxPool2dOp) ? chainTo(step, node) : undefined;
      if (!chain) continue;
      const backward = backwardOf(step, chain);
      if (backward === 'other') continue;
      rewrite(step, chain, backward);
      return true;
    }
    return false;
  },
};

function chainTo(step: StepRewriter, pool: OpNode): Chain | undefined {
  const relu = step.madeBy(pool.inputs[0], reluFunction.op);
  const sum = relu ? relu.inputs[0]! : pool.inputs[0]!;
  const bias = step.madeBy(sum, biasAddOp);
  const conv = step.madeBy(bias ? bias.inputs[0]! : sum, conv2dOp);
  // A convolution whose caller asked for a kernel keeps it.
  if (!conv || conv.inputs.length > 2 || conv.attributes.activation || conv.attributes.kernel) return undefined;
  if (bias && (!step.isOnlyFor(conv.outputs[0]!, [bias]) || bias.inputs[1]!.shape.length !== 1)) return undefined;
  if (relu && !step.isOnlyFor(sum, [relu])) return undefined;
  const attributes: ConvPool = {
    conv: conv.attributes,
    pool: pool.attributes as ConvPool['pool'],
    relu: relu !== undefined,
    kernel: undefined,
  };
  if (convPoolKernels(attributes).length === 0) return undefined;
  return { conv: conv as OpNode, bias, relu, pool, attributes };
}

/** Undefined if there is no gradient; `other` if another node reads a tensor that the fused kernels do not write. */
function backwardOf(step: StepRewriter, { conv, bias, relu, pool }: Chain): Backward | undefined | 'other' {
  const map = pool.inputs[0]!;
  const chosen = pool.outputs[1]!;
  const [poolGrad, ...more] = step.readersOf(chosen);
  if (step.outputs.has(chosen) || more.length > 0) return 'other';
  if (!poolGrad) return step.isOnlyFor(map, [pool]) ? undefined : 'other';
  if (!isBy(poolGrad, maxPool2dGradOp)) return 'other';
  let upstream = poolGrad.outputs[0]!;
  let reluGrad: OpNode | undefined;
  if (relu) {
    reluGrad = step.readersOf(upstream)[0];
    if (!reluGrad || !isBy(reluGrad, reluFunction.gradient) || reluGrad.inputs[1] !== map) return 'other';
    if (!step.isOnlyFor(upstream, [reluGrad])) return 'other';
    upstream = reluGrad.outputs[0]!;
  }
  if (!step.isOnlyFor(map, [pool, reluGrad]) || step.outputs.has(upstream)) return 'other';

  const [x, w] = conv.inputs as [Tensor, Tensor];
  let dw: Tensor | undefined;
  let dx: Tensor | undefined;
  let db: Tensor | undefined;
  const readers = step.readersOf(upstream);
  for (const reader of readers) {
    const [output] = reader.outputs;
    const same = reader.attributes === conv.attributes;
    if (isBy(reader, conv2dFilterGradOp) && same && reader.inputs[0] === x && !dw) dw = output;
    else if (isBy(reader, conv2dInputGradOp) && same && reader.inputs[1] === w && !dx) dx = output;
    else if (bias && isBy(reader, sumOp) && isBiasSum(reader.attributes) && !db) db = output;
    else return 'other';
  }
  const nodes = [poolGrad, ...(reluGrad ? [reluGrad] : []), ...readers];
  return { nodes, first: poolGrad, dy: poolGrad.inputs[0]!, dw, db, dx };
}

/** Whether it is a sum over all axes except the channels. */
function isBiasSum({ axes, scale, keepDims }: ReduceAttributes): boolean {
  return axes.join() === '0,1,2' && scale === 1 && !keepDims;
}

function rewrite(
  step: StepRewriter,
  { conv, bias, relu, pool, attributes }: Chain,
  backward: Backward | undefined,
): void {
  const [x, w] = conv.inputs as [Tensor, Tensor];
  const inputs = bias ? [x, w, bias.inputs[1]!] : [x, w];
  step.replace([conv, bias, relu], pool, applied(convPoolOp, inputs, pool.outputs, attributes));
  if (!backward) return;
  const { dy, dw, db, dx } = backward;
  const chosen = pool.outputs[1]!;
  step.replace(
    backward.nodes,
    backward.first,
    ...(dw || db
      ? [applied(maxPoolFilterGradOp, [x, dy, chosen], [dw, db], { ...attributes, kernel: undefined })]
      : []),
    ...(dx ? [applied(maxPoolInputGradOp, [dy, chosen, w], [dx], { ...attributes, kernel: undefined })] : []),
  );
}
