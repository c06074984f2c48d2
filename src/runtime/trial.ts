/**
 * Describes what has to be measured to choose a node's kernel: a plan for each candidate kernel, on stand-ins for the
 * node's inputs. A trial is plain data and is made without a GPU.
 */
import { graph, type OpNode, type Target } from '../graph.ts';
import { hash } from '../hash.ts';
import { REFERENCE } from '../plan/kernels.ts';
import { plan } from '../plan/plan.ts';
import type { Plan, PlannedDispatch } from '../plan/types.ts';
import { byteLength, elements, formatShape, type Tensor, type Variable } from '../tensor.ts';

/**
 * Nodes with fewer multiply-adds are not measured: no choice would gain what measuring costs. A GPU computes them in
 * less time than their launch takes, a CPU within a millisecond.
 */
export const WORTH_MEASURING = 2 ** 20;

/**
 * Memory that measuring needs besides the trial's tensors: two patterns of 1 MiB that fill the inputs, and less than 64
 * KiB of timestamps.
 */
const PATTERNS_BYTES = 2 * 2 ** 20 + 2 ** 16;

/** A kernel and the plan that runs it alone. */
export interface Candidate {
  readonly kernel: string;
  readonly plan: Plan;
}

/** The candidate kernels for a node, each with a plan of its own on the same stand-ins for the node's inputs. */
export interface Trial {
  /** Op and shapes, which can be read, and a hash of everything that the candidates would run. */
  readonly key: string;
  /** The node's name. */
  readonly name: string;
  /** See `multiplyAdds`. */
  readonly work: number;
  readonly inputs: readonly Variable[];
  readonly candidates: readonly Candidate[];
}

/**
 * A rough count of a node's multiply-adds, as if it were a contraction of two operands. The product |a| |b| |y| counts
 * each index twice, hence the square root. It is exact for a matrix product; for a convolution it is too low. It serves
 * to rank nodes and to find the tiny ones.
 */
export function multiplyAdds({ inputs, outputs }: Pick<OpNode, 'inputs' | 'outputs'>): number {
  const [a, b] = inputs;
  const size = (tensor: Tensor | undefined) => (tensor ? elements(tensor.shape) : 1);
  return Math.max(size(a), Math.sqrt(size(a) * size(b) * size(outputs[0])));
}

/**
 * The trial for a node. The reference kernel is not a candidate, nor are the kernels after it in the list, which are
 * slower on this device.
 * @param able kernels that can compute the node
 * @returns undefined if there are fewer than two candidates, or if the node is too small to be worth measuring
 */
export function trialOf(node: OpNode, able: readonly string[], target: Target): Trial | undefined {
  const end = able.indexOf(REFERENCE);
  const kernels = end < 0 ? able : able.slice(0, end);
  const work = multiplyAdds(node);
  if (kernels.length < 2 || work < WORTH_MEASURING) return undefined;
  const g = graph();
  const standIns = new Map<Tensor, Variable>(); // a tensor that the node reads twice has one stand-in
  for (const input of node.inputs) {
    const { shape, dtype } = input;
    if (!standIns.has(input)) standIns.set(input, { name: `trial${standIns.size}`, shape, dtype });
  }
  const inputs = node.inputs.map((input) => g.variable(standIns.get(input)!));
  const candidates = kernels.map((kernel): Candidate => {
    const outputs = g.apply(node.op, inputs, { ...(node.attributes as object), kernel });
    return { kernel, plan: plan(g, outputs, { target }) };
  });
  const shapes = inputs.map(({ dtype, shape }) => `${dtype}${formatShape(shape)}`).join(' ');
  const run = candidates.map(({ kernel, plan }) => `${kernel}:${plan.dispatches.map(describe).join()}`).join(';');
  const key = `${node.op.name} ${shapes} ${hash(run)}`;
  return { key, name: node.name, work, inputs: [...standIns.values()], candidates };
}

/**
 * Memory that measuring needs at once, in bytes: the inputs, two patterns to fill them, and the memory that the
 * candidates share.
 */
export function trialBytes({ inputs, candidates }: Trial): number {
  const sum = (sizes: readonly number[]) => sizes.reduce((total, size) => total + size, 0);
  // An upper bound: in the worst case no slot of one candidate serves another.
  return (
    PATTERNS_BYTES + sum(inputs.map((input) => byteLength(input))) + sum(candidates.flatMap(({ plan }) => plan.slots))
  );
}

/** Everything that decides what a dispatch computes and how long it takes. */
function describe({ shader, entryPoint, constants, workgroups, bindings }: PlannedDispatch): string {
  const tensors = bindings.map(({ name, tensor }) => [name, tensor.dtype, tensor.shape]);
  return JSON.stringify([hashOfSource(shader.source), entryPoint, constants, workgroups, tensors]);
}

const sources = new Map<string, string>();

function hashOfSource(source: string): string {
  const known = sources.get(source) ?? hash(source);
  sources.set(source, known);
  return known;
}
