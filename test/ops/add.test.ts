import { add } from '../../src/index.ts';
import { checkBinary } from '../support/broadcast.ts';

checkBinary({
  name: 'add',
  build: add,
  f: (a, b) => a + b,
  df: () => [1, 1],
  oracle: (tf, a, b) => tf.add(a, b),
  tolerance: {
    forward: { error: 1e-7, why: 'one rounding' },
    backward: { error: 1e-6, why: 'sums of up to 195 terms in float32' },
  },
});
