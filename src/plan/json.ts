/**
 * Plans as plain objects, which can be written as JSON, sent to another thread, or drawn. `plan.toJSON()` returns one;
 * its types are here.
 */
import type { Phase } from '../graph.ts';
import { isHalf } from '../shader/f16.ts';
import { byteLength, type DType, type Shape, type Tensor, type Variable } from '../tensor.ts';
import type { Lifetime, MicroBatches, Plan, PlannedBinding } from './types.ts';

/** A computed tensor, a variable or an input. */
export interface TensorJson {
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: DType;
  /** Bytes that it occupies in its buffer, rounded up to whole vec4s. */
  readonly bytes: number;
}

export interface BindingJson {
  /** Name of the storage variable in the shader. */
  readonly name: string;
  readonly binding: number;
  readonly access: 'read' | 'read_write';
  /** False if the kernel does not read it. Then any tensor is bound, because WebGPU requires one. */
  readonly used: boolean;
  readonly tensor: TensorJson;
  /** Index of the arena's slot; for a tensor with a buffer of its own, the kind of that buffer. */
  readonly storage: number | 'variable' | 'input';
}

export interface DispatchJson {
  /** `op:tensor`. */
  readonly label: string;
  readonly op: string;
  readonly phase: Phase;
  /** Name of the layer that it belongs to; null if it belongs to none. */
  readonly layer: string | null;
  /** Name of the shader's file. */
  readonly shader: string;
  readonly entryPoint: string;
  readonly constants: Readonly<Record<string, number>>;
  readonly workgroups: readonly [number, number, number];
  readonly bindings: readonly BindingJson[];
}

/** The result of `plan.toJSON()`. The fields have the same meaning as those of `Plan`. */
export interface PlanJson {
  readonly dispatches: readonly DispatchJson[];
  readonly slots: readonly number[];
  /** `tensor` is the tensor's name. */
  readonly lifetimes: readonly (Omit<Lifetime, 'tensor'> & { readonly tensor: string })[];
  readonly inputs: readonly TensorJson[];
  readonly variables: readonly TensorJson[];
  readonly outputs: readonly TensorJson[];
  readonly peakBytes: number;
  readonly microBatches: MicroBatches | null;
}

const tensorJson = ({ name, shape, dtype }: Tensor | Variable, half = false): TensorJson => ({
  name,
  shape,
  dtype,
  bytes: byteLength({ shape }, half),
});

const bindingJson = ({ name, binding, access, used, tensor, storage }: PlannedBinding): BindingJson => ({
  name,
  binding,
  access,
  used,
  tensor: tensorJson(tensor, isHalf(storage)),
  storage: storage.kind === 'slot' ? storage.slot : storage.kind,
});

export function planJson(plan: Omit<Plan, 'toString' | 'toJSON'>): PlanJson {
  const { slots, peakBytes, microBatches = null } = plan;
  return {
    dispatches: plan.dispatches.map(({ layer = null, shader, bindings, ...dispatch }) => ({
      ...dispatch,
      layer,
      shader: shader.name,
      bindings: bindings.map(bindingJson),
    })),
    slots,
    lifetimes: plan.lifetimes.map(({ tensor, ...lifetime }) => ({ ...lifetime, tensor: tensor.name })),
    inputs: plan.inputs.map((input) => tensorJson(input)),
    variables: plan.variables.map((variable) => tensorJson(variable)),
    outputs: plan.outputs.map((output) => tensorJson(output)),
    peakBytes,
    microBatches,
  };
}
