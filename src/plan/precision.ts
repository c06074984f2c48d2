/**
 * Mixed precision: decides which tensors of a step are stored as f16, and gives the kernels f16 copies of the weights.
 * All arithmetic stays f32; see shader/f16.ts.
 */
import { type Dispatch, isOfLoss, type OpNode } from '../graph.ts';
import { copyOp } from '../ops/copy.ts';
import { floatArrays } from '../shader/f16.ts';
import { elements, type Tensor, type Variable } from '../tensor.ts';
import { applied, type Replacement, type Rule, type StepRewriter } from './fuse/rewrite.ts';
import { rangeOf } from './packing.ts';

/** The width in which training stores its tensors; see `compile`. */
export type Precision = 'float32' | 'mixed';

/** What the planner needs to know about a step to store part of it as f16. */
export interface MixedStorage {
  /** Size of the first axis of activations and their gradients. */
  readonly batchSize: number;
  /** The model's weights. Kernels read f16 copies of them. */
  readonly weights: readonly Variable[];
  /** Tensors that stay f32: gradients of weights, the prediction. */
  readonly exact: readonly Tensor[];
}

/**
 * A tensor with fewer elements for each example stays f32. Storing short vectors as f16 saves little and can lose what
 * the network has computed: a batch normalization after a global pooling, for instance, divides by small differences
 * between examples, which f16 loses.
 */
const FEWEST = 128;

/**
 * The tensors to be stored as f16:
 * - activations and their gradients, that is, f32 tensors that are the first output of a node, have two or more axes of
 *   which the first is the batch, and are not small;
 * - copies of these tensors that kernels make for themselves;
 * - copies of weights.
 *
 * Tensors that share memory share its width, so the result contains only the tensors that own their memory. A tensor
 * that a kernel reads or writes as something other than floats stays f32, and so does a tensor that the host reads.
 */
export function halfTensors(
  { batchSize, exact }: MixedStorage,
  nodes: readonly OpNode[],
  launches: readonly { readonly dispatch: Dispatch }[],
  outputs: readonly Tensor[],
  rootOf: (tensor: Tensor) => Tensor,
): ReadonlySet<Tensor> {
  const found = new Set<Tensor>();
  const batched = ({ shape }: Tensor) =>
    shape.length >= 2 && shape[0] === batchSize && elements(shape) >= FEWEST * batchSize;
  for (const node of nodes) {
    const { op, outputs: made, scratch } = node;
    const [first] = made;
    // Tensors of the loss are small and their accuracy matters.
    if (op.aliasesInput || !first || isOfLoss(node.purpose)) continue;
    if ((op as unknown) === copyOp || batched(first)) found.add(rootOf(first));
    for (const copy of scratch) {
      if (copy.holds === 'weights' || (copy.holds && batched(copy))) found.add(copy);
    }
  }
  for (const tensor of found) {
    if (tensor.dtype !== 'f32' || tensor.role !== 'value') found.delete(tensor);
  }
  for (const tensor of [...exact, ...outputs]) found.delete(rootOf(tensor));
  for (const { dispatch } of launches) {
    const { shader, reads, writes } = dispatch;
    const floats = floatArrays(shader);
    for (const [name, tensor] of Object.entries({ ...reads, ...writes })) {
      if (!floats.has(name)) found.delete(rootOf(tensor));
    }
  }
  return found;
}

/**
 * Adds copies of the weights at the beginning of a step. All nodes read the copies, except those that change the
 * weights. Weights that share a buffer are copied by one dispatch. Vectors (biases, scales of normalizations) are not
 * copied.
 */
export function weightCopies({ weights }: MixedStorage): Rule {
  return {
    name: 'f16 copies of weights',
    apply(step) {
      const read = readWeights(step, new Set(weights));
      if (read.length === 0) return false;
      const copies = new Map<Tensor, Tensor>();
      const made = groupsOf(read).map((group) => copy(step, group, copies));
      for (const node of step.nodes) {
        if (node.op.mutates?.length || !node.inputs.some((input) => copies.has(input))) continue;
        step.replace([node], node, withCopies(node, copies));
      }
      const [first] = step.nodes;
      step.replace([first], first!, ...made, withCopies(first!, copies));
      return true;
    },
  };
}

/** The weight tensors with two or more axes that a node reads without changing them. */
function readWeights(step: StepRewriter, weights: ReadonlySet<Variable>): Tensor[] {
  const found = new Set<Tensor>();
  for (const { op, inputs } of step.nodes) {
    if (op.mutates?.length || (op as unknown) === copyOp) continue;
    for (const input of inputs) {
      if (input.variable && weights.has(input.variable) && input.shape.length >= 2) found.add(input);
    }
  }
  return [...found];
}

/** Groups tensors of variables by their buffer, in the order of their place in it. */
function groupsOf(tensors: readonly Tensor[]): Tensor[][] {
  const groups = new Map<Variable, Tensor[]>();
  const offset = ({ variable }: Tensor) => variable!.part?.offset ?? 0;
  for (const tensor of [...tensors].sort((p, q) => offset(p) - offset(q))) {
    const owner = tensor.variable!.part?.of ?? tensor.variable!;
    groups.set(owner, [...(groups.get(owner) ?? []), tensor]);
  }
  return [...groups.values()];
}

/** The node that copies a group. The copy of each member is added to `copies`. */
function copy({ graph, views }: StepRewriter, group: readonly Tensor[], copies: Map<Tensor, Tensor>): Replacement {
  const [only, ...more] = group;
  if (more.length === 0) {
    const alone = graph.temporary(`${only!.name}/copy`, only!.shape);
    copies.set(only!, alone);
    return applied(copyOp, [only!], [alone], undefined);
  }
  const range = graph.variable(rangeOf(group.map(({ variable }) => variable!)));
  const whole = graph.temporary('weights/copy', range.shape);
  const start = group[0]!.variable!.part!.offset;
  for (const tensor of group) {
    const member = graph.temporary(`${tensor.name}/copy`, tensor.shape);
    views.set(member, { of: whole, offset: tensor.variable!.part!.offset - start });
    copies.set(tensor, member);
  }
  return applied(copyOp, [range], [whole], undefined);
}

/** The same node, with copies as inputs where there are any. */
function withCopies({ op, inputs, outputs, attributes }: OpNode, copies: ReadonlyMap<Tensor, Tensor>): Replacement {
  return { op, inputs: inputs.map((input) => copies.get(input) ?? input), outputs, attributes };
}
