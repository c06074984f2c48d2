import { softmax } from '../../index.ts';
import { type Array64, zeros } from '../arrays.ts';
import { ofRows, rows, rowwiseSpec } from '../rowwise.ts';

export function softmaxOf(x: Array64): Array64 {
  return ofRows(x, (logit, total) => Math.exp(logit) / total);
}

export const softmaxSpec = rowwiseSpec({
  name: 'softmax',
  build: ([x]) => softmax(x!),
  forward: ([x]) => softmaxOf(x!),
  backward: ([x], dy) => {
    const y = softmaxOf(x!);
    const dx = zeros(x!.shape);
    rows(dx, (begin, c) => {
      let dot = 0;
      for (let k = begin; k < begin + c; k++) dot += y.data[k]! * dy.data[k]!;
      for (let k = begin; k < begin + c; k++) dx.data[k] = y.data[k]! * (dy.data[k]! - dot);
    });
    return [dx];
  },
  tolerance: {
    forward: { error: 1e-6, why: 'exp to a few units in the last place; the sum is relative to y' },
    backward: { error: 1e-6, why: 'the dot product has weights that sum to 1' },
  },
});
