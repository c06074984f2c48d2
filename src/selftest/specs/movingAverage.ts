import { graph, movingAverage, type Variable } from '../../index.ts';
import { array64, randomArray, randomStream } from '../arrays.ts';
import type { Check } from '../check.ts';
import { feed, onDevice } from '../onDevice.ts';

const CASES: readonly { readonly shape: number[]; readonly momentum: number; readonly nan?: number }[] = [
  { shape: [1], momentum: 0.99 },
  { shape: [33], momentum: 0.9 },
  { shape: [9], momentum: 0.9, nan: 7 },
  { shape: [3, 5, 67], momentum: 0.5 },
  { shape: [5], momentum: 0 },
  { shape: [5], momentum: 1 },
];

/** Two steps with other values, from a random start. */
export const movingAverageChecks: readonly Check[] = CASES.map(({ shape, momentum, nan }) => ({
  op: 'movingAverage',
  title: `two steps: [${shape}], momentum ${momentum}${nan === undefined ? '' : ', a NaN among the first values'}`,
  prepare() {
    const random = randomStream(3);
    const [start, ...values] = [1, 2, 3].map(() => randomArray(shape, random).data);
    if (nan !== undefined) values[0]![nan] = Number.NaN;
    const last = values.reduce(
      (average, value) => average.map((v, i) => momentum * v + (1 - momentum) * value[i]!),
      start!,
    );
    const variable: Variable = { name: 'average', shape, dtype: 'f32', initial: () => Float32Array.from(start!) };
    return async (device, choose) => {
      const g = graph();
      const average = g.variable(variable);
      const value = g.input('value', shape);
      movingAverage(average, value, { momentum });
      const got = await onDevice(device, g, [], choose, async (session) => {
        for (const data of values) {
          feed(session, value, data);
          session.run();
        }
        return session.read(average);
      });
      return [{ what: 'average', got, want: array64(shape, last), tolerance: { error: 2e-7, why: 'a few roundings' } }];
    };
  },
}));
