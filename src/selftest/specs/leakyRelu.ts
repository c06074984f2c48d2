import { type LeakyReluOptions, leakyRelu } from '../../index.ts';
import { activation } from '../activation.ts';

export const leakyReluSpec = activation<LeakyReluOptions>({
  name: 'leakyRelu',
  params: [{}, { alpha: 0.2 }, { alpha: -0.5 }, { alpha: 0 }],
  build: leakyRelu,
  f: (x, { alpha = 0.3 }) => (x > 0 ? x : alpha * x),
  df: (x, { alpha = 0.3 }) => (x > 0 ? 1 : alpha),
  tolerance: {
    forward: { error: 2e-7, why: 'alpha rounded to float32, one product' },
    backward: { error: 2e-7, why: 'alpha rounded to float32, one product' },
  },
  masks: true,
  extremes: [
    [0, 0, 0.3],
    [100, 100, 1],
    [-100, -30, 0.3],
    [1e30, 1e30, 1],
    [-1e30, -3e29, 0.3],
  ],
});
