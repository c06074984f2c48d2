/** What is to be measured for a node of which several kernels are able: pure data, made without a GPU. */
import { graph, type OpNode, type Target } from '../graph.ts';
import { hash } from '../hash.ts';
import { REFERENCE } from '../plan/kernels.ts';
import { type Plan, type PlannedDispatch, plan } from '../plan/plan.ts';
import { byteLength, elements, formatShape, type Tensor, type Variable } from '../tensor.ts';

/**
 * Nodes with fewer multiply-adds are not measured: a GPU is done with them sooner than with launching them, a CPU within a
 * millisecond, so that no choice gains what measuring it costs.
 */
export const WORTH_MEASURING = 2 ** 20;

/** Of the numbers that measuring fills inputs with, twice 1 MiB, and of its timestamps, less than 64 KiB. */
const PATTERNS_BYTES = 2 * 2 ** 20 + 2 ** 16;

/** A kernel, and the plan that runs it alone. */
export interface Candidate {
  readonly kernel: string;
  readonly plan: Plan;
}

/** The candidates for a node, each planned by itself on the same stand-ins for the node's inputs. */
export interface Trial {
  /** Op and shapes for people to read, and a hash of everything that the candidates would run. */
  readonly key: string;
  /** The node's name. */
  readonly name: string;
  /** See `multiplyAdds`. */
  readonly work: number;
  readonly inputs: readonly Variable[];
  readonly candidates: readonly Candidate[];
}

/**
 * Roughly, the multiply-adds of a node, taken for a contraction of two operands: |a| |b| |y| counts each index twice. Exact
 * for a matrix product; for a convolution a window's size is missing. It ranks nodes, and tells the tiny ones.
 */
export function multiplyAdds({ inputs, outputs }: Pick<OpNode, 'inputs' | 'outputs'>): number {
  const [a, b] = inputs;
  const size = (tensor: Tensor | undefined) => (tensor ? elements(tensor.shape) : 1);
  return Math.max(size(a), Math.sqrt(size(a) * size(b) * size(outputs[0])));
}

/**
 * The trial of a node. The reference kernel is no candidate, and what stands behind it in the list is not likely to beat it.
 * @param able kernels that can do the node
 * @returns undefined where there is nothing to choose, or it is not worth it
 */
export function trialOf(node: OpNode, able: readonly string[], target: Target): Trial | undefined {
  const end = able.indexOf(REFERENCE);
  const kernels = end < 0 ? able : able.slice(0, end);
  const work = multiplyAdds(node);
  if (kernels.length < 2 || work < WORTH_MEASURING) return undefined;
  const g = graph();
  const standIns = new Map<Tensor, Variable>(); // a tensor that is given twice stays one
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

/** Bytes that measuring takes at once: the inputs, two patterns to fill them, and memory that the candidates share. */
export function trialBytes({ inputs, candidates }: Trial): number {
  const sum = (sizes: readonly number[]) => sizes.reduce((total, size) => total + size, 0);
  // In the worst case no slot of one candidate serves another.
  return (
    PATTERNS_BYTES + sum(inputs.map((input) => byteLength(input))) + sum(candidates.flatMap(({ plan }) => plan.slots))
  );
}

/** All that decides what a dispatch does and how long it takes. */
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
