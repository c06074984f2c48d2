/** Automatic differentiation: appends the nodes that compute gradients to a graph, from the `backward` of each op. */
import { ArgumentError, ShapeError } from './errors.ts';
import { expectTensors, graphOf, type OpNode } from './graph.ts';
import { add } from './ops/add.ts';
import { fill } from './ops/fill.ts';
import { check } from './options.ts';
import { formatShape, sameShape, type Tensor } from './tensor.ts';

/**
 * The gradients of `y` with respect to each of `xs`, by one reverse walk over the graph's nodes. The new nodes are
 * appended to the same graph; the planner leaves out those that are not used.
 * @param y the tensor to differentiate. If it has more than one element, `dy` is their weight.
 * @param dy upstream gradient, of `y`'s shape. Default: ones
 * @returns a tensor for each of `xs`, of its shape
 * @throws ArgumentError if `y` does not depend on one of `xs` by differentiable ops, or if a gradient needs a variable that the
 *   graph has updated since `y` was computed from it
 */
export function gradients(y: Tensor, xs: readonly Tensor[], dy?: Tensor): Tensor[] {
  check('gradients', 'xs', xs, 'list');
  expectTensors('gradients', [y, ...xs, ...(dy === undefined ? [] : [dy])]);
  const graph = graphOf(y);
  const nodes = [...graph.nodes];
  const wanted = dependsOn(nodes, xs);
  /** The node whose gradient each of the new nodes computes. */
  const sources = new Map<OpNode, OpNode>();
  const sums = new Map<Tensor, Tensor>();
  const accumulate = (tensor: Tensor, gradient: Tensor, where: string) => {
    if (!sameShape(tensor.shape, gradient.shape)) {
      throw new ShapeError(
        `${where}: the gradient of ${tensor.name} has shape ${formatShape(gradient.shape)}, ` +
          `the tensor has ${formatShape(tensor.shape)}.`,
      );
    }
    const sum = sums.get(tensor);
    sums.set(tensor, sum ? add(sum, gradient) : gradient);
  };

  accumulate(y, dy ?? graph.withPurpose({ phase: 'backward' }, () => fill(graph, y.shape, 1)), 'gradients');
  for (const node of [...nodes].reverse()) {
    const dys = node.outputs.map((output) => sums.get(output));
    const relevant = node.inputs.some((input) => wanted.has(input));
    if (!relevant || dys.every((d) => d === undefined)) continue;
    const purpose = { phase: 'backward', layer: node.purpose.layer, gradientOf: node.purpose } as const;
    const known = graph.nodes.length;
    const dxs = graph.scope(`d(${node.name})`, () => node.op.backward?.(node, dys), purpose) ?? [];
    if (node.op.backward && dxs.length !== node.inputs.length) {
      throw new ShapeError(`${node.op.name}: backward gave ${dxs.length} gradients for ${node.inputs.length} inputs.`);
    }
    node.inputs.forEach((input, i) => {
      const dx = dxs[i];
      if (dx && wanted.has(input)) accumulate(input, dx, node.op.name);
    });
    for (const added of graph.nodes.slice(known)) sources.set(added, node);
  }
  const results = xs.map((x) => {
    const dx = sums.get(x);
    if (!dx) throw new ArgumentError(`gradients: ${y.name} does not depend on ${x.name} by differentiable ops.`);
    return dx;
  });
  checkUnchanged(lastUpdates(nodes), sources, results);
  return results;
}

/** The tensors that are computed from one of `xs`, and `xs` themselves. Only these need a gradient. */
function dependsOn(nodes: readonly OpNode[], xs: readonly Tensor[]): ReadonlySet<Tensor> {
  const found = new Set(xs);
  for (const node of nodes) {
    if (node.inputs.some((input) => found.has(input))) for (const output of node.outputs) found.add(output);
  }
  return found;
}

/** For each tensor that lies in a variable's memory: the index of the last node that updates the variable. */
function lastUpdates(nodes: readonly OpNode[]): ReadonlyMap<Tensor, number> {
  const found = new Map<Tensor, number>();
  for (const { op, inputs, index } of nodes) for (const input of op.mutates ?? []) found.set(inputs[input]!, index);
  for (const { op, inputs, outputs } of nodes) {
    const update = op.aliasesInput ? found.get(inputs[0]!) : undefined;
    if (update !== undefined) found.set(outputs[0]!, update);
  }
  return found;
}

/**
 * Gradients are computed after the updates that the graph has so far, so a variable that they read must not have been updated since
 * the node read it whose gradient they compute.
 * @param sources each node of the gradients, in graph order, with the node whose gradient it computes
 */
function checkUnchanged(
  updates: ReadonlyMap<Tensor, number>,
  sources: ReadonlyMap<OpNode, OpNode>,
  results: readonly Tensor[],
): void {
  if (updates.size === 0) return;
  const needed = new Set(results);
  for (const [node, source] of [...sources].reverse()) {
    if (!node.outputs.some((output) => needed.has(output))) continue;
    for (const input of node.inputs) {
      needed.add(input);
      if ((updates.get(input) ?? -1) <= source.index) continue;
      throw new ArgumentError(
        `gradients: the gradient of ${source.name} needs ${input.name}, which is updated after ${source.name} has read it. ` +
          'Take all gradients before the updates, or compute the loss again after them.',
      );
    }
  }
}
