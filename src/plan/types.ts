/** The types of a plan, which is plain data and is made without a GPU: dispatches, bindings, storage, lifetimes, options. */
import type { Phase, Target } from '../graph.ts';
import type { Shader } from '../shader/shader.ts';
import type { Tensor, Variable } from '../tensor.ts';
import type { PlanJson } from './json.ts';
import type { KernelChoice } from './kernels.ts';
import type { MixedStorage } from './precision.ts';

/**
 * Where a tensor lies: in a slot of the arena, at `offset` bytes and perhaps as f16; in the buffer of a variable; or in
 * the buffer of an input.
 */
export type Storage =
  | { readonly kind: 'slot'; readonly slot: number; readonly offset: number; readonly half: boolean }
  | { readonly kind: 'variable'; readonly variable: Variable }
  | { readonly kind: 'input'; readonly input: Tensor };

/** A binding of a planned dispatch. */
export interface PlannedBinding {
  /** Name of the storage variable in the shader. */
  readonly name: string;
  readonly binding: number;
  readonly access: 'read' | 'read_write';
  readonly tensor: Tensor;
  readonly storage: Storage;
  /** False if the kernel does not read it. Then any tensor is bound, because WebGPU requires one. */
  readonly used: boolean;
}

/** A kernel launch with every binding resolved. */
export interface PlannedDispatch {
  /** `op:tensor`. */
  readonly label: string;
  /** Name of the op. */
  readonly op: string;
  /** The part of the training step that it belongs to. */
  readonly phase: Phase;
  /** Name of the layer that it belongs to; undefined if it belongs to none. */
  readonly layer: string | undefined;
  readonly shader: Shader;
  readonly entryPoint: string;
  readonly constants: Readonly<Record<string, number>>;
  readonly workgroups: readonly [number, number, number];
  readonly bindings: readonly PlannedBinding[];
}

/** A tensor in the arena: its slot, and the indices of the first and last dispatch that read or write it. */
export interface Lifetime {
  readonly tensor: Tensor;
  readonly bytes: number;
  readonly slot: number;
  readonly first: number;
  readonly last: number;
}

/** How a step computes its batch in several parts. */
export interface MicroBatches {
  /** Largest number of examples in a part. */
  readonly size: number;
  /** Number of parts of a full batch. */
  readonly count: number;
  /**
   * Index of the first dispatch (in a plan) or node (in a graph) that runs once for the whole batch. Those before it
   * run once for each part.
   */
  readonly wholeBatchFrom: number;
}

/** A planned step: plain data, made without a GPU. */
export interface Plan {
  readonly dispatches: readonly PlannedDispatch[];
  /** Sizes in bytes of the arena's slots. */
  readonly slots: readonly number[];
  readonly lifetimes: readonly Lifetime[];
  readonly inputs: readonly Tensor[];
  readonly variables: readonly Variable[];
  readonly outputs: readonly Tensor[];
  /** Storage of every tensor that a dispatch reads or writes, and of every output. */
  readonly storage: ReadonlyMap<Tensor, Storage>;
  /** Size in bytes of all buffers that the step needs: arena, variables and inputs. */
  readonly peakBytes: number;
  /** Absent if the step computes its whole batch at once. */
  readonly microBatches: MicroBatches | undefined;
  /** The plan as text: dispatches, buffers, memory. */
  toString(): string;
  /** The plan as a plain object, for `JSON.stringify` and `postMessage`. */
  toJSON(): PlanJson;
}

export interface PlanOptions {
  /** The device that kernels are chosen for, e.g. `device.target`. Default: any GPU. */
  readonly target?: Target;
  /** Chooses among an op's kernels. Default: the probably fastest one. */
  readonly choose?: KernelChoice | undefined;
  /** Whether to apply the fusion rules. Default true; false plans the nodes as they are. */
  readonly fuse?: boolean | undefined;
  /** Stores activations, their gradients and copies of the weights as f16. Default: everything is stored as f32. */
  readonly mixed?: MixedStorage | undefined;
  /** Here `once` is the index of a node of the graph. Default: the step computes its whole batch at once. */
  readonly microBatches?: MicroBatches | undefined;
}
