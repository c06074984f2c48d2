/** Pooling of one picture, by hand, with the positions that max-pooling chose. Windows that do not fit are left out. */
import { type Array64, zeros } from './array64.ts';

export interface PoolOptions {
  size: number;
  /** By default the size: windows side by side. */
  stride?: number;
}

/** For each number of the result, the flat indices into x of its window. @param x `[height, width, channels]` */
export function poolWindows(
  x: Array64,
  { size, stride = size }: PoolOptions,
): { shape: number[]; windows: number[][] } {
  const [height, width, channels] = x.shape as [number, number, number];
  const shape = [Math.floor((height - size) / stride) + 1, Math.floor((width - size) / stride) + 1, channels];
  const windows: number[][] = [];
  for (let row = 0; row < shape[0]!; row++) {
    for (let column = 0; column < shape[1]!; column++) {
      for (let channel = 0; channel < channels; channel++) {
        const window: number[] = [];
        for (let i = 0; i < size; i++) {
          for (let j = 0; j < size; j++) {
            window.push(((row * stride + i) * width + column * stride + j) * channels + channel);
          }
        }
        windows.push(window);
      }
    }
  }
  return { shape, windows };
}

/** @returns the maxima, and where each of them lies in x: of equal ones the first */
export function maxPool2d(x: Array64, options: PoolOptions): { y: Array64; chosen: number[] } {
  const { shape, windows } = poolWindows(x, options);
  const chosen = windows.map((window) => window.reduce((best, i) => (x.data[i]! > x.data[best]! ? i : best)));
  return { y: { data: Float64Array.from(chosen, (i) => x.data[i]!), shape }, chosen };
}

export function meanPool2d(x: Array64, options: PoolOptions): Array64 {
  const { shape, windows } = poolWindows(x, options);
  const means = windows.map((window) => window.reduce((sum, i) => sum + x.data[i]!, 0) / window.length);
  return { data: Float64Array.from(means), shape };
}

/** The gradient of x: that of each maximum goes to where the maximum lies, and to no other place. */
export function maxPool2dGradient(dy: Array64, chosen: readonly number[], shape: readonly number[]): Array64 {
  const dx = zeros(shape);
  chosen.forEach((index, i) => {
    dx.data[index]! += dy.data[i]!;
  });
  return dx;
}
