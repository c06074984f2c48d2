/** What a plan is: plain data, made without a GPU. */
import type { Phase, Target } from '../graph.ts';
import type { Shader } from '../shader/shader.ts';
import type { Tensor, Variable } from '../tensor.ts';
import type { PlanJson } from './json.ts';
import type { KernelChoice } from './kernels.ts';
import type { MixedStorage } from './precision.ts';

/**
 * Where a tensor lies: in a slot of the arena that steps reuse, from so many bytes on and perhaps as f16, in a variable's own
 * buffer, or in an input's.
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
  /** False where the kernel does not read it: another tensor stands in for it. */
  readonly used: boolean;
}

/** A kernel launch with every binding resolved. */
export interface PlannedDispatch {
  /** `op:tensor`. */
  readonly label: string;
  /** Name of the op. */
  readonly op: string;
  /** The part of the step that it belongs to. */
  readonly phase: Phase;
  /** Name of the layer that it works for; undefined: none. */
  readonly layer: string | undefined;
  readonly shader: Shader;
  readonly entryPoint: string;
  readonly constants: Readonly<Record<string, number>>;
  readonly workgroups: readonly [number, number, number];
  readonly bindings: readonly PlannedBinding[];
}

/** A tensor in the arena: its slot, and the first and last dispatch that touch it. */
export interface Lifetime {
  readonly tensor: Tensor;
  readonly bytes: number;
  readonly slot: number;
  readonly first: number;
  readonly last: number;
}

/** A step that goes over its batch in several parts. */
export interface MicroBatches {
  /** Most examples of a part. */
  readonly size: number;
  /** Parts of a full batch. */
  readonly count: number;
  /** What comes before runs for each part, what comes from here on once: an index among a plan's dispatches, or a graph's nodes. */
  readonly once: number;
}

/** A step, planned: plain data, made without a GPU. */
export interface Plan {
  readonly dispatches: readonly PlannedDispatch[];
  /** Sizes in bytes of the arena's slots. */
  readonly slots: readonly number[];
  readonly lifetimes: readonly Lifetime[];
  readonly inputs: readonly Tensor[];
  readonly variables: readonly Variable[];
  readonly outputs: readonly Tensor[];
  /** Storage of every tensor that a dispatch touches or that is an output. */
  readonly storage: ReadonlyMap<Tensor, Storage>;
  /** Bytes of all buffers that the step needs at once: arena, variables and inputs. */
  readonly peakBytes: number;
  /** Absent: the whole batch at once. */
  readonly microBatches: MicroBatches | undefined;
  /** The schedule as text: dispatches, buffers, memory. */
  toString(): string;
  /** The schedule as a plain object, which `JSON.stringify` and `postMessage` take. */
  toJSON(): PlanJson;
}

export interface PlanOptions {
  /** What the kernels are chosen for, e.g. `device.target`. Default: any GPU. */
  readonly target?: Target;
  /** Chooses among an op's kernels. Default: the one that is likely the fastest. */
  readonly choose?: KernelChoice | undefined;
  /** Default true; false plans the nodes as they are. */
  readonly fuse?: boolean | undefined;
  /** Stores activations, their gradients and copies of the weights as f16. Default: all is stored as it is computed. */
  readonly mixed?: MixedStorage | undefined;
  /** `once` counts the graph's nodes. Default: the whole batch at once. */
  readonly microBatches?: MicroBatches | undefined;
}
