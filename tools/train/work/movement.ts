import type { NamedWeight } from 'neurite';
import type { Movement } from '../protocol.ts';

const rootMeanSquare = (values: Float32Array) => Math.sqrt(values.reduce((sum, v) => sum + v * v, 0) / values.length);

/** How far each weight has moved. @param before, now of the same weights in the same order */
export function movementOf(before: readonly NamedWeight[], now: readonly NamedWeight[]): Movement[] {
  return now.map(({ name, shape, data }, i) => ({
    name,
    shape,
    start: rootMeanSquare(before[i]!.data),
    moved: rootMeanSquare(data.map((v, k) => v - before[i]!.data[k]!)),
  }));
}
