/** A planned training step as plain data, for the page to draw. */
import type { Plan } from 'neurite';
import type { BindingInfo, Schedule } from '../protocol/index.ts';

type Planned = Plan['dispatches'][number];
type Binding = Planned['bindings'][number];

export function scheduleOf(plan: Plan, batchSize: number, microseconds?: number[]): Schedule {
  const rows = rowsOf(plan.dispatches);
  const at = (dispatch: number) => rows.findLastIndex(([first]) => first! <= dispatch);
  return {
    batchSize,
    dispatches: rows.map((row) => {
      const { label, shader, entryPoint, constants, workgroups } = plan.dispatches[row[0]!]!;
      const bindings = distinct(row.flatMap((dispatch) => plan.dispatches[dispatch]!.bindings));
      return {
        label,
        shader: shader.name,
        entryPoint,
        constants: { ...constants },
        workgroups: [...workgroups],
        reads: bindings.filter(({ access }) => access === 'read').map(bindingInfo),
        writes: bindings.filter(({ access }) => access === 'read_write').map(bindingInfo),
      };
    }),
    slots: [...plan.slots],
    lifetimes: plan.lifetimes.map(({ tensor, bytes, slot, first, last }) => ({
      ...{ tensor: tensor.name, bytes, slot, first: at(first), last: at(last) },
    })),
    variables: plan.variables.map(({ name, shape }) => ({ name, bytes: bytesOf(shape) })),
    inputs: plan.inputs.map(({ name, shape }) => ({ name, bytes: bytesOf(shape) })),
    peakBytes: plan.peakBytes,
    ...(microseconds ? { microseconds: rows.map((row) => row.reduce((sum, i) => sum + microseconds[i]!, 0)) } : {}),
  };
}

/** The dispatches of each row: one, but those of a look for what is not finite are one row together. */
function rowsOf(dispatches: readonly Planned[]): number[][] {
  const rows: number[][] = [];
  let looked = false;
  dispatches.forEach(({ shader }, i) => {
    const looks = shader.name === 'nonFinite';
    if (looks && looked) rows.at(-1)!.push(i);
    else rows.push([i]);
    looked = looks;
  });
  return rows;
}

/** Each tensor once; as one that is written, where it is that, too. */
function distinct(bindings: readonly Binding[]): Binding[] {
  const found = new Map<Binding['tensor'], Binding>();
  for (const binding of bindings) {
    if (binding.access === 'read_write' || !found.has(binding.tensor)) found.set(binding.tensor, binding);
  }
  return [...found.values()];
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
