/** Which part of a training step a dispatch belongs to, told from its label, `op:tensor`, and its entry point. */
import type { DispatchInfo } from '../../protocol/index.ts';

export const PHASES = ['data', 'forward', 'loss', 'backward', 'optimizer', 'watch'] as const;
export type Phase = (typeof PHASES)[number];

export function phaseOf({ label, entryPoint }: Pick<DispatchInfo, 'label' | 'entryPoint'>): Phase {
  const { op, tensor } = parts(label);
  if (op === 'nonFinite') return 'watch';
  if (entryPoint === 'held') return 'optimizer'; // a moving average that waits, as weights do, for what the watch finds
  if (/Update$/.test(op)) return 'optimizer'; // it writes a weight, and is named after it
  if (tensor.startsWith('clip/')) return 'optimizer';
  if (/(^|\/)d\(/.test(tensor) || tensor === 'fill') return 'backward'; // the gradient of the loss by itself is 1
  if (op === 'gatherRows') return 'data';
  if (/^(loss|metrics)\//.test(tensor) || op === 'accumulate' || /Totals$/.test(op)) return 'loss';
  return 'forward';
}

/** The op, the layer that it works for, and the tensor that it makes. */
export function parts(label: string): { op: string; layer: string; tensor: string } {
  const colon = label.indexOf(':');
  const tensor = label.slice(colon + 1);
  const layer = /^(?:d\()?([^/().]+)\//.exec(tensor)?.[1] ?? '';
  return { op: label.slice(0, colon), layer, tensor };
}
