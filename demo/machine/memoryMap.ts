/** Places of the tensors in the drawing of the arena: dispatches from left to right, slots from top to bottom. */
import type { Schedule } from './protocol/index.ts';

export interface Bar {
  tensor: string;
  bytes: number;
  first: number;
  last: number;
  slot: number;
  x: number;
  y: number;
  width: number;
  height: number;
}

const LEAST = 9;
const GAP = 3;

/**
 * Bars in a unit of one dispatch along x. Heights go with the root of the bytes, or small tensors could not be seen beside a
 * feature map of a thousand times their size.
 */
export function memoryMap(
  { slots, lifetimes }: Pick<Schedule, 'slots' | 'lifetimes'>,
  tallest = 72,
): { bars: Bar[]; height: number } {
  const most = Math.max(1, ...slots);
  const order = [...slots.keys()].sort((a, b) => slots[b]! - slots[a]!);
  const heightOf = (bytes: number) => Math.max(LEAST, tallest * Math.sqrt(bytes / most));
  const top = new Map<number, number>();
  let y = 0;
  for (const slot of order) {
    top.set(slot, y);
    y += heightOf(slots[slot]!) + GAP;
  }
  const bars = lifetimes.map(({ tensor, bytes, slot, first, last }) => ({
    tensor,
    bytes,
    slot,
    first,
    last,
    x: first,
    y: top.get(slot)!,
    width: last - first + 1,
    height: Math.min(heightOf(bytes), heightOf(slots[slot]!)),
  }));
  return { bars, height: Math.max(LEAST, y - GAP) };
}

/** Bytes of the arena, and what its tensors would take without sharing. */
export function arenaBytes({ slots, lifetimes }: Pick<Schedule, 'slots' | 'lifetimes'>): {
  shared: number;
  apart: number;
} {
  return {
    shared: slots.reduce((sum, bytes) => sum + bytes, 0),
    apart: lifetimes.reduce((sum, { bytes }) => sum + bytes, 0),
  };
}
