import { logSoftmax } from '../../index.ts';
import { type Array64, zeros } from '../arrays.ts';
import { ofRows, rows, rowwiseSpec } from '../rowwise.ts';

function logSoftmaxOf(x: Array64): Array64 {
  return ofRows(x, (logit, total) => logit - Math.log(total));
}

export const logSoftmaxSpec = rowwiseSpec({
  name: 'logSoftmax',
  build: ([x]) => logSoftmax(x!),
  forward: ([x]) => logSoftmaxOf(x!),
  backward: ([x], dy) => {
    const y = logSoftmaxOf(x!);
    const dx = zeros(x!.shape);
    rows(dx, (begin, c) => {
      let total = 0;
      for (let k = begin; k < begin + c; k++) total += dy.data[k]!;
      for (let k = begin; k < begin + c; k++) dx.data[k] = dy.data[k]! - Math.exp(y.data[k]!) * total;
    });
    return [dx];
  },
  tolerance: {
    forward: { error: 1e-6, why: 'exp, log and the sum to a few units in the last place' },
    backward: { error: 5e-6, why: 'the sum of 1000 gradients, times exp(y) to a few units in the last place' },
  },
});
