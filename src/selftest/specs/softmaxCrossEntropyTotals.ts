/** Checks of the fused loss, accuracy and gradient of a batch: with real rows, padding, and a row with a NaN. */
import { accumulate, correct, gradients, graph, softmaxCrossEntropy, weightedMean } from '../../index.ts';
import { array64, map, randomArray, randomIntegers, randomStream, zeros } from '../arrays.ts';
import type { Check } from '../check.ts';
import { feed, onDevice } from '../onDevice.ts';
import { correctByWeightSpec } from './correct.ts';
import { forward, oneHot, softmaxCrossEntropyOfWeightsSpec } from './softmaxCrossEntropy.ts';

const [ROWS, REAL, CLASSES] = [70, 68, 3];
/** The row with weight 0. */
const LEFT_OUT = 5;
const TOLERANCE = { error: 2e-6, why: 'exp and log of the device are good to some 3 units' };

/** @param spoilt the row that has a NaN: NaNs in rows that do not count reach nothing */
function check(title: string, byNumber: boolean, spoilt: number): Check {
  return {
    op: 'softmaxCrossEntropyTotals',
    title: `${title}, ${byNumber ? 'class numbers' : 'weights of the classes'}`,
    prepare() {
      const random = randomStream(spoilt + 2);
      const nan = { element: spoilt * CLASSES + 1, bits: 0xffc00000 };
      const logits = map(randomArray([ROWS, CLASSES], random), (z, i) => (i === nan.element ? Number.NaN : 4 * z));
      const labels = randomIntegers([ROWS], CLASSES, random);
      const truth = oneHot(labels, CLASSES);
      const weights = map(zeros([ROWS]), (_, row) => (row === LEFT_OUT || row >= REAL ? 0 : 0.5 + row / ROWS));
      const losses = forward([logits, truth]).data;
      const right = correctByWeightSpec.forward([logits, truth], { classes: CLASSES }).data;
      const upstream = map(weights, (w) => w / REAL);
      const [slopes] = softmaxCrossEntropyOfWeightsSpec.backward!([logits, truth], upstream, {});
      const counts = (row: number) => weights.data[row] !== 0;
      const loss = losses.reduce((sum, v, row) => (counts(row) ? sum + v * weights.data[row]! : sum), 0);
      const accuracy = right.reduce((sum, v, row) => (row < REAL ? sum + v : sum), 0);
      const gradient = map(slopes!, (v, i) => (counts(Math.floor(i / CLASSES)) ? v : 0));
      return async (device, choose) => {
        const g = graph();
        const state = g.variable({ name: 'state', shape: [2], dtype: 'f32' });
        const z = g.input('logits', logits.shape);
        const t = byNumber ? g.input('labels', [ROWS], 'i32') : g.input('truth', truth.shape);
        const [w, rows] = [g.input('weights', [ROWS]), g.input('rows', [1], 'u32')];
        const values = softmaxCrossEntropy(z, t);
        accumulate(state, values, rows, { slot: 0, slots: 2, weights: w });
        accumulate(state, correct(z, t), rows, { slot: 1, slots: 2 });
        const [dz] = gradients(weightedMean(values, w, rows), [z]);
        const [totals, got] = await onDevice(device, g, [dz!], choose, async (session) => {
          if (session.plan.dispatches.length > 1) throw new Error('the parts were not fused');
          feed(session, z, logits.data, spoilt < 0 ? undefined : nan);
          feed(session, t, (byNumber ? labels : truth).data);
          feed(session, w, weights.data);
          feed(session, rows, [REAL]);
          const [slope] = await session.runAndRead([dz!]);
          return [await session.read(state), slope!];
        });
        const want = array64([2], [loss, accuracy]);
        const sum = { error: 1e-5, why: 'a sum of 67 losses in float32' };
        return [
          { what: 'loss and right answers', got: totals!, want, tolerance: sum },
          { what: 'gradient of the logits', got: got!, want: gradient, tolerance: TOLERANCE },
        ];
      };
    },
  };
}

export const softmaxCrossEntropyTotalsChecks: readonly Check[] = [true, false].flatMap((byNumber) => [
  check('numbers alone', byNumber, -1),
  check('a NaN', byNumber, 64),
  check('a NaN in a row of weight 0', byNumber, LEFT_OUT),
  check('a NaN in the padding', byNumber, ROWS - 1),
]);
