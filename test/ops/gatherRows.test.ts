import { describe, expect, test } from 'vitest';
import { ArgumentError, gatherRows, gradients, graph, plan, ShapeError } from '../../src/index.ts';
import { gatherRowsSpec } from '../../src/selftest/specs/gatherRows.ts';
import { checkOp } from '../support/checkOp.ts';
import { runOnce } from '../support/session.ts';

checkOp(gatherRowsSpec);

describe('gatherRows', () => {
  test.each(['i32', 'u32'] as const)('moves %s as it is, also where it would be no number', async (dtype) => {
    const g = graph();
    const data = g.input('labels', [3], dtype);
    const indices = g.input('indices', [4], 'u32');
    const rows = g.input('rows', [1], 'u32');
    const y = gatherRows(data, indices, rows);
    expect([y.shape, y.dtype]).toEqual([[4], dtype]);
    const words = dtype === 'i32' ? [-1, 0x7fc00001, 7] : [0xffffffff, 0x7f800001, 7];
    const [got] = await runOnce(
      g,
      [
        [data, words],
        [indices, [2, 0, 1, 0]],
        [rows, [3]],
      ],
      [y],
    );
    expect(got).toEqual([words[2], words[0], words[1], 0]);
  });

  test('datasets of all lengths share a pipeline', () => {
    const constants = [10, 1000].map((length) => {
      const g = graph();
      const data = g.input('data', [length, 8]);
      const y = gatherRows(data, g.input('indices', [4], 'u32'), g.input('rows', [1], 'u32'));
      return plan(g, [y]).dispatches[0]!.constants;
    });
    expect(constants[0]).toEqual(constants[1]);
  });

  test('has no gradient, and says so', () => {
    const g = graph();
    const data = g.input('data', [3, 2]);
    const y = gatherRows(data, g.input('indices', [2], 'u32'), g.input('rows', [1], 'u32'));
    expect(() => gradients(y, [data])).toThrow(ArgumentError);
  });

  test('refuses indices and counts that do not fit', () => {
    const g = graph();
    const data = g.input('data', [3, 2]);
    const [indices, rows] = [g.input('indices', [2], 'u32'), g.input('rows', [1], 'u32')];
    expect(() => gatherRows(data, g.input('signed', [2], 'i32'), rows)).toThrow(ShapeError);
    expect(() => gatherRows(data, g.input('matrix', [2, 1], 'u32'), rows)).toThrow(ShapeError);
    expect(() => gatherRows(data, indices, g.input('float', [1]))).toThrow(ShapeError);
  });
});
