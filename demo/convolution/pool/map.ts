/** The map that is pooled, moved about, and its pooling by hand. */
import { type Array64, array64, zeros } from '../../lesson/reference/array64.ts';
import { maxPool2d, maxPool2dGradient, meanPool2d, poolWindows } from '../../lesson/reference/pool2d.ts';

export const MAP_SIZE = 8;

/** As a feature map after its ReLU: a few peaks, and 0 between them. */
export const PEAKS: readonly number[] = [
  ...[0, 0, 0, 0, 8, 1, 0, 0],
  ...[0, 0, 0, 0, 3, 0, 0, 0],
  ...[6, 1, 0, 0, 0, 0, 5, 0],
  ...[2, 0, 0, 0, 0, 0, 1, 0],
  ...[0, 0, 7, 0, 0, 0, 0, 0],
  ...[0, 3, 2, 0, 0, 0, 3, 0],
  ...[4, 0, 0, 0, 9, 2, 0, 0],
  ...[1, 0, 0, 0, 0, 0, 0, 0],
];

export interface Shift {
  readonly down: number;
  readonly right: number;
}

/** The map moved by some pixels; 0 comes in at the edge. */
export function shifted(map: readonly number[], { down, right }: Shift): number[] {
  return map.map((_, i) => {
    const [row, column] = [Math.floor(i / MAP_SIZE) - down, (i % MAP_SIZE) - right];
    const inside = row >= 0 && row < MAP_SIZE && column >= 0 && column < MAP_SIZE;
    return inside ? map[row * MAP_SIZE + column]! : 0;
  });
}

export type How = 'max' | 'mean';

export interface Pooled {
  /** Rows and columns of the pooled map. */
  readonly side: number;
  readonly y: Array64;
  /** Of each of its numbers, the indices into the map under its window. */
  readonly windows: readonly number[][];
  /** Where each maximum lies; empty for means. */
  readonly pins: readonly number[];
}

export const mapOf = (numbers: readonly number[]): Array64 => array64(numbers, [MAP_SIZE, MAP_SIZE, 1]);

export function pooled(map: readonly number[], size: number, how: How): Pooled {
  const x = mapOf(map);
  const { shape, windows } = poolWindows(x, { size });
  const side = shape[0]!;
  if (how === 'mean') return { side, windows, y: meanPool2d(x, { size }), pins: [] };
  const { y, chosen } = maxPool2d(x, { size });
  return { side, windows, y, pins: chosen };
}

/** The gradient by the map: of a maximum at its pin alone, of a mean in equal parts at all numbers under the window. */
export function sentBack(dy: Array64, { windows, pins }: Pooled, how: How): Array64 {
  const shape = [MAP_SIZE, MAP_SIZE, 1];
  if (how === 'max') return maxPool2dGradient(dy, pins, shape);
  const dx = zeros(shape);
  windows.forEach((window, i) => {
    for (const index of window) dx.data[index]! += dy.data[i]! / window.length;
  });
  return dx;
}

/** How many numbers are others than before. */
export const changed = (before: ArrayLike<number>, now: ArrayLike<number>): number =>
  Array.from(before).filter((number, i) => number !== now[i]).length;
