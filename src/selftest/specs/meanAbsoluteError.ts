import { meanAbsoluteError } from '../../index.ts';
import { elementwiseLoss } from '../elementwiseLoss.ts';

export const meanAbsoluteErrorSpec = elementwiseLoss({
  name: 'meanAbsoluteError',
  build: meanAbsoluteError,
  value: (p, t) => Math.abs(p - t),
  dprediction: (p, t) => Math.sign(p - t),
  dtruth: (p, t) => Math.sign(t - p),
});
