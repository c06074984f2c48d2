/**
 * Fusion rule for classification: softmax cross-entropy, the sums of the loss and of right answers, and the gradient
 * become one dispatch.
 */
import type { OpNode } from '../../graph.ts';
import { type AccumulateAttributes, accumulateOp } from '../../ops/accumulate.ts';
import { correctOp } from '../../ops/correct.ts';
import { fillOp } from '../../ops/fill.ts';
import { softmaxCrossEntropyGradOp, softmaxCrossEntropyOp } from '../../ops/softmaxCrossEntropy.ts';
import { MOST_LOGITS, softmaxCrossEntropyTotalsOp } from '../../ops/softmaxCrossEntropyTotals.ts';
import { weightedMeanGradOp } from '../../ops/weightedMean.ts';
import { elements, type Tensor } from '../../tensor.ts';
import { applied, isBy, type Rule, type StepRewriter } from './rewrite.ts';

/** The backward part of the pattern: the gradient of the weighted mean of the rows' losses. */
interface Backward {
  readonly nodes: readonly OpNode[];
  readonly dlogits: Tensor | undefined;
  /** The upstream gradient of the mean: a constant, or a variable. */
  readonly scale: number | Tensor;
}

/**
 * Fuses the cross-entropy of logits, the sums of losses and of right answers, and the gradient of the weighted mean
 * into one dispatch.
 */
export const classificationRule: Rule = {
  name: 'softmax + cross-entropy + metrics',
  apply(step) {
    for (const node of step.nodes) {
      if (isBy(node, softmaxCrossEntropyOp) && rewrite(step, node as OpNode)) return true;
    }
    return false;
  },
};

function rewrite(step: StepRewriter, node: OpNode): boolean {
  const [logits, labels] = node.inputs as [Tensor, Tensor];
  const [losses, statistics] = node.outputs as [Tensor, Tensor];
  const [summed] = step.readersOf(losses);
  if (!summed || !isBy(summed, accumulateOp) || !step.isOnlyFor(losses, [summed])) return false;
  const [state, , rows, weights] = summed.inputs as [Tensor, Tensor, Tensor, Tensor | undefined];
  if (!weights || elements(logits.shape) > MOST_LOGITS) return false;
  const backward = backwardOf(step, statistics, weights, rows);
  if (!backward) return false;

  const correct = step.readersOf(logits).find((reader) => isBy(reader, correctOp) && reader.inputs[1] === labels);
  const counted = correct && counterOf(step, correct, state, rows);
  const { scale } = backward;
  const { slots, slot } = summed.attributes;
  const accuracy = counted && (counted.attributes as AccumulateAttributes).slot;
  const inputs = [state, logits, labels, weights, rows, ...(typeof scale === 'number' ? [] : [scale])];
  if (!step.isBefore(inputs, node)) return false;
  const old = [summed as OpNode, ...backward.nodes, ...(counted ? [correct, counted] : [])];
  step.replace(
    old,
    node,
    applied(softmaxCrossEntropyTotalsOp, inputs, [backward.dlogits], {
      slots,
      loss: slot,
      accuracy,
      scale: typeof scale === 'number' ? scale : undefined,
    }),
  );
  return true;
}

/** The node that sums the right answers, if it is their only reader. */
function counterOf(step: StepRewriter, correct: OpNode, state: Tensor, rows: Tensor): OpNode | undefined {
  const [found] = correct.outputs as [Tensor];
  const [reader] = step.readersOf(found);
  const fits = reader && isBy(reader, accumulateOp) && reader.inputs.length === 3;
  if (!fits || reader.inputs[0] !== state || reader.inputs[2] !== rows) return undefined;
  return step.isOnlyFor(found, [reader as OpNode]) ? (reader as OpNode) : undefined;
}

/** The backward nodes. Undefined if the gradient has another form, or if another node reads a part of it. */
function backwardOf(step: StepRewriter, statistics: Tensor, weights: Tensor, rows: Tensor): Backward | undefined {
  const [gradient] = step.readersOf(statistics);
  if (!gradient) return step.outputs.has(statistics) ? undefined : { nodes: [], dlogits: undefined, scale: 1 };
  if (!isBy(gradient, softmaxCrossEntropyGradOp) || !step.isOnlyFor(statistics, [gradient])) return undefined;
  const dy = gradient.inputs[3]!;
  const mean = step.madeBy(dy, weightedMeanGradOp);
  if (!mean || mean.inputs[0] !== weights || mean.inputs[1] !== rows) return undefined;
  const upstream = mean.inputs[2]!;
  const fill = step.madeBy(upstream, fillOp);
  if ((!fill && upstream.role !== 'variable') || !step.isOnlyFor(dy, [gradient])) return undefined;
  const unused = fill && step.isOnlyFor(upstream, [mean as OpNode]) ? [fill as OpNode] : [];
  return {
    nodes: [gradient, mean, ...unused] as OpNode[],
    dlogits: gradient.outputs[0]!,
    scale: fill?.attributes.value ?? upstream,
  };
}
