import { describe, expect, test } from 'vitest';
import {
  ArgumentError,
  gatherIntegers,
  gradients,
  graph,
  type NarrowInteger,
  plan,
  ShapeError,
} from '../../src/index.ts';
import { gatherIntegersSpec } from '../../src/selftest/specs/gatherIntegers.ts';
import { checkOp } from '../support/checkOp.ts';
import { runOnce } from '../support/session.ts';

checkOp(gatherIntegersSpec);

const ARRAYS = { uint8: Uint8Array, int8: Int8Array, uint16: Uint16Array, int16: Int16Array };

describe('gatherIntegers', () => {
  test.each(Object.keys(ARRAYS) as NarrowInteger[])('every %s is what the host says', async (type) => {
    const all = new ARRAYS[type](type.endsWith('16') ? 2 ** 16 : 2 ** 8).map((_, i) => i);
    const words = new Uint32Array(all.buffer);
    const g = graph();
    const data = g.input('data', [words.length], 'u32');
    const [indices, rows] = [g.input('indices', [2], 'u32'), g.input('rows', [1], 'u32')];
    const half = all.length / 2;
    const y = gatherIntegers(data, indices, rows, { type, shape: [half] });
    expect(y.dtype).toBe('f32');
    const given = [
      [data, [...words]],
      [indices, [1, 0]],
      [rows, [2]],
    ] as const;
    const [got] = await runOnce(g, given, [y]);
    expect(got).toEqual([...all.subarray(half), ...all.subarray(0, half)]);
  });

  test('datasets of all lengths share a pipeline', () => {
    const constants = [10, 1000].map((words) => {
      const g = graph();
      const data = g.input('data', [words], 'u32');
      const [indices, rows] = [g.input('indices', [4], 'u32'), g.input('rows', [1], 'u32')];
      return plan(g, [gatherIntegers(data, indices, rows, { type: 'uint8', shape: [8] })]).dispatches[0]!.constants;
    });
    expect(constants[0]).toEqual(constants[1]);
  });

  test('has no gradient, and says so; refuses what does not fit', () => {
    const g = graph();
    const data = g.input('data', [3], 'u32');
    const [indices, rows] = [g.input('indices', [2], 'u32'), g.input('rows', [1], 'u32')];
    const options = { type: 'uint8', shape: [2] } as const;
    expect(() => gradients(gatherIntegers(data, indices, rows, options), [data])).toThrow(ArgumentError);
    expect(() => gatherIntegers(g.input('floats', [3]), indices, rows, options)).toThrow(ShapeError);
    expect(() => gatherIntegers(g.input('rows2', [3, 2], 'u32'), indices, rows, options)).toThrow(
      'gatherIntegers: data must be [words] and indices [batch], got [3, 2] and [2].',
    );
    expect(() => gatherIntegers(data, g.input('signed', [2], 'i32'), rows, options)).toThrow(ShapeError);
    expect(() => gatherIntegers(data, indices, g.input('float', [1]), options)).toThrow(ShapeError);
    expect(() => gatherIntegers(data, indices, rows, { ...options, type: 'int32' as never })).toThrow(ArgumentError);
    expect(() => gatherIntegers(data, indices, rows, { ...options, shape: [0] })).toThrow(ShapeError);
  });
});
