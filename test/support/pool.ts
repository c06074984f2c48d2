/** What the tests of the pools share: pools in TensorFlow.js, and what is refused. */
import { expect, test } from 'vitest';
import { ArgumentError, graph, type PoolOptions, ShapeError, type Tensor } from '../../src/index.ts';
import { both } from '../../src/selftest/convolution.ts';
import type { PoolParams } from '../../src/selftest/pool.ts';

/** Options for TensorFlow.js: `(filterSize, strides, pad)`. */
export function tfPool({ poolSize, strides = poolSize, padding = 'valid' }: PoolParams) {
  type Four = [[number, number], [number, number], [number, number], [number, number]];
  const pad = typeof padding === 'string' ? padding : ([[0, 0], ...padding, [0, 0]] as unknown as Four);
  return [both(poolSize) as [number, number], both(strides) as [number, number], pad] as const;
}

export function checkPoolErrors(name: string, build: (x: Tensor, options: PoolOptions) => Tensor): void {
  test(`${name}: what is no pool is refused`, () => {
    const g = graph();
    const x = g.input('x', [2, 5, 7, 3]);
    expect(() => build(g.input('flat', [2, 5]), { poolSize: 2 })).toThrow(`${name}: images must be [n, h, w, c]`);
    expect(() => build(g.input('integers', [2, 5, 7, 3], 'i32'), { poolSize: 2 })).toThrow(ShapeError);
    expect(() => build(x, { poolSize: 6 })).toThrow(`${name}: a window of 6 x 6`);
    expect(() => build(x, { poolSize: 6 })).toThrow(ShapeError);
    expect(() => build(x, { poolSize: 0 })).toThrow(ArgumentError);
    expect(() => build(x, { poolSize: 2, strides: 1.5 })).toThrow(ArgumentError);
    expect(() => build(x, { poolSize: 2, padding: -1 })).toThrow(ArgumentError);
  });

  test(`${name}: padding as large as the window is refused`, () => {
    const g = graph();
    const x = g.input('x', [2, 5, 7, 3]);
    expect(() => build(x, { poolSize: 2, padding: 2 })).toThrow('each must cover at least one pixel');
    expect(() => build(x, { poolSize: 2, padding: [[0, 3], [0, 0]] })).toThrow(ShapeError); // biome-ignore format: pairs
    expect(build(x, { poolSize: 2, padding: 1 }).shape).toEqual([2, 3, 4, 3]);
  });
}
