/** The tools of fusion rules: the list of a step's nodes, which can be searched and in which nodes can be replaced. */
import type { Graph, Op, OpNode, Purpose } from '../../graph.ts';
import type { Tensor } from '../../tensor.ts';

/** The place of a tensor that lies in the memory of another one. */
export interface View {
  readonly of: Tensor;
  /** In bytes. */
  readonly offset: number;
}

/** A named rewrite of a step's nodes. */
export interface Rule {
  readonly name: string;
  /** Rewrites one place of the step. Returns false if there is none left. */
  apply(step: StepRewriter): boolean;
}

/** A node that a rule puts in the place of others. Outputs that no other node needs may be undefined. */
export type Replacement = Pick<OpNode, 'op' | 'inputs' | 'attributes'> & {
  readonly outputs: readonly (Tensor | undefined)[];
  /** Default: the purpose of the node that it replaces. */
  readonly purpose?: Purpose;
};

/** A replacement, with attributes of the type that its op takes. */
export function applied<A>(
  op: Op<A>,
  inputs: readonly Tensor[],
  outputs: readonly (Tensor | undefined)[],
  attributes: A,
): Replacement {
  // A list of nodes does not know the types of attributes, so the type is widened here.
  return { op: op as Op<unknown>, inputs, outputs, attributes };
}

/** The nodes of a step, in order, which rules rewrite. */
export class StepRewriter {
  readonly graph: Graph;
  readonly outputs: ReadonlySet<Tensor>;
  /** Tensors that rules have placed in the memory of others. */
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

  /** The node that computes a tensor, if it applies this op. */
  madeBy<A>(tensor: Tensor | undefined, op: Op<A>): OpNode<A> | undefined {
    const maker = tensor && this.#makers.get(tensor);
    return maker && isBy(maker, op) ? maker : undefined;
  }

  /** The nodes that read a tensor. */
  readersOf(tensor: Tensor): readonly OpNode[] {
    return this.#readers.get(tensor) ?? [];
  }

  /** Whether only these nodes read the tensor, and it is not an output of the step. */
  isOnlyFor(tensor: Tensor, readers: readonly (OpNode | undefined)[]): boolean {
    return !this.outputs.has(tensor) && this.readersOf(tensor).every((reader) => readers.includes(reader));
  }

  /** The tensor that owns this one's memory: the input of ops that only give it another shape. */
  rootOf(tensor: Tensor): Tensor {
    const maker = this.#makers.get(tensor);
    return maker?.op.aliasesInput ? this.rootOf(maker.inputs[0]!) : tensor;
  }

  /** Whether all these tensors have been computed before a node runs. */
  isBefore(tensors: readonly Tensor[], node: OpNode): boolean {
    const place = this.#nodes.indexOf(node);
    return tensors.every((tensor) => {
      const maker = this.#makers.get(tensor);
      return !maker || this.#nodes.indexOf(maker) < place;
    });
  }

  /** Removes the nodes `old` and puts the replacements at the place of `at`, which is one of them. */
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
