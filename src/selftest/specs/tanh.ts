import { tanh } from '../../index.ts';
import { activation } from '../activation.ts';

export const tanhSpec = activation({
  name: 'tanh',
  params: [{}],
  build: (x) => tanh(x),
  f: (x) => Math.tanh(x),
  df: (x) => 1 - Math.tanh(x) ** 2,
  tolerance: {
    forward: { error: 3e-7, why: 'exp to a few units in the last place, and a division' },
    backward: { error: 5e-7, why: 'from y as rounded' },
  },
  extremes: [
    [0, 0, 1],
    [1e-30, 1e-30, 1],
    [100, 1, 0],
    [-100, -1, 0],
    [1e30, 1, 0],
    [-1e30, -1, 0],
  ],
  relative: { from: 1e-20, to: 5, error: 5e-7 },
});
