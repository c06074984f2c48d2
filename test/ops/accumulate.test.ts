import { describe, expect, test } from 'vitest';
import { ArgumentError, accumulate, graph, ShapeError, type Variable } from '../../src/index.ts';
import { randomArray, randomStream } from '../support/arrays.ts';
import { feed, withSession } from '../support/session.ts';

const state = (slots: number): Variable => ({ name: 'totals', shape: [2 * slots], dtype: 'f32' });

/** Batches, each of which is run twice, go into slot 1 with weights and slot 2 without; slot 0 is left alone. */
async function run(n: number, rows: readonly number[]) {
  const g = graph();
  const totals = g.variable(state(3));
  const values = g.input('values', [n]);
  const weights = g.input('weights', [n]);
  const count = g.input('rows', [1], 'u32');
  accumulate(totals, values, count, { slot: 1, slots: 3, weights });
  accumulate(totals, values, count, { slot: 2, slots: 3 });
  const random = randomStream(n);
  const want = [0, 0, 0, 0, 0, 0];
  return withSession(g, [], async (session) => {
    for (const real of rows) {
      const v = randomArray([n], random).data;
      const w = randomArray([n], random).data;
      feed(session, values, v);
      feed(session, weights, w);
      feed(session, count, [real]);
      session.run();
      const used = Math.min(real, n);
      want[1] = v.slice(0, used).reduce((sum, value, i) => sum + value * w[i]!, 0);
      want[2] = v.slice(0, used).reduce((sum, value) => sum + value, 0);
      want[4]! += want[1];
      want[5]! += want[2];
    }
    return { got: Array.from(await session.read(totals)), want };
  });
}

describe('accumulate', () => {
  test.each([
    ['one row', 1, [1]],
    ['whole vec4s, one batch', 8, [8]],
    ['a full batch, partial ones, an empty one and more rows than values', 11, [11, 5, 4, 0, 1, 99]],
    ['a long batch', 333, [333, 300]],
  ])('%s', async (_, n, rows) => {
    const { got, want } = await run(n, rows);
    got.forEach((value, i) => {
      expect(value, `state[${i}]`).toBeCloseTo(want[i]!, 4); // sums of up to 633 terms of absolute size below 1
    });
    expect([got[0], got[3]]).toEqual([0, 0]);
  });

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
      expect(Array.from(await session.read(totals))).toEqual([11, 11]);
      feed(session, inputs[2], [5]);
      session.run();
      expect(Array.from(await session.read(totals))).toEqual([Number.NaN, Number.NaN]);
    });
  });

  test('refuses what does not fit', () => {
    const g = graph();
    const totals = g.variable(state(2));
    const [v, rows] = [g.input('v', [4]), g.input('rows', [1], 'u32')];
    expect(() => accumulate(totals, v, rows, { slot: 2, slots: 2 })).toThrow(ArgumentError);
    expect(() => accumulate(g.input('t', [4]), v, rows, { slot: 0, slots: 2 })).toThrow(ArgumentError);
    expect(() => accumulate(totals, v, rows, { slot: 0, slots: 3 })).toThrow(ShapeError);
    expect(() => accumulate(totals, g.input('m', [2, 2]), rows, { slot: 0, slots: 2 })).toThrow(ShapeError);
    const weights = g.input('w', [3]);
    expect(() => accumulate(totals, v, rows, { slot: 0, slots: 2, weights })).toThrow(ShapeError);
  });
});
