/** A planned training step as plain data, for the page to draw. */
import type { Plan } from 'neurite';
import type { BindingInfo, Schedule } from '../protocol.ts';

type Planned = Plan['dispatches'][number];
type Binding = Planned['bindings'][number];

export function scheduleOf(plan: Plan, batchSize: number, microseconds?: number[]): Schedule {
  return {
    batchSize,
    dispatches: plan.dispatches.map(({ label, shader, entryPoint, constants, workgroups, bindings }) => ({
      label,
      shader: shader.name,
      entryPoint,
      constants: { ...constants },
      workgroups: [...workgroups],
      reads: bindings.filter(({ access }) => access === 'read').map(bindingInfo),
      writes: bindings.filter(({ access }) => access === 'read_write').map(bindingInfo),
    })),
    slots: [...plan.slots],
    lifetimes: plan.lifetimes.map(({ tensor, bytes, slot, first, last }) => ({
      ...{ tensor: tensor.name, bytes, slot, first },
      last: Math.min(last, plan.dispatches.length - 1), // an output lives on after the last dispatch
    })),
    variables: plan.variables.map(({ name, shape }) => ({ name, bytes: bytesOf(shape) })),
    inputs: plan.inputs.map(({ name, shape }) => ({ name, bytes: bytesOf(shape) })),
    peakBytes: plan.peakBytes,
    ...(microseconds ? { microseconds } : {}),
  };
}

function bindingInfo({ name, binding, tensor, storage }: Binding): BindingInfo {
  return {
    ...{ name, binding, tensor: tensor.name },
    shape: [...tensor.shape],
    bytes: storage.kind === 'slot' && storage.half ? bytesOf(tensor.shape) / 2 : bytesOf(tensor.shape),
    where: storage.kind === 'slot' ? `#${storage.slot}` : storage.kind,
  };
}

/** All dtypes are four bytes wide, where they are not stored as f16. */
const bytesOf = (shape: readonly number[]) => 4 * shape.reduce((product, size) => product * size, 1);
