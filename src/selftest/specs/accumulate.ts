import { accumulate, graph, type Variable } from '../../index.ts';
import { array64, randomArray, randomStream } from '../arrays.ts';
import type { Check } from '../check.ts';
import { feed, onDevice } from '../onDevice.ts';

const CASES: readonly (readonly [why: string, n: number, rows: readonly number[]])[] = [
  ['one row', 1, [1]],
  ['whole vec4s, one batch', 8, [8]],
  ['a full batch, partial ones, an empty one and more rows than values', 11, [11, 5, 4, 0, 1, 99]],
  ['a long batch', 333, [333, 300]],
];

const TOTALS: Variable = { name: 'totals', shape: [6], dtype: 'f32' };

/** Batches go into slot 1 with weights and slot 2 without; slot 0 is left alone. */
function batches(n: number, rows: readonly number[]) {
  const random = randomStream(n);
  const want = [0, 0, 0, 0, 0, 0];
  const data = rows.map((real) => {
    const values = randomArray([n], random).data;
    const weights = randomArray([n], random).data;
    const used = values.slice(0, Math.min(real, n));
    want[1] = used.reduce((sum, value, i) => sum + value * weights[i]!, 0);
    want[2] = used.reduce((sum, value) => sum + value, 0);
    want[4]! += want[1];
    want[5]! += want[2];
    return { values, weights, real };
  });
  return { data, want: array64([6], want) };
}

export const accumulateChecks: readonly Check[] = CASES.map(([title, n, rows]) => ({
  op: 'accumulate',
  title,
  prepare() {
    const { data, want } = batches(n, rows);
    return async (device, choose) => {
      const g = graph();
      const totals = g.variable(TOTALS);
      const values = g.input('values', [n]);
      const weights = g.input('weights', [n]);
      const count = g.input('rows', [1], 'u32');
      accumulate(totals, values, count, { slot: 1, slots: 3, weights });
      accumulate(totals, values, count, { slot: 2, slots: 3 });
      const got = await onDevice(device, g, [], choose, async (session) => {
        for (const batch of data) {
          feed(session, values, batch.values);
          feed(session, weights, batch.weights);
          feed(session, count, [batch.real]);
          session.run();
        }
        return session.read(totals);
      });
      const untouched = { error: 0, why: 'nothing was added' };
      const slot0 = array64([2], [0, 0]);
      return [
        {
          what: 'totals',
          got,
          want,
          tolerance: { error: 5e-5, why: 'sums of up to 633 terms of absolute size below 1' },
        },
        { what: 'slot 0', got: [got[0]!, got[3]!], want: slot0, tolerance: untouched },
      ];
    };
  },
}));
