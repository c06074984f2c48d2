import { binaryCrossEntropy } from '../../index.ts';
import { elementwiseLoss } from '../elementwiseLoss.ts';

const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));

export const binaryCrossEntropySpec = elementwiseLoss({
  name: 'binaryCrossEntropy',
  build: binaryCrossEntropy,
  // By the definition, which the kernel's stable form must equal.
  value: (z, t) => -t * Math.log(sigmoid(z)) - (1 - t) * Math.log(1 - sigmoid(z)),
  dprediction: (z, t) => sigmoid(z) - t,
  dtruth: (z) => -z,
  probabilities: true,
});
