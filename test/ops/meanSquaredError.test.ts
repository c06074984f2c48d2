import { meanSquaredError } from '../../src/index.ts';
import { checkElementwiseLoss } from '../support/elementwiseLoss.ts';

checkElementwiseLoss({
  name: 'meanSquaredError',
  build: meanSquaredError,
  value: (p, t) => (p - t) ** 2,
  dprediction: (p, t) => 2 * (p - t),
  dtruth: (p, t) => 2 * (t - p),
  oracle: (tf, p, t) => tf.squaredDifference(p, t),
});
