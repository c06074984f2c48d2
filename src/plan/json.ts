/**
 * Plans as plain objects, which can be written as JSON, sent to another thread, or drawn. `plan.toJSON()` returns one;
 * its types are here.
 */
import { isHalf } from '../shader/f16.ts';
import { byteLength, type DType, type Shape, type Tensor, type Variable } from '../tensor.ts';
import type { Lifetime, MicroBatches, Plan, PlannedBinding, PlannedDispatch } from './types.ts';

/** A computed tensor, a variable or an input. */
export interface TensorJson {
  readonly name: string;
  readonly shape: Shape;
  readonly dtype: DType;
  /** Bytes that it occupies in its buffer, rounded up to whole vec4s. */
  readonly bytes: number;
}

export interface BindingJson extends Omit<PlannedBinding, 'tensor' | 'storage'> {
  readonly tensor: TensorJson;
  /** Index of the arena's slot; for a tensor with a buffer of its own, the kind of that buffer. */
  readonly storage: number | 'variable' | 'input';
}

export interface DispatchJson extends Omit<PlannedDispatch, 'layer' | 'shader' | 'bindings'> {
  /** Name of the layer that it belongs to; null if it belongs to none. */
  readonly layer: string | null;
  /** Name of the shader's file. */
  readonly shader: string;
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
