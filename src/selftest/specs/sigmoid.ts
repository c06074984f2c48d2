import { sigmoid } from '../../index.ts';
import { activation } from '../activation.ts';

const f = (x: number) => 1 / (1 + Math.exp(-x));

export const sigmoidSpec = activation({
  name: 'sigmoid',
  params: [{}],
  build: (x) => sigmoid(x),
  f,
  df: (x) => f(x) * f(-x),
  tolerance: {
    forward: { error: 3e-7, why: 'exp to a few units in the last place, and a division' },
    backward: { error: 3e-7, why: 'from y as rounded' },
  },
  extremes: [
    [0, 0.5, 0.25],
    [100, 1, 0],
    [-100, 0, 0],
    [1e30, 1, 0],
    [-1e30, 0, 0],
  ],
  // Small probabilities are small to the last digits, not 0.
  relative: { from: -1e-3, to: -80, error: 1e-5 },
});
