/**
 * The graph of a step: ops, the nodes that apply them, and the tensors between them. It is built once and holds no
 * data; the planner turns it into dispatches.
 */
import { ArgumentError, ShapeError } from './errors.ts';
import { came, check, checkOneOf, noOptions, type Passed } from './options.ts';
import type { Shader } from './shader/shader.ts';
import { checkShape, type DType, type Holds, type Shape, type Tensor, type Variable } from './tensor.ts';

/** One kernel launch, as plain data. The keys of `reads` and `writes` are the names of storage variables in the shader. */
export interface Dispatch {
  readonly shader: Shader;
  readonly entryPoint: string;
  /** Values for the shader's `override` declarations. */
  readonly constants: Readonly<Record<string, number>>;
  readonly reads: Readonly<Record<string, Tensor>>;
  /**
   * Names of `reads` that the kernel does not read with these constants. Any tensor is bound there, because WebGPU
   * requires one.
   */
  readonly unused?: readonly string[] | undefined;
  /** Tensors that the kernel writes, or reads and writes. */
  readonly writes: Readonly<Record<string, Tensor>>;
  readonly workgroups: readonly [number, number, number];
}

/** Describes one output of an op. The default of `dtype` is `f32`; `name` is appended to the node's name. */
export interface OutputSpec {
  readonly shape: Shape;
  readonly dtype?: DType;
  readonly name?: string;
  readonly holds?: Holds | undefined;
}

/** The parts of a training step, in the order in which they begin. */
export type Phase = 'data' | 'forward' | 'loss' | 'backward' | 'optimizer' | 'check';

/** The purpose of a node: which part of the step, and which layer, it belongs to. */
export interface Purpose {
  readonly phase: Phase;
  /** Name of the layer that it belongs to; undefined if it belongs to none. */
  readonly layer?: string | undefined;
  /** For a node of the backward pass: the purpose of the node whose gradient it computes. */
  readonly gradientOf?: Purpose | undefined;
}

/** Whether a node belongs to the loss or the metrics, or to their gradients. */
export function isOfLoss(purpose: Purpose): boolean {
  return (purpose.gradientOf ?? purpose).phase === 'loss';
}

/** The device that kernels are chosen for. */
export interface Target {
  /** Whether it computes on the CPU, where barriers are expensive and shared memory is no faster. */
  readonly software: boolean;
  /** WebGPU features of the device. */
  readonly features: ReadonlySet<string>;
}

/** A GPU without optional features, the default target of plans. */
export const ANY_GPU: Target = { software: false, features: new Set() };
/** A software adapter, for which kernels without barriers are chosen. */
export const ANY_SOFTWARE: Target = { software: true, features: new Set() };

/** The definition of an op. Autodiff, planner, pipelines and profile need nothing else. */
export interface Op<A = unknown> {
  readonly name: string;
  /** The outputs. Throws a ShapeError or an ArgumentError for inputs and attributes that do not fit. */
  outputs(inputs: readonly Tensor[], attributes: A): readonly OutputSpec[];
  /** Temporaries that live only while the node's dispatches run, e.g. the partial sums of a two-pass reduction. */
  scratch?(inputs: readonly Tensor[], attributes: A): readonly OutputSpec[];
  /**
   * The kernels that can compute such a node on a target, the probably fastest first. The attribute `kernel` asks for
   * one of them; if it is undefined, or names none of these, the planner chooses.
   */
  kernels?(inputs: readonly Tensor[], attributes: A, target: Target): readonly string[];
  /** The dispatches, in order. An op without dispatches must set `aliasesInput`. */
  dispatches?(node: OpNode<A>): readonly Dispatch[];
  /** Whether the single output is the first input with another shape, in the same memory. */
  readonly aliasesInput?: boolean;
  /** Indices of inputs that are updated in place. The planner keeps such a node even if no other node uses it. */
  readonly mutates?: readonly number[];
  /**
   * Builds the gradients of the inputs, with ops, from the gradients of the outputs (undefined for an output without one).
   * Returns one entry for each input; undefined for an input that has no gradient.
   */
  backward?(node: OpNode<A>, dys: readonly (Tensor | undefined)[]): readonly (Tensor | undefined)[];
}

/** One application of an op. */
export interface OpNode<A = unknown> {
  readonly index: number;
  readonly op: Op<A>;
  /** `scope/op`, unique within the graph. */
  readonly name: string;
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly Tensor[];
  readonly scratch: readonly Tensor[];
  readonly attributes: A;
  readonly purpose: Purpose;
}

const owners = new WeakMap<Tensor, Graph>();

/** The graph that a tensor belongs to. */
export function graphOf(tensor: Tensor): Graph {
  return owners.get(tensor)!;
}

/** An append-only list of nodes. Shape errors are thrown while it is built. */
export class Graph {
  readonly nodes: OpNode[] = [];
  readonly inputs: Tensor[] = [];
  readonly variables = new Map<Variable, Tensor>();
  #tensors = 0;
  #scope: string[] = [];
  #purpose: Purpose = { phase: 'forward' };
  #names = new Map<string, number>();

  /** A tensor that the host writes before a step. */
  input(name: string, shape: Shape, dtype: DType = 'f32'): Tensor {
    check('graph', 'name', name, 'text');
    if (this.inputs.some((other) => other.name === name)) {
      throw new ArgumentError(`graph: there is an input named ${name} already.`);
    }
    const tensor = this.#tensor({ name, shape, dtype, role: 'input' });
    this.inputs.push(tensor);
    return tensor;
  }

  /** The tensor of a variable. Each call with the same variable returns the same tensor. */
  variable(variable: Variable): Tensor {
    const known = this.variables.get(variable);
    if (known) return known;
    check('graph', 'variable', variable, 'record');
    const { name, shape, dtype } = variable;
    const tensor = this.#tensor({ name, shape, dtype, role: 'variable', variable });
    this.variables.set(variable, tensor);
    return tensor;
  }

  /** Applies an op: checks the shapes, appends a node and returns its outputs. */
  apply<A>(op: Op<A>, inputs: readonly Tensor[], attributes: A): Tensor[] {
    expectTensors(op.name, inputs);
    for (const input of inputs) {
      if (graphOf(input) !== this) throw new ArgumentError(`${op.name}: tensor ${input.name} is of another graph.`);
    }
    for (const index of op.mutates ?? []) {
      if (inputs[index]?.role !== 'variable') {
        throw new ArgumentError(`${op.name}: input ${index} is updated in place, so it must be a variable.`);
      }
    }
    const name = this.#uniqueName([...this.#scope, op.name].join('/'));
    const make = (spec: OutputSpec) => this.#output(name, spec);
    const node: OpNode<A> = {
      index: this.nodes.length,
      op,
      name,
      inputs,
      outputs: op.outputs(inputs, attributes).map(make),
      scratch: (op.scratch?.(inputs, attributes) ?? []).map(make),
      attributes,
      purpose: this.#purpose,
    };
    // A list of nodes does not know the types of attributes, so the type is widened here.
    this.nodes.push(node as OpNode<unknown>);
    return [...node.outputs];
  }

  /** A node that a plan uses in place of others. It is not added to the list. Outputs that are undefined are created. */
  substitute<A>(
    node: Omit<OpNode<A>, 'scratch' | 'outputs'> & { readonly outputs: readonly (Tensor | undefined)[] },
  ): OpNode {
    const { op, name, inputs, attributes } = node;
    const outputs = op.outputs(inputs, attributes).map((spec, i) => node.outputs[i] ?? this.#output(name, spec));
    const scratch = (op.scratch?.(inputs, attributes) ?? []).map((spec) => this.#output(name, spec));
    return { ...node, outputs, scratch } as OpNode<unknown>;
  }

  /** A tensor for a plan, which no node of the list computes. */
  temporary(name: string, shape: Shape): Tensor {
    return this.#output(name, { shape });
  }

  /**
   * Puts `name` before the names of all nodes that `build` appends.
   * @param purpose the purpose of these nodes. Fields that it leaves out keep their current values.
   */
  scope<T>(name: string, build: () => T, purpose: Partial<Purpose> = {}): T {
    this.#scope.push(name);
    try {
      return this.withPurpose(purpose, build);
    } finally {
      this.#scope.pop();
    }
  }

  /** Sets the purpose of all nodes that `build` appends. Fields that `purpose` leaves out keep their current values. */
  withPurpose<T>(purpose: Partial<Purpose>, build: () => T): T {
    const around = this.#purpose;
    this.#purpose = { ...around, ...purpose };
    try {
      return build();
    } finally {
      this.#purpose = around;
    }
  }

  #output(node: string, { name, shape, dtype = 'f32', holds }: OutputSpec): Tensor {
    return this.#tensor({ name: name ? `${node}.${name}` : node, shape, dtype, role: 'value', holds });
  }

  #tensor(fields: Omit<Tensor, 'id'>): Tensor {
    checkShape(fields.name, fields.shape);
    checkOneOf(fields.name, 'dtype', fields.dtype, ['f32', 'i32', 'u32']);
    const tensor: Tensor = { id: this.#tensors++, ...fields };
    owners.set(tensor, this);
    return tensor;
  }

  #uniqueName(name: string): string {
    const count = this.#names.get(name) ?? 0;
    this.#names.set(name, count + 1);
    return count === 0 ? name : `${name}_${count}`;
  }
}

/** An empty graph. */
export function graph(): Graph {
  return new Graph();
}

/**
 * @throws ArgumentError unless each input is a tensor, and for options passed to a function that takes none (see
 *   `noOptions`)
 */
export function expectTensors(what: string, inputs: readonly Tensor[], more: Passed = []): void {
  inputs.forEach((input, i) => {
    if (!graphOf(input))
      throw new ArgumentError(`${what}: input ${i} must be a tensor made by a graph, ${came(input)}`);
  });
  noOptions(what, more);
}

/** Applies an op in the graph of its first input. */
export function apply<A>(op: Op<A>, inputs: readonly Tensor[], attributes: A, more?: Passed): Tensor[] {
  expectTensors(op.name, inputs, more);
  return graphOf(inputs[0]!).apply(op, inputs, attributes);
}

/** Applies an op with one output. */
export function apply1<A>(op: Op<A>, inputs: readonly Tensor[], attributes: A, more?: Passed): Tensor {
  return apply(op, inputs, attributes, more)[0]!;
}

/**
 * Applies an op of your own: in a function that is then used as the engine's ops are, and in the `backward` of such an op.
 * @param inputs at least one; the node becomes one of their graph @param attributes what the op's methods are given
 * @returns the outputs
 * @throws ArgumentError for what is no op or no tensor, and whatever the op's `outputs` throws
 */
export function applyOp<A>(op: Op<A>, inputs: readonly Tensor[], attributes: A): Tensor[] {
  check('applyOp', 'op', op, 'object');
  check('applyOp', 'op.name', op.name, 'text');
  check('applyOp', 'op.outputs', op.outputs, 'function');
  check(op.name, 'inputs', inputs, 'list');
  if (inputs.length === 0) {
    throw new ArgumentError(`${op.name}: inputs must have a tensor. An op without any is applied by graph.apply.`);
  }
  return apply(op, inputs, attributes);
}

/** @throws ShapeError unless the tensor has this dtype. */
export function expectDType(what: string, tensor: Tensor, dtype: DType): void {
  if (tensor.dtype !== dtype) {
    throw new ShapeError(`${what}: ${tensor.name} must be ${dtype}, got ${tensor.dtype}.`);
  }
}

/** The number of workgroups along one dimension of a dispatch that every device allows. */
export const MAX_WORKGROUPS = 65535;

/**
 * The grid of workgroups for `count` invocations: one dimension, or two if there are too many workgroups for one. The
 * shader computes its index as `(group.y * groups.x + group.x) * WORKGROUP + local`, and returns if the index is not
 * below the count.
 */
export function flatGrid(count: number, workgroupSize: number): [number, number, number] {
  const groups = Math.ceil(count / workgroupSize);
  if (groups <= MAX_WORKGROUPS) return [groups, 1, 1];
  const rows = Math.ceil(groups / MAX_WORKGROUPS);
  return [Math.ceil(groups / rows), rows, 1];
}
