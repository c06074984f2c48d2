import { type EluOptions, elu } from '../../index.ts';
import { activation } from '../activation.ts';

export const eluSpec = activation<EluOptions>({
  name: 'elu',
  params: [{}, { alpha: 0.5 }, { alpha: -2 }],
  build: elu,
  f: (x, { alpha = 1 }) => (x > 0 ? x : alpha * Math.expm1(x)),
  df: (x, { alpha = 1 }) => (x > 0 ? 1 : alpha * Math.exp(x)),
  tolerance: {
    forward: { error: 5e-7, why: 'exp is good to 3 + 2 |x| units in the last place' },
    backward: { error: 5e-7, why: 'exp is good to 3 + 2 |x| units in the last place' },
  },
  extremes: [
    [0, 0, 1],
    [100, 100, 1],
    [-100, -1, 0],
    [1e30, 1e30, 1],
    [-1e30, -1, 0],
  ],
  relative: { from: -1e-8, to: -2, error: 5e-7 },
});
