/** The ops in TensorFlow.js, as far as it has them: what the references are compared with. */

import { both } from '../../src/selftest/convolution.ts';
import type { OpSpec } from '../../src/selftest/spec.ts';
import { addSpec } from '../../src/selftest/specs/add.ts';
import { avgPool2dSpec } from '../../src/selftest/specs/avgPool2d.ts';
import { batchNormInferenceSpec } from '../../src/selftest/specs/batchNormInference.ts';
import {
  type Params as BatchNorm,
  batchNormTrainingOffsetSpec,
  batchNormTrainingSpec,
} from '../../src/selftest/specs/batchNormTraining.ts';
import { biasAddSpec } from '../../src/selftest/specs/biasAdd.ts';
import { binaryCrossEntropySpec } from '../../src/selftest/specs/binaryCrossEntropy.ts';
import { broadcastToSpec } from '../../src/selftest/specs/broadcastTo.ts';
import { conv2dSpec, conv2dTilesSpec } from '../../src/selftest/specs/conv2d.ts';
import { conv2dMaxPoolSpec } from '../../src/selftest/specs/conv2dMaxPool.ts';
import { conv2dTransposeSpec } from '../../src/selftest/specs/conv2dTranspose.ts';
import { copySpec } from '../../src/selftest/specs/copy.ts';
import { correctByNumberSpec, correctByWeightSpec } from '../../src/selftest/specs/correct.ts';
import { correctBinarySpec } from '../../src/selftest/specs/correctBinary.ts';
import { eluSpec } from '../../src/selftest/specs/elu.ts';
import { gatherRowsSpec } from '../../src/selftest/specs/gatherRows.ts';
import { geluApproximateSpec, geluSpec } from '../../src/selftest/specs/gelu.ts';
import { globalAvgPool2dSpec } from '../../src/selftest/specs/globalAvgPool2d.ts';
import { leakyReluSpec } from '../../src/selftest/specs/leakyRelu.ts';
import { logSoftmaxSpec } from '../../src/selftest/specs/logSoftmax.ts';
import { matmulSpec } from '../../src/selftest/specs/matmul.ts';
import { maxPool2dSpec } from '../../src/selftest/specs/maxPool2d.ts';
import { meanAbsoluteErrorSpec } from '../../src/selftest/specs/meanAbsoluteError.ts';
import { meanSquaredErrorSpec } from '../../src/selftest/specs/meanSquaredError.ts';
import { mulSpec } from '../../src/selftest/specs/mul.ts';
import { pad2dSpec } from '../../src/selftest/specs/pad2d.ts';
import { mapOf, randomAffineSpec } from '../../src/selftest/specs/randomAffine.ts';
import { amountOf, randomIntensitySpec } from '../../src/selftest/specs/randomIntensity.ts';
import { maxSpec, meanSpec, sumSpec, sumToSpec } from '../../src/selftest/specs/reduce.ts';
import { reluSpec } from '../../src/selftest/specs/relu.ts';
import { flattenSpec, reshapeSpec } from '../../src/selftest/specs/reshape.ts';
import { sigmoidSpec } from '../../src/selftest/specs/sigmoid.ts';
import { softmaxSpec } from '../../src/selftest/specs/softmax.ts';
import {
  softmaxCrossEntropyOfWeightsSpec,
  softmaxCrossEntropySpec,
} from '../../src/selftest/specs/softmaxCrossEntropy.ts';
import { softplusSpec } from '../../src/selftest/specs/softplus.ts';
import { sumOfSquaresSpec } from '../../src/selftest/specs/sumOfSquares.ts';
import { tanhSpec } from '../../src/selftest/specs/tanh.ts';
import { upSampling2dSpec } from '../../src/selftest/specs/upSampling2d.ts';
import { weightedMeanSpec } from '../../src/selftest/specs/weightedMean.ts';
import { tfConv, tfConvTranspose, tfForwardOnly } from './convolution.ts';
import type { Oracle } from './oracle.ts';
import { tfPool } from './pool.ts';
import type { TfTensor } from './tensorflow.ts';

const oracles = new Map<unknown, unknown>();

function put<P>(spec: OpSpec<P>, oracle: NonNullable<Oracle<P>['oracle']>, oracleForwardOnly?: (params: P) => boolean) {
  oracles.set(spec, { oracle, ...(oracleForwardOnly ? { oracleForwardOnly } : {}) });
}

/** What TensorFlow.js makes of a spec's cases; nothing where it has no such op. */
export function oracleOf<P>(spec: OpSpec<P>): Oracle<P> {
  return (oracles.get(spec) ?? {}) as Oracle<P>;
}

put(addSpec, (tf, [a, b]) => tf.add(a!, b!));
put(mulSpec, (tf, [a, b]) => tf.mul(a!, b!));
put(biasAddSpec, (tf, [x, b]) => tf.add(x!, b!));
put(copySpec, (_, [x]) => x!.clone());
put(reshapeSpec, (_, [x], { shape }) => x!.reshape(shape));
put(flattenSpec, (_, [x]) => x!.reshape([x!.shape[0]!, x!.size / x!.shape[0]!]));
// TensorFlow.js has no gradient of tile beyond four axes.
put(broadcastToSpec, (tf, [x], { shape, scale = 1 }) => tf.broadcastTo(x!, shape as never).mul(scale), ({ shape }) => shape.length > 4); // biome-ignore format: one line an op

put(sumSpec, (tf, [x], { axes, keepDims = false }) => tf.sum(x!, axes, keepDims));
put(meanSpec, (tf, [x], { axes, keepDims = false }) => tf.mean(x!, axes, keepDims));
put(maxSpec, (tf, [x], { axes, keepDims = false }) => tf.max(x!, axes, keepDims));
put(sumToSpec, (_, [x], { shape }) => {
  const lead = x!.shape.length - shape.length;
  const axes = x!.shape.flatMap((n, axis) => (axis < lead || (shape[axis - lead] === 1 && n > 1) ? [axis] : []));
  return x!.sum(axes).reshape(shape);
});
put(sumOfSquaresSpec, (_, [x]) => x!.square().sum());
put(weightedMeanSpec, (_, [values, weights, rows]) => values!.mul(weights!).sum().div(rows!.toFloat()));

put(reluSpec, (_, [x]) => x!.relu());
put(leakyReluSpec, (tf, [x], { alpha = 0.3 }) => tf.leakyRelu(x!, alpha));
// TensorFlow.js' own takes no alpha. Away from 0, x - relu(x) is min(x, 0).
put(eluSpec, (tf, [x], { alpha }) =>
  alpha === undefined ? tf.elu(x!) : tf.add(tf.relu(x!), tf.mul(alpha, tf.expm1(tf.sub(x!, tf.relu(x!))))),
);
put(tanhSpec, (tf, [x]) => tf.tanh(x!));
put(sigmoidSpec, (tf, [x]) => tf.sigmoid(x!));
put(softplusSpec, (tf, [x]) => tf.softplus(x!));
put(geluSpec, (tf, [x]) => tf.mul(tf.mul(0.5, x!), tf.add(1, tf.erf(tf.div(x!, Math.SQRT2)))));
put(geluApproximateSpec, (tf, [x]) =>
  tf.mul(
    tf.mul(0.5, x!),
    tf.add(1, tf.tanh(tf.mul(Math.sqrt(2 / Math.PI), tf.add(x!, tf.mul(0.044715, tf.pow(x!, 3)))))),
  ),
);
put(softmaxSpec, (tf, [x]) => tf.softmax(x!));
put(logSoftmaxSpec, (tf, [x]) => tf.logSoftmax(x!));

put(batchNormInferenceSpec, (tf, [x, gamma, beta, mean, variance], { epsilon = 1e-3 }) =>
  tf.add(tf.mul(tf.div(tf.sub(x!, mean!), tf.sqrt(tf.add(variance!, epsilon))), gamma!), beta!),
);
const batchNorm: Oracle<BatchNorm>['oracle'] = (tf, [x, gamma, beta], { rows, epsilon = 1e-3 }) => {
  const [n, ...rest] = x!.shape as [number, ...number[]];
  const valid = Math.min(rows, n);
  const slice = tf.slice(x!, 0, valid);
  const { mean, variance } = tf.moments(
    slice,
    x!.shape.slice(0, -1).map((_, axis) => axis),
  );
  const xhat = tf.div(tf.sub(slice, mean), tf.sqrt(tf.add(variance, epsilon)));
  const y = tf.add(tf.mul(xhat, gamma!), beta!);
  return valid === n ? y : tf.concat([y, tf.zeros([n - valid, ...rest])], 0);
};
put(batchNormTrainingSpec, batchNorm);
put(batchNormTrainingOffsetSpec, batchNorm);

put(matmulSpec, (tf, [a, b], { transposeA, transposeB }) => tf.matMul(a!, b!, transposeA, transposeB));
put(conv2dSpec, (tf, [x, w], params) => tfConv(tf, x!, w!, params), tfForwardOnly);
put(conv2dTilesSpec, (tf, [x, w], params) => tfConv(tf, x!, w!, params), tfForwardOnly);
put(
  conv2dMaxPoolSpec,
  (tf, [x, w, b], { pool, activation, ...conv }) => {
    const z = tfConv(tf, x!, w!, conv);
    if (!z) return undefined;
    const sum = b ? tf.add(z, b) : z;
    const size = [...pool] as [number, number];
    return tf.maxPool((activation === 'linear' ? sum : tf.relu(sum)) as never, size, size, 'valid');
  },
  tfForwardOnly,
);
put(conv2dTransposeSpec, (tf, [x, w], params) => tfConvTranspose(tf, x!, w!, params));
// TensorFlow.js has no gradient for pixels whose centers are at halves. Its gradient of `nearest` on the CPU is wrong for all
// images of a batch but the first, so it is given one by one.
put(
  upSampling2dSpec,
  (tf, [x], { size = 2, interpolation }) => {
    const [n, h, w, c] = x!.shape as [number, number, number, number];
    const [fy, fx] = both(size) as [number, number];
    const to: [number, number] = [h * fy, w * fx];
    if (interpolation === 'bilinear') return tf.image.resizeBilinear(x as never, to, false, true);
    const images = Array.from({ length: n }, (_, b) => tf.slice(x!, [b, 0, 0, 0], [1, h, w, c]));
    return tf.concat(images.map((image) => tf.image.resizeNearestNeighbor(image as never, to)));
  },
  ({ interpolation }) => interpolation === 'bilinear',
);
// The draws are the reference's own; what becomes of them is TensorFlow.js', which has no gradient of it. Its `wrap` mixes no last
// pixel with a first one; and on the CPU all images of a batch but the first become 0, so they are given one by one.
put(
  randomAffineSpec,
  (tf, [x], params) => {
    const { crop, flip, fillMode = 'reflect', fillValue = 0 } = params;
    const [n, h, w, c] = x!.shape as [number, number, number, number];
    const copies = crop !== undefined || flip !== undefined;
    if (fillMode === 'wrap' && !copies) return undefined;
    const interpolation = copies ? 'nearest' : (params.interpolation ?? 'bilinear');
    const size = [...(crop ?? [h, w])] as [number, number];
    const images = Array.from({ length: n }, (_, b) => {
      const { rows, columns } = mapOf(b, x!.shape, params);
      const map = tf.tensor2d([[columns[1], columns[0], columns[2], rows[1], rows[0], rows[2], 0, 0]]);
      const image = tf.slice(x!, [b, 0, 0, 0], [1, h, w, c]);
      return tf.image.transform(image as never, map, interpolation, fillMode, fillValue, size);
    });
    return tf.concat(images);
  },
  () => true,
);
put(randomIntensitySpec, (tf, [x], params) => {
  const amounts = tf.tensor4d(Array.from({ length: x!.shape[0]! }, (_, b) => [[[amountOf(b, params)]]]));
  const mean = tf.mean(x!, [1, 2], true);
  const y = params.contrast ? tf.add(tf.mul(tf.sub(x!, mean), amounts), mean) : tf.add(x!, amounts);
  return tf.clipByValue(y, ...params.valueRange);
});
put(pad2dSpec, (tf, [x], { padding: [rows, columns] }) =>
  tf.pad(x!, [[0, 0], [...rows], [...columns], [0, 0]] as [number, number][]),
);
put(maxPool2dSpec, (tf, [x], params) => tf.maxPool(x as never, ...tfPool(params)));
// TensorFlow.js' gradient divides by the window's size, padding counted, unlike its value and unlike TensorFlow.
put(
  avgPool2dSpec,
  (tf, [x], params) => tf.avgPool(x as never, ...tfPool(params)),
  ({ padding }) => padding !== undefined,
);
put(globalAvgPool2dSpec, (tf, [x]) => tf.mean(x!, [1, 2]));

const rows = (elements: TfTensor): TfTensor => elements.reshape([elements.shape[0]!, -1]).mean(1);
put(binaryCrossEntropySpec, (tf, [z, t]) =>
  rows(tf.losses.sigmoidCrossEntropy(t!, z!, undefined, 0, tf.Reduction.NONE)),
);
put(meanSquaredErrorSpec, (tf, [p, t]) => rows(tf.squaredDifference(p!, t!)));
put(meanAbsoluteErrorSpec, (tf, [p, t]) => rows(tf.abs(tf.sub(p!, t!))));
put(softmaxCrossEntropySpec, (tf, [logits, labels], classes) => {
  // tf.oneHot knows no single class.
  const truth = tf.oneHot(labels!.toInt(), classes + 1).slice([0, 0], [-1, classes]);
  return truth.mul(tf.logSoftmax(logits!)).sum(-1).neg();
});
put(softmaxCrossEntropyOfWeightsSpec, (tf, [logits, truth]) => truth!.mul(tf.logSoftmax(logits!)).sum(-1).neg());
// TensorFlow.js takes a NaN for the largest score, or for none, as its loops happen to go; here no such row is right.
put(correctByNumberSpec, (_, [scores, labels]) =>
  scores!.argMax(-1).equal(labels!.toInt()).greater(scores!.isNaN().any(-1)).toFloat(),
);
put(correctByWeightSpec, (_, [scores, truth]) =>
  scores!.argMax(-1).equal(truth!.argMax(-1)).greater(scores!.isNaN().any(-1)).toFloat(),
);
put(correctBinarySpec, (_, [logits, truth]) => {
  const z = logits!.flatten();
  return z.greater(0).equal(truth!.flatten().greater(0.5)).greater(z.isNaN()).toFloat();
});
put(gatherRowsSpec, (tf, [data, indices], { rows: count }) => {
  const [n, rest] = [indices!.shape[0]!, data!.shape.slice(1)];
  const found = tf.gather(data!, indices!.toInt());
  const real = tf
    .range(0, n)
    .less(count)
    .reshape([n, ...rest.map(() => 1)]);
  return found.mul(real.toFloat());
});
