/** Spec of accumulate: sums of several batches in slots of a variable, with and without weights. */
import { accumulate, graph, type Variable } from '../../index.ts';
import { array64, randomArray, randomStream } from '../arrays.ts';
import type { Check } from '../check.ts';
import { feed, onDevice } from '../onDevice.ts';

const CASES: readonly (readonly [why: string, n: number, rows: readonly number[]])[] = [
  ['one row', 1, [1]],
  ['whole vec4s, one batch', 8, [8]],
  ['a full batch, partial ones, an empty one and more rows than values', 11, [11, 5, 4, 0, 1, 99]],
  ['a long batch', 333, [333, 300]],
  ['a NaN, which stays in the sums', 11, [11, 5]],
];

const TOTALS: Variable = { name: 'totals', shape: [3], dtype: 'f32' };

/** Batches go into slot 1 with weights and slot 2 without, one after another; slot 0 is left alone. */
function batches(why: string, n: number, rows: readonly number[]) {
  const random = randomStream(n);
  const want: number[] = [];
  const data = rows.map((real) => {
    const values = randomArray([n], random).data;
    if (why.startsWith('a NaN') && real === n) values[n - 1] = Number.NaN;
    const weights = randomArray([n], random).data;
    const used = values.slice(0, Math.min(real, n));
    const weighted = used.reduce((sum, value, i) => sum + value * weights[i]!, 0);
    want.push(
      0,
      weighted,
      used.reduce((sum, value) => sum + value, 0),
    );
    return { values, weights, real };
  });
  return { data, want: array64([rows.length, 3], want) };
}

export const accumulateChecks: readonly Check[] = CASES.map(([title, n, rows]) => ({
  op: 'accumulate',
  title,
  prepare() {
    const { data, want } = batches(title, n, rows);
    return async (device, choose) => {
      const g = graph();
      const totals = g.variable(TOTALS);
      const values = g.input('values', [n]);
      const weights = g.input('weights', [n]);
      const count = g.input('rows', [1], 'u32');
      accumulate(totals, values, count, { slot: 1, slots: 3, weights });
      accumulate(totals, values, count, { slot: 2, slots: 3 });
      const got = await onDevice(device, g, [], choose, async (session) => {
        const totalsOfAll: number[] = [];
        for (const batch of data) {
          feed(session, values, batch.values);
          feed(session, weights, batch.weights);
          feed(session, count, [batch.real]);
          session.run();
          totalsOfAll.push(...(await session.read(totals)));
        }
        return totalsOfAll;
      });
      return [{ what: 'totals', got, want, tolerance: { error: 1e-5, why: 'sums of up to 333 terms of both signs' } }];
    };
  },
}));
