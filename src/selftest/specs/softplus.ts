import { softplus } from '../../index.ts';
import { activation } from '../activation.ts';

export const softplusSpec = activation({
  name: 'softplus',
  params: [{}],
  build: (x) => softplus(x),
  f: (x) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x))),
  df: (x) => 1 / (1 + Math.exp(-x)),
  tolerance: {
    forward: { error: 5e-7, why: 'exp to a few units in the last place, and a polynomial' },
    backward: { error: 3e-7, why: 'exp to a few units in the last place, and a division' },
  },
  extremes: [
    [0, Math.LN2, 0.5],
    [100, 100, 1],
    [-100, 0, 0],
    [1e30, 1e30, 1],
    [-1e30, 0, 0],
  ],
  relative: { from: -1e-3, to: -80, error: 1e-5 },
});
