import { meanSquaredError } from '../../index.ts';
import { elementwiseLoss } from '../elementwiseLoss.ts';

export const meanSquaredErrorSpec = elementwiseLoss({
  name: 'meanSquaredError',
  build: meanSquaredError,
  value: (p, t) => (p - t) ** 2,
  dprediction: (p, t) => 2 * (p - t),
  dtruth: (p, t) => 2 * (t - p),
});
