/** The specs of all ops, and the list of all checks. */
import { type ActivationSpec, activationChecks } from '../activation.ts';
import { type Check, opChecks, updateChecks } from '../check.ts';
import type { OpSpec } from '../spec.ts';
import { trainingChecks } from '../training.ts';
import type { UpdateSpec } from '../update.ts';
import { accumulateChecks } from './accumulate.ts';
import { adamUpdateSpecs } from './adamUpdate.ts';
import { addSpec } from './add.ts';
import { addScaledSpecs } from './addScaled.ts';
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
import { conv2dTransposeSpec } from './conv2dTranspose.ts';
import { copySpec } from './copy.ts';
import { correctByNumberSpec, correctByWeightSpec } from './correct.ts';
import { correctBinarySpec } from './correctBinary.ts';
import { dropoutSpec } from './dropout.ts';
import { eluSpec } from './elu.ts';
import { conv2dEpilogueSpec, matmulEpilogueSpec } from './epilogue.ts';
import { fillChecks } from './fill.ts';
import { gatherIntegersSpec } from './gatherIntegers.ts';
import { gatherRowsSpec } from './gatherRows.ts';
import { geluApproximateSpec, geluSpec } from './gelu.ts';
import { globalAvgPool2dSpec } from './globalAvgPool2d.ts';
import { leakyReluSpec } from './leakyRelu.ts';
import { logSoftmaxSpec } from './logSoftmax.ts';
import { longSumChecks } from './longSums.ts';
import { lossScalingChecks } from './lossScaling.ts';
import { matmulSpec } from './matmul.ts';
import { maxPool2dSpec } from './maxPool2d.ts';
import { meanAbsoluteErrorSpec } from './meanAbsoluteError.ts';
import { meanSquaredErrorSpec } from './meanSquaredError.ts';
import { movingAverageChecks } from './movingAverage.ts';
import { mulSpec } from './mul.ts';
import { nonFiniteChecks } from './nonFinite.ts';
import { pad2dSpec } from './pad2d.ts';
import { pixelChannelsSpec } from './pixelChannels.ts';
import { randomAffineSpec } from './randomAffine.ts';
import { randomEraseSpec } from './randomErase.ts';
import { randomIntensitySpec } from './randomIntensity.ts';
import { maxSpec, meanSpec, sumSpec, sumToSpec } from './reduce.ts';
import { reluSpec } from './relu.ts';
import { flattenSpec, reshapeSpec } from './reshape.ts';
import { rmspropUpdateSpecs } from './rmspropUpdate.ts';
import { sgdUpdateSpecs } from './sgdUpdate.ts';
import { sigmoidSpec } from './sigmoid.ts';
import { softmaxSpec } from './softmax.ts';
import { softmaxCrossEntropyOfWeightsSpec, softmaxCrossEntropySpec } from './softmaxCrossEntropy.ts';
import { softmaxCrossEntropyTotalsChecks } from './softmaxCrossEntropyTotals.ts';
import { softplusSpec } from './softplus.ts';
import { sumOfSquaresSpec } from './sumOfSquares.ts';
import { tanhSpec } from './tanh.ts';
import { upSampling2dSpec } from './upSampling2d.ts';
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
  conv2dEpilogueSpec,
  conv2dFilterGradSpec,
  conv2dInputGradSpec,
  conv2dMaxPoolSpec,
  conv2dTransposeSpec,
  copySpec,
  correctByNumberSpec,
  correctByWeightSpec,
  correctBinarySpec,
  dropoutSpec,
  gatherIntegersSpec,
  pixelChannelsSpec,
  gatherRowsSpec,
  globalAvgPool2dSpec,
  logSoftmaxSpec,
  matmulSpec,
  matmulEpilogueSpec,
  maxPool2dSpec,
  meanAbsoluteErrorSpec,
  meanSquaredErrorSpec,
  mulSpec,
  pad2dSpec,
  randomAffineSpec,
  randomEraseSpec,
  randomIntensitySpec,
  sumSpec,
  meanSpec,
  maxSpec,
  sumToSpec,
  reluSpec,
  reshapeSpec,
  flattenSpec,
  softmaxSpec,
  softmaxCrossEntropySpec,
  softmaxCrossEntropyOfWeightsSpec,
  sumOfSquaresSpec,
  upSampling2dSpec,
  weightedMeanSpec,
];

export const activationSpecs: readonly ActivationSpec<unknown>[] = [
  eluSpec,
  geluSpec,
  geluApproximateSpec,
  leakyReluSpec,
  sigmoidSpec,
  softplusSpec,
  tanhSpec,
];

export const updateSpecs: readonly UpdateSpec[] = [
  ...adamUpdateSpecs,
  ...addScaledSpecs,
  ...rmspropUpdateSpecs,
  ...sgdUpdateSpecs,
];

/** All checks, op by op. */
export function allChecks(): Check[] {
  return [
    ...opSpecs.flatMap(opChecks),
    ...activationSpecs.flatMap((spec) => [...opChecks(spec), ...activationChecks(spec)]),
    ...softmaxCrossEntropyTotalsChecks,
    ...fillChecks,
    ...accumulateChecks,
    ...movingAverageChecks,
    ...nonFiniteChecks,
    ...lossScalingChecks,
    ...longSumChecks,
    ...updateSpecs.flatMap(updateChecks),
    ...trainingChecks,
  ];
}
