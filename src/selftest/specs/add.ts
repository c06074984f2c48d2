import { add } from '../../index.ts';
import { binary } from '../broadcast.ts';

export const addSpec = binary({
  name: 'add',
  build: add,
  f: (a, b) => a + b,
  df: () => [1, 1],
  tolerance: {
    forward: { error: 1e-7, why: 'one rounding' },
    backward: { error: 1e-6, why: 'sums of up to 195 terms in float32' },
  },
});
