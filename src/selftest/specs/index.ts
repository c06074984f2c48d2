/** Every op that has a reference, in the order of their names. */
import type { OpSpec } from '../spec.ts';
import type { UpdateSpec } from '../update.ts';
import { adamUpdateSpecs } from './adamUpdate.ts';
import { addSpec } from './add.ts';
import { avgPool2dSpec } from './avgPool2d.ts';
import { batchNormInferenceSpec } from './batchNormInference.ts';
import { batchNormTrainingOffsetSpec, batchNormTrainingSpec } from './batchNormTraining.ts';
import { biasAddSpec } from './biasAdd.ts';
import { binaryCrossEntropySpec } from './binaryCrossEntropy.ts';
import { broadcastToSpec } from './broadcastTo.ts';
import { clipScaleSpec } from './clipScale.ts';
import { conv2dSpec, conv2dTilesSpec } from './conv2d.ts';
import { conv2dFilterGradSpec } from './conv2dFilterGrad.ts';
import { conv2dInputGradSpec } from './conv2dInputGrad.ts';
import { conv2dMaxPoolSpec } from './conv2dMaxPool.ts';
import { copySpec } from './copy.ts';
import { correctByNumberSpec, correctByWeightSpec } from './correct.ts';
import { correctBinarySpec } from './correctBinary.ts';
import { dropoutSpec } from './dropout.ts';
import { eluSpec } from './elu.ts';
import { gatherRowsSpec } from './gatherRows.ts';
import { geluApproximateSpec, geluSpec } from './gelu.ts';
import { globalAvgPool2dSpec } from './globalAvgPool2d.ts';
import { leakyReluSpec } from './leakyRelu.ts';
import { logSoftmaxSpec } from './logSoftmax.ts';
import { matmulSpec } from './matmul.ts';
import { maxPool2dSpec } from './maxPool2d.ts';
import { meanAbsoluteErrorSpec } from './meanAbsoluteError.ts';
import { meanSquaredErrorSpec } from './meanSquaredError.ts';
import { mulSpec } from './mul.ts';
import { pad2dSpec } from './pad2d.ts';
import { maxSpec, meanSpec, sumSpec, sumToSpec } from './reduce.ts';
import { reluSpec } from './relu.ts';
import { flattenSpec, reshapeSpec } from './reshape.ts';
import { rmspropUpdateSpecs } from './rmspropUpdate.ts';
import { sgdUpdateSpecs } from './sgdUpdate.ts';
import { sigmoidSpec } from './sigmoid.ts';
import { softmaxSpec } from './softmax.ts';
import { softmaxCrossEntropyOfWeightsSpec, softmaxCrossEntropySpec } from './softmaxCrossEntropy.ts';
import { softplusSpec } from './softplus.ts';
import { sumOfSquaresSpec } from './sumOfSquares.ts';
import { tanhSpec } from './tanh.ts';
import { weightedMeanSpec } from './weightedMean.ts';

export const opSpecs: readonly OpSpec<unknown>[] = [
  addSpec,
  avgPool2dSpec,
  batchNormInferenceSpec,
  batchNormTrainingSpec,
  batchNormTrainingOffsetSpec,
  biasAddSpec,
  binaryCrossEntropySpec,
  broadcastToSpec,
  clipScaleSpec,
  conv2dSpec,
  conv2dTilesSpec,
  conv2dFilterGradSpec,
  conv2dInputGradSpec,
  conv2dMaxPoolSpec,
  copySpec,
  correctByNumberSpec,
  correctByWeightSpec,
  correctBinarySpec,
  dropoutSpec,
  eluSpec,
  gatherRowsSpec,
  geluSpec,
  geluApproximateSpec,
  globalAvgPool2dSpec,
  leakyReluSpec,
  logSoftmaxSpec,
  matmulSpec,
  maxPool2dSpec,
  meanAbsoluteErrorSpec,
  meanSquaredErrorSpec,
  mulSpec,
  pad2dSpec,
  sumSpec,
  meanSpec,
  maxSpec,
  sumToSpec,
  reluSpec,
  reshapeSpec,
  flattenSpec,
  sigmoidSpec,
  softmaxSpec,
  softmaxCrossEntropySpec,
  softmaxCrossEntropyOfWeightsSpec,
  softplusSpec,
  sumOfSquaresSpec,
  tanhSpec,
  weightedMeanSpec,
];

export const updateSpecs: readonly UpdateSpec[] = [...adamUpdateSpecs, ...rmspropUpdateSpecs, ...sgdUpdateSpecs];
