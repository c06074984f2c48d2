import type { Graph, Op, OpNode, Purpose } from '../../graph.ts';
import type { Tensor } from '../../tensor.ts';

/** A tensor that lies within another one, from so many bytes on. */
export interface View {
  readonly of: Tensor;
  readonly offset: number;
}

/** A named rewrite of a step's nodes. */
export interface Rule {
  readonly name: string;
  /** Rewrites one place of the step; false where there is none left. */
  apply(step: StepRewriter): boolean;
}

/** What a rule puts in place of nodes. Outputs that nothing else needs may be left out. */
export type Replacement = Pick<OpNode, 'op' | 'inputs' | 'attributes'> & {
  readonly outputs: readonly (Tensor | undefined)[];
  /** Absent: that of the node in whose place it stands. */
  readonly purpose?: Purpose;
};

/** A replacement whose attributes are those of its op. */
export function applied<A>(
  op: Op<A>,
  inputs: readonly Tensor[],
  outputs: readonly (Tensor | undefined)[],
  attributes: A,
): Replacement {
  // Attributes are opaque to whoever walks the nodes, as in a graph's list.
  return { op: op as Op<unknown>, inputs, outputs, attributes };
}

/** The nodes of a step, in order, while rules rewrite them. */
export class StepRewriter {
  readonly graph: Graph;
  readonly outputs: ReadonlySet<Tensor>;
  /** Tensors that rules have laid into others. */
  readonly views = new Map<Tensor, View>();
  #nodes: readonly OpNode[];
  #makers = new Map<Tensor, OpNode>();
  #readers = new Map<Tensor, OpNode[]>();

  constructor(graph: Graph, nodes: readonly OpNode[], outputs: readonly Tensor[]) {
    this.graph = graph;
    this.outputs = new Set(outputs);
    this.#nodes = nodes;
    this.#index();
  }

  get nodes(): readonly OpNode[] {
    return this.#nodes;
  }

  /** The node that computes a tensor, if it is one by this op. */
  madeBy<A>(tensor: Tensor | undefined, op: Op<A>): OpNode<A> | undefined {
    const maker = tensor && this.#makers.get(tensor);
    return maker && isBy(maker, op) ? maker : undefined;
  }

  readersOf(tensor: Tensor): readonly OpNode[] {
    return this.#readers.get(tensor) ?? [];
  }

  /** Whether nobody but these nodes needs the tensor's value. */
  isOnlyFor(tensor: Tensor, readers: readonly (OpNode | undefined)[]): boolean {
    return !this.outputs.has(tensor) && this.readersOf(tensor).every((reader) => readers.includes(reader));
  }

  /** The tensor whose memory this one is, seen through ops that compute nothing. */
  rootOf(tensor: Tensor): Tensor {
    const maker = this.#makers.get(tensor);
    return maker?.op.aliasesInput ? this.rootOf(maker.inputs[0]!) : tensor;
  }

  /** Whether tensors are there before a node runs. */
  isBefore(tensors: readonly Tensor[], node: OpNode): boolean {
    const place = this.#nodes.indexOf(node);
    return tensors.every((tensor) => {
      const maker = this.#makers.get(tensor);
      return !maker || this.#nodes.indexOf(maker) < place;
    });
  }

  /** Puts nodes in place of others, where `at`, one of these, stands. */
  replace(old: readonly (OpNode | undefined)[], at: OpNode, ...replacements: readonly Replacement[]): void {
    const nodes = replacements.map(({ op, inputs, outputs, attributes, purpose = at.purpose }) =>
      this.graph.substitute({ op, name: at.name, index: at.index, inputs, outputs, attributes, purpose }),
    );
    this.#nodes = this.#nodes.flatMap((node) => (node === at ? nodes : old.includes(node) ? [] : [node]));
    this.#index();
  }

  #index(): void {
    this.#makers = new Map();
    this.#readers = new Map();
    for (const node of this.#nodes) {
      for (const output of node.outputs) this.#makers.set(output, node);
      for (const input of new Set(node.inputs)) {
        const readers = this.#readers.get(input);
        if (readers) readers.push(node);
        else this.#readers.set(input, [node]);
      }
    }
  }
}

/** Whether a node applies this op. */
export function isBy<A>(node: OpNode, op: Op<A>): node is OpNode<A> {
  return (node.op as unknown) === op;
}
