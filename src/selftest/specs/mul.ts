import { mul } from '../../index.ts';
import { binary } from '../broadcast.ts';

export const mulSpec = binary({
  name: 'mul',
  build: mul,
  f: (a, b) => a * b,
  df: (a, b) => [b, a],
  tolerance: {
    forward: { error: 1e-7, why: 'one rounding' },
    backward: { error: 1e-6, why: 'sums of up to 195 terms in float32' },
  },
});
