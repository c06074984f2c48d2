import { describe, expect, test } from 'vitest';
import { ArgumentError, accumulate, graph, ShapeError, type Variable } from '../../src/index.ts';
import { accumulateChecks } from '../../src/selftest/specs/accumulate.ts';
import { expectCheck } from '../support/check.ts';
import { feed, withSession } from '../support/session.ts';

const state = (slots: number): Variable => ({ name: 'totals', shape: [slots], dtype: 'f32' });

describe('accumulate', () => {
  test.each(accumulateChecks)('$title', expectCheck);

  test('an entry of weight 0 is left out, rows beyond the count are not read, NaN elsewhere is not hidden', async () => {
    const g = graph();
    const totals = g.variable(state(1));
    const inputs = [g.input('values', [5]), g.input('weights', [5]), g.input('rows', [1], 'u32')] as const;
    accumulate(totals, inputs[0], inputs[2], { slot: 0, slots: 1, weights: inputs[1] });
    await withSession(g, [], async (session) => {
      feed(session, inputs[0], [1, Number.NaN, 3, 4, Number.NaN]);
      feed(session, inputs[1], [1, 0, 2, 1, 1]);
      feed(session, inputs[2], [4]);
      session.run();
      expect(Array.from(await session.read(totals))).toEqual([11]);
      feed(session, inputs[2], [5]);
      session.run();
      expect(Array.from(await session.read(totals))).toEqual([Number.NaN]);
    });
  });

  test('refuses what does not fit', () => {
    const g = graph();
    const totals = g.variable(state(2));
    const [v, rows] = [g.input('v', [4]), g.input('rows', [1], 'u32')];
    expect(() => accumulate(totals, v, rows, { slot: 2, slots: 2 })).toThrow(ArgumentError);
    expect(() => accumulate(g.input('t', [2]), v, rows, { slot: 0, slots: 2 })).toThrow(ArgumentError);
    expect(() => accumulate(totals, v, rows, { slot: 0, slots: 3 })).toThrow(ShapeError);
    expect(() => accumulate(totals, g.input('m', [2, 2]), rows, { slot: 0, slots: 2 })).toThrow(ShapeError);
    const weights = g.input('w', [3]);
    expect(() => accumulate(totals, v, rows, { slot: 0, slots: 2, weights })).toThrow(ShapeError);
  });
});
