/**
 * The planner: turns a graph into a list of dispatches with every binding resolved, and lets tensors that are not
 * needed at the same time share memory. A plan is plain data and is made without a GPU; a session runs it.
 */
import { ArgumentError } from '../errors.ts';
import { ANY_GPU, type Dispatch, expectTensors, type Graph, MAX_WORKGROUPS, type OpNode } from '../graph.ts';
import { check, checkOptions, type Kind } from '../options.ts';
import { shaderInterface } from '../shader/shader.ts';
import { byteLength, type Tensor, type Variable } from '../tensor.ts';
import { fuse, RULES } from './fuse/index.ts';
import type { View } from './fuse/rewrite.ts';
import { planJson } from './json.ts';
import { chooseKernels } from './kernels.ts';
import { packedBytes } from './packing.ts';
import { halfTensors, weightCopies } from './precision.ts';
import { formatPlan } from './text.ts';
import type { Lifetime, Plan, PlannedBinding, PlannedDispatch, PlanOptions, Storage } from './types.ts';

const OPTIONS = {
  target: 'object',
  choose: 'function',
  fuse: 'boolean',
  mixed: 'object',
  microBatches: 'object',
} as const satisfies Record<keyof PlanOptions, Kind>;

/**
 * Plans a graph: keeps the nodes that an output or an in-place update needs, lists their dispatches in graph order, and
 * lets tensors whose lifetimes do not overlap share a slot.
 * @param outputs tensors whose values must be readable after the step
 * @throws ArgumentError for an option that does not exist
 */
export function plan(graph: Graph, outputs: readonly Tensor[], options: PlanOptions = {}): Plan {
  check('plan', 'outputs', outputs, 'list');
  expectTensors('plan', outputs);
  const { target = ANY_GPU, choose, fuse: fusing = true, mixed } = checkOptions('plan', options, OPTIONS);
  const rules = [...(fusing ? RULES : []), ...(mixed ? [weightCopies(mixed)] : [])];
  const fused = fuse(graph, neededNodes(graph, outputs), outputs, rules);
  const nodes = chooseKernels(graph, fused.nodes, target, choose);
  const aliases = aliasesOf(nodes, fused.views);
  const rootOf = (tensor: Tensor) => aliases.get(tensor)?.of ?? tensor;
  const launches = nodes.flatMap((node) => {
    if (node.op.aliasesInput) return [];
    const dispatches = node.op.dispatches?.(node) ?? [];
    return dispatches.map((dispatch) => ({ node, dispatch }));
  });

  const halves = mixed ? halfTensors(mixed, nodes, launches, outputs, rootOf) : new Set<Tensor>();
  const { lifetimes, slots } = assignSlots(spans(launches, outputs, rootOf), halves);
  const slotOf = new Map(lifetimes.map(({ tensor, slot }) => [tensor, slot]));
  const storage = new Map<Tensor, Storage>();
  const locate = (tensor: Tensor): Storage => {
    const known = storage.get(tensor);
    if (known) return known;
    const found = storageOf(aliases.get(tensor) ?? { of: tensor, offset: 0 }, slotOf, halves);
    storage.set(tensor, found);
    return found;
  };

  const dispatches = launches.map(({ node, dispatch }) => resolve(node, dispatch, locate));
  for (const output of outputs) locate(output);
  const used = new Set([...storage.keys()].map(rootOf));
  const inputs = graph.inputs.filter((input) => used.has(input));
  const touched = [...graph.variables].filter(([, tensor]) => used.has(tensor)).map(([variable]) => variable);
  const variables = [...new Set(touched.flatMap((variable) => variable.spans ?? [variable]))];
  const bytes = (list: readonly (Tensor | Variable)[]) =>
    list.reduce((sum, item) => sum + ('part' in item ? packedBytes(item) : byteLength(item)), 0);
  const peakBytes = slots.reduce((sum, slot) => sum + slot, 0) + bytes(inputs) + bytes(variables);
  const microBatches = options.microBatches && {
    ...options.microBatches,
    wholeBatchFrom: launches.filter(({ node }) => node.index < options.microBatches!.wholeBatchFrom).length,
  };
  const result = { dispatches, slots, lifetimes, inputs, variables, outputs, storage, peakBytes, microBatches };
  return {
    ...result,
    toString: () => formatPlan(result, bytes(inputs), bytes(variables)),
    toJSON: () => planJson(result),
  };
}

/** The nodes that an output or an in-place update depends on, in graph order. */
function neededNodes(graph: Graph, outputs: readonly Tensor[]): OpNode[] {
  const needed = new Set(outputs);
  const kept: OpNode[] = [];
  for (const node of [...graph.nodes].reverse()) {
    if (!node.op.mutates?.length && !node.outputs.some((output) => needed.has(output))) continue;
    for (const input of node.inputs) needed.add(input);
    kept.push(node);
  }
  return kept.reverse();
}

/**
 * The place of each tensor that has no memory of its own: outputs of aliasing ops, and tensors that a fusion rule
 * placed in others.
 */
function aliasesOf(nodes: readonly OpNode[], views: ReadonlyMap<Tensor, View>): Map<Tensor, View> {
  const aliases = new Map(views);
  for (const node of nodes) {
    if (!node.op.aliasesInput) continue;
    const source = node.inputs[0]!;
    aliases.set(node.outputs[0]!, aliases.get(source) ?? { of: source, offset: 0 });
  }
  return aliases;
}

interface Launch {
  readonly node: OpNode;
  readonly dispatch: Dispatch;
}

interface Span {
  readonly tensor: Tensor;
  first: number;
  last: number;
}

/** The first and last dispatch that read or write each computed tensor. Outputs live to the end of the step. */
function spans(
  launches: readonly Launch[],
  outputs: readonly Tensor[],
  rootOf: (tensor: Tensor) => Tensor,
): readonly Span[] {
  const found = new Map<Tensor, Span>();
  const touch = (tensor: Tensor, index: number) => {
    const root = rootOf(tensor);
    if (root.role !== 'value') return;
    const span = found.get(root);
    if (span) span.last = index;
    else found.set(root, { tensor: root, first: index, last: index });
  };
  launches.forEach(({ dispatch }, index) => {
    for (const tensor of Object.values(dispatch.reads)) {
      const root = rootOf(tensor);
      if (root.role === 'value' && !found.has(root)) {
        throw new ArgumentError(`plan: ${dispatch.shader.name} reads ${tensor.name} before anything has written it.`);
      }
      touch(tensor, index);
    }
    for (const tensor of Object.values(dispatch.writes)) touch(tensor, index);
  });
  for (const output of outputs) {
    const root = rootOf(output);
    if (root.role === 'value' && !found.has(root)) throw new ArgumentError(`plan: nothing computes ${output.name}.`);
    touch(output, launches.length);
  }
  return [...found.values()];
}

/**
 * Gives each tensor a slot, greedily by size: the largest tensor first, each into the first slot that is free during
 * its whole lifetime. WebGPU forbids a dispatch to read and write the same buffer; tensors of one dispatch never share
 * a slot, because their lifetimes overlap there.
 */
function assignSlots(list: readonly Span[], halves: ReadonlySet<Tensor>): { lifetimes: Lifetime[]; slots: number[] } {
  const bytesOf = (tensor: Tensor) => byteLength(tensor, halves.has(tensor));
  const slots: { bytes: number; taken: Span[] }[] = [];
  const lifetimes = [...list]
    .sort((p, q) => bytesOf(q.tensor) - bytesOf(p.tensor) || p.first - q.first)
    .map((span): Lifetime => {
      const bytes = bytesOf(span.tensor);
      const free = (slot: { taken: Span[] }) => slot.taken.every((t) => t.last < span.first || span.last < t.first);
      let slot = slots.findIndex(free);
      if (slot < 0) slot = slots.push({ bytes, taken: [] }) - 1;
      slots[slot]!.taken.push(span);
      return { tensor: span.tensor, bytes, slot, first: span.first, last: span.last };
    });
  return { lifetimes: lifetimes.sort((p, q) => p.first - q.first), slots: slots.map(({ bytes }) => bytes) };
}

function storageOf(
  { of: root, offset }: View,
  slotOf: ReadonlyMap<Tensor, number>,
  halves: ReadonlySet<Tensor>,
): Storage {
  if (root.role === 'input') return { kind: 'input', input: root };
  if (root.variable) return { kind: 'variable', variable: root.variable };
  const slot = slotOf.get(root);
  if (slot === undefined) throw new ArgumentError(`plan: nothing computes ${root.name}.`);
  const half = halves.has(root);
  return { kind: 'slot', slot, offset: half ? offset / 2 : offset, half }; // views count in bytes of f32
}

/** Checks a dispatch against the declarations in its shader, and adds the storage of its tensors. */
function resolve(node: OpNode, dispatch: Dispatch, locate: (tensor: Tensor) => Storage): PlannedDispatch {
  const { shader, entryPoint, constants, reads, unused = [], writes, workgroups } = dispatch;
  const declared = shaderInterface(shader);
  const where = `${node.op.name} (${shader.name}.wgsl)`;
  if (!declared.entryPoints.has(entryPoint))
    throw new ArgumentError(`${where}: there is no entry point ${entryPoint}.`);
  if (workgroups.some((count) => !Number.isInteger(count) || count < 1 || count > MAX_WORKGROUPS)) {
    throw new ArgumentError(`${where}: ${workgroups.join(' x ')} workgroups; each must be 1 to ${MAX_WORKGROUPS}.`);
  }
  const bind = (access: 'read' | 'read_write', tensors: Readonly<Record<string, Tensor>>) =>
    Object.entries(tensors).map(([name, tensor]): PlannedBinding => {
      const binding = declared.bindings.get(name);
      if (!binding) throw new ArgumentError(`${where}: no storage variable is named ${name}.`);
      if (binding.access !== access) {
        throw new ArgumentError(`${where}: ${name} is declared ${binding.access}, the dispatch says ${access}.`);
      }
      return {
        name,
        binding: binding.binding,
        access,
        tensor,
        storage: locate(tensor),
        used: !unused.includes(name),
      };
    });
  const bindings = [...bind('read', reads), ...bind('read_write', writes)];
  const target = Object.values(writes)[0] ?? node.outputs[0];
  return {
    label: `${node.op.name}:${target?.name ?? node.name}`,
    op: node.op.name,
    phase: node.purpose.phase,
    layer: node.purpose.layer,
    shader,
    entryPoint,
    constants,
    workgroups,
    bindings,
  };
}
