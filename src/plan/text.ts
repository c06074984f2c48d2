/** Formats plans as text. */
import { isHalf } from '../shader/f16.ts';
import { formatShape } from '../tensor.ts';
import type { Plan, PlannedBinding } from './types.ts';

/** `1,234,567` bytes as `1.18 MiB`. */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`;
  const units = ['KiB', 'MiB', 'GiB'];
  let value = bytes / 1024;
  let unit = 0;
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024;
  return `${value.toFixed(2)} ${units[unit]}`;
}

/** A plan as readable text: its dispatches, the tensors that they read and write, and which tensors share memory. */
export function formatPlan(p: Omit<Plan, 'toString' | 'toJSON'>, inputBytes: number, variableBytes: number): string {
  const place = (binding: PlannedBinding) => {
    const { storage, tensor } = binding;
    const where = storage.kind === 'slot' ? `#${storage.slot}` : storage.kind;
    return `${binding.name}=${tensor.name}${formatShape(tensor.shape)}${isHalf(storage) ? 'f16' : ''}@${where}`;
  };
  const arena = p.slots.reduce((sum, slot) => sum + slot, 0);
  const values = p.lifetimes.reduce((sum, lifetime) => sum + lifetime.bytes, 0);
  const { count, size, wholeBatchFrom: from } = p.microBatches ?? { count: 1, size: 0, wholeBatchFrom: 0 };
  const passes =
    count > 1 ? `${count} micro-batches of ${size}: 0 to ${from - 1} for each, ${from} and more once` : '1 pass';
  return [
    `${p.dispatches.length} dispatches in ${passes}`,
    ...p.dispatches.map((d, index) => {
      const access = (kind: string) => d.bindings.filter((b) => b.access === kind && b.used).map(place);
      const head = `${String(index).padStart(3)}  ${d.label}  ${d.shader.name}.${d.entryPoint} <${d.workgroups.join(', ')}>`;
      return `${head}\n       ${access('read').join(' ')} -> ${access('read_write').join(' ')}`;
    }),
    `arena: ${p.slots.length} slots, ${formatBytes(arena)} (${p.lifetimes.length} tensors, ${formatBytes(values)} without reuse)`,
    ...p.slots.map((bytes, slot) => {
      const lives = p.lifetimes.filter((l) => l.slot === slot).map((l) => `${l.tensor.name} ${l.first}-${l.last}`);
      return `  #${slot}  ${formatBytes(bytes)}  ${lives.join(', ')}`;
    }),
    `variables: ${p.variables.length}, ${formatBytes(variableBytes)}`,
    `inputs: ${p.inputs.length}, ${formatBytes(inputBytes)}`,
    `peak: ${formatBytes(p.peakBytes)} (${p.peakBytes} bytes)`,
  ].join('\n');
}
