/** The nodes that are measured one by one: those of the presets' steps, matrix products, and larger convolutions. */
import {
  conv2d,
  conv2dFilterGrad,
  conv2dInputGrad,
  graph,
  type Model,
  matmul,
  type Plan,
  plan,
  type Tensor,
} from 'neurite';
import { type Graph, graphOf, type OpNode, type Target } from '../src/graph.ts';

/** A node that a plan has, and where it is from. */
export interface KernelCase {
  readonly source: string;
  readonly node: OpNode;
}

/** The nodes of a model's training step, as the plan for this target has them. */
export function stepCases(source: string, model: Model, batchSize: number, target: Target): KernelCase[] {
  const { outputs } = model.plan({ batchSize });
  return plannedNodes(graphOf(outputs[0]!), outputs, target).map((node) => ({ source, node }));
}

/** Square matrix products. */
export function matmulCases(sizes: readonly number[], target: Target): KernelCase[] {
  return sizes.flatMap((size) => {
    const g = graph();
    return casesOf('matmul', [matmul(g.input('a', [size, size]), g.input('b', [size, size]))], target);
  });
}

/** `[n, h, w, c]`, `[kh, kw, c, k]` */
export interface ConvShape {
  readonly x: readonly [number, number, number, number];
  readonly w: readonly [number, number, number, number];
}

/** Convolutions with `same` padding, and their gradients. */
export function convCases(shapes: readonly ConvShape[], target: Target): KernelCase[] {
  return shapes.flatMap(({ x, w }) => {
    const g = graph();
    const [image, filter] = [g.input('x', x), g.input('w', w)];
    const y = conv2d(image, filter, { padding: 'same' });
    const dy = g.input('dy', y.shape);
    const options = { padding: 'same' } as const;
    const gradients = [conv2dInputGrad(dy, filter, x, options), conv2dFilterGrad(image, dy, w, options)];
    return casesOf('convolution', [y, ...gradients], target);
  });
}

function casesOf(source: string, outputs: readonly Tensor[], target: Target): KernelCase[] {
  return plannedNodes(graphOf(outputs[0]!), outputs, target).map((node) => ({ source, node }));
}

/**
 * The nodes that a plan dispatches, including those that fusion put in place of others. A graph does not list these, so
 * they are recorded as the planner substitutes them. A node that was substituted several times may occur more than
 * once.
 */
function plannedNodes(g: Graph, outputs: readonly Tensor[], target: Target): OpNode[] {
  const substituted: OpNode[] = [];
  const substitute = g.substitute;
  g.substitute = (node) => {
    const made = substitute.call(g, node as never);
    substituted.push(made);
    return made;
  };
  let planned: Plan;
  try {
    planned = plan(g, outputs, { target });
  } finally {
    g.substitute = substitute;
  }
  const used = new Set(planned.dispatches.map(({ label }) => label));
  const isUsed = ({ op, inputs, outputs, scratch }: OpNode) =>
    [...inputs, ...outputs, ...scratch].some(({ name }) => used.has(`${op.name}:${name}`));
  return [...g.nodes, ...substituted].filter((node) => !node.op.aliasesInput && isUsed(node));
}

/** Equal for nodes that do the same work, whichever kernel does it. */
export function keyOf({ op, inputs, outputs, attributes }: OpNode): string {
  const { kernel, ...others } = (attributes ?? {}) as { kernel?: string };
  const shapes = (list: readonly Tensor[]) => list.map(({ shape, dtype }) => `${dtype}[${shape}]`).join();
  return `${op.name}(${shapes(inputs)})->(${shapes(outputs)})${JSON.stringify(others)}`;
}
