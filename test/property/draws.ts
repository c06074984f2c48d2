/** Random shapes and parameters for every op that has a reference. */

import { type ConvParams, products } from '../../src/selftest/convolution.ts';
import type { PoolParams } from '../../src/selftest/pool.ts';
import type { OpSpec } from '../../src/selftest/spec.ts';
import { addSpec } from '../../src/selftest/specs/add.ts';
import { avgPool2dSpec } from '../../src/selftest/specs/avgPool2d.ts';
import { batchNormInferenceSpec } from '../../src/selftest/specs/batchNormInference.ts';
import { batchNormTrainingOffsetSpec, batchNormTrainingSpec } from '../../src/selftest/specs/batchNormTraining.ts';
import { biasAddSpec } from '../../src/selftest/specs/biasAdd.ts';
import { binaryCrossEntropySpec } from '../../src/selftest/specs/binaryCrossEntropy.ts';
import { broadcastToSpec } from '../../src/selftest/specs/broadcastTo.ts';
import { clipScaleSpec } from '../../src/selftest/specs/clipScale.ts';
import { conv2dSpec, conv2dTilesSpec } from '../../src/selftest/specs/conv2d.ts';
import { conv2dFilterGradSpec } from '../../src/selftest/specs/conv2dFilterGrad.ts';
import { conv2dInputGradSpec } from '../../src/selftest/specs/conv2dInputGrad.ts';
import { conv2dMaxPoolSpec } from '../../src/selftest/specs/conv2dMaxPool.ts';
import { conv2dTransposeSpec } from '../../src/selftest/specs/conv2dTranspose.ts';
import { copySpec } from '../../src/selftest/specs/copy.ts';
import { correctByNumberSpec, correctByWeightSpec } from '../../src/selftest/specs/correct.ts';
import { correctBinarySpec } from '../../src/selftest/specs/correctBinary.ts';
import { dropoutSpec } from '../../src/selftest/specs/dropout.ts';
import { eluSpec } from '../../src/selftest/specs/elu.ts';
import { conv2dEpilogueSpec, epilogueActivations, matmulEpilogueSpec } from '../../src/selftest/specs/epilogue.ts';
import { gatherIntegersSpec, wordsOf } from '../../src/selftest/specs/gatherIntegers.ts';
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
import { pixelChannelsSpec } from '../../src/selftest/specs/pixelChannels.ts';
import { randomAffineSpec } from '../../src/selftest/specs/randomAffine.ts';
import { randomEraseSpec } from '../../src/selftest/specs/randomErase.ts';
import { randomIntensitySpec } from '../../src/selftest/specs/randomIntensity.ts';
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
import { NARROW_INTEGERS } from '../../src/tensor.ts';
import { affine, intensity, rectangle } from './augmentation.ts';
import type { Choices } from './choices.ts';
import { bounded, convolution, MOST_WORK, transposed } from './convolutions.ts';
import { anyShape, broadcastable, CHANNELS, drawWindow, imageShape, type Shape, within } from './shapes.ts';

export interface DrawnShapes<P> {
  readonly shapes: readonly Shape[];
  readonly params: P;
}

type Draw<P> = (choose: Choices) => DrawnShapes<P>;

const draws = new Map<unknown, unknown>();

function put<P>(spec: OpSpec<P>, draw: Draw<P>): void {
  draws.set(spec, draw);
}

/** How a spec's random cases are drawn; undefined for one that this file has forgotten. */
export function drawOf<P>(spec: OpSpec<P>): Draw<P> | undefined {
  return draws.get(spec) as Draw<P> | undefined;
}

for (const spec of [addSpec, mulSpec]) {
  put(spec, (choose) => {
    const y = anyShape(choose, 1500);
    return { shapes: [broadcastable(choose, y), broadcastable(choose, y)], params: {} };
  });
}
put(biasAddSpec, (choose) => {
  const x = anyShape(choose);
  return { shapes: [x, [x.at(-1)!]], params: {} };
});
put(copySpec, (choose) => ({ shapes: [anyShape(choose)], params: undefined }));
put(broadcastToSpec, (choose) => {
  const shape = [...anyShape(choose)];
  const scale = choose.of([undefined, 0.5, -3]);
  return { shapes: [broadcastable(choose, shape)], params: { shape, ...(scale ? { scale } : {}) } };
});
put(sumToSpec, (choose) => {
  const x = anyShape(choose, 1500);
  return { shapes: [x], params: { shape: [...broadcastable(choose, x)] } };
});
for (const spec of [sumSpec, meanSpec, maxSpec]) {
  put(spec, (choose) => {
    const x = anyShape(choose);
    const axes = x.flatMap((_, axis) => (choose.chance(2) ? [choose.chance(3) ? axis - x.length : axis] : []));
    const keepDims = choose.chance(2);
    return { shapes: [x], params: choose.chance(6) ? { keepDims } : { axes, keepDims } };
  });
}
put(sumOfSquaresSpec, (choose) => ({ shapes: [anyShape(choose)], params: {} }));
put(weightedMeanSpec, (choose) => {
  const n = 1 + choose.below(700);
  return { shapes: [[n], [n], [1]], params: { rows: 1 + choose.below(n) } };
});
put(reshapeSpec, (choose) => {
  const x = anyShape(choose);
  const size = x.reduce((a, b) => a * b, 1);
  const divisor = choose.of([1, 2, 3, 4, 5].filter((n) => size % n === 0));
  const shape = choose.of([[size], [...x].reverse(), [divisor, size / divisor], [1, ...x, 1]]);
  return { shapes: [x], params: { shape } };
});
put(flattenSpec, (choose) => ({ shapes: [anyShape(choose)], params: {} }));

put(reluSpec, (choose) => ({ shapes: [anyShape(choose)], params: {} }));
put(leakyReluSpec, (choose) => ({ shapes: [anyShape(choose)], params: choose.of([{}, { alpha: 0.01 }, { alpha: -1 }, { alpha: 0 }]) })); // biome-ignore format: one line an op
put(eluSpec, (choose) => ({ shapes: [anyShape(choose)], params: choose.of([{}, { alpha: 0.5 }, { alpha: -2 }, { alpha: 0 }]) })); // biome-ignore format: one line an op
for (const spec of [tanhSpec, sigmoidSpec, softplusSpec]) {
  put(spec, (choose) => ({ shapes: [anyShape(choose)], params: {} }));
}
put(geluSpec, (choose) => ({ shapes: [anyShape(choose)], params: {} }));
put(geluApproximateSpec, (choose) => ({ shapes: [anyShape(choose)], params: { approximate: true } }));
for (const spec of [softmaxSpec, logSoftmaxSpec]) {
  put(spec, (choose) => {
    const scale = choose.of([4, 1, 16, 0.125]);
    return { shapes: [anyShape(choose)], params: { scale, offset: choose.of([0, 0, 64, -64]) } };
  });
}
put(dropoutSpec, (choose) => {
  const params = { rate: choose.of([0.5, 0.1, 0.9, 0.25, 0]), salt: choose.below(9), seed: choose.below(9999) };
  return { shapes: [anyShape(choose), [1]], params };
});

function channelsLast(choose: Choices): Shape {
  return choose.chance(2) ? imageShape(choose) : within([1 + choose.below(90), choose.of(CHANNELS)], 3000);
}
put(batchNormInferenceSpec, (choose) => {
  const x = channelsLast(choose);
  const c = [x.at(-1)!];
  const epsilon = choose.of([undefined, 1e-5, 0.5]);
  const params = { ...(epsilon ? { epsilon } : {}), offset: choose.of([0, 0, 16]) };
  return { shapes: [x, c, c, c, c], params };
});
put(batchNormTrainingSpec, (choose) => {
  const x = channelsLast(choose);
  const c = [x.at(-1)!];
  const epsilon = choose.of([undefined, 0.5, 0.01]);
  const rows = choose.of([x[0]!, 1 + choose.below(x[0]!), x[0]! + 3]);
  return { shapes: [x, c, c, [1]], params: { rows, ...(epsilon ? { epsilon } : {}) } };
});
put(batchNormTrainingOffsetSpec, (choose) => {
  // As many values as make their deviation about 1, which is what the tolerance is relative to.
  const c = choose.of(CHANNELS);
  return { shapes: [[65 + choose.below(60), c], [c], [c], [1]], params: { rows: 64, offset: 1000 } };
});

put(matmulSpec, (choose) => {
  const size = () =>
    choose.of([1 + choose.below(12), choose.of([16, 33, 64, 65, 128, 130, 68]), 1 + choose.below(140)]);
  const [m, n] = [size(), size()];
  const k = Math.min(choose.of([size(), 1 + choose.below(1000)]), Math.max(1, Math.floor(MOST_WORK / (m * n))));
  const [transposeA, transposeB] = [choose.chance(2), choose.chance(2)];
  const shapes = [transposeA ? [k, m] : [m, k], transposeB ? [n, k] : [k, n]];
  return { shapes, params: { transposeA, transposeB } };
});

put(conv2dSpec, (choose) => {
  const { x, w, params } = bounded(convolution(choose));
  return { shapes: [x, w], params };
});
put(conv2dTilesSpec, (choose) => {
  // Pixels, filters and sums about the sizes of the tiles that workgroups share.
  const around = (n: number) => n - 2 + choose.below(5);
  const x = choose.of([[1, 1, around(64), 4], [2, 5, 13, 8], [1, 4, around(32), 3]]); // biome-ignore format: a list
  const kernel = choose.of([[1, 1], [1, 2], [2, 1]]); // biome-ignore format: a list
  const w = [...kernel, x[3]!, choose.of([around(32), around(64), choose.of([36, 68, 128])])];
  const padding = choose.of(['same', 'valid'] as const);
  // One row has no room for two.
  return { shapes: [x, w], params: { padding: x[1] === 1 ? 'same' : padding } };
});
const epilogue = (choose: Choices) => ({
  activation: choose.of(epilogueActivations),
  ...(choose.chance(3) ? { predict: true as const } : {}),
});
put(conv2dEpilogueSpec, (choose) => {
  const { x, w, params } = bounded(convolution(choose));
  return { shapes: [x, w, [w[3]!]], params: { ...params, ...epilogue(choose) } };
});
put(matmulEpilogueSpec, (choose) => {
  const [m, k, n] = [1 + choose.below(70), 1 + choose.below(300), 1 + choose.below(70)];
  return { shapes: [[m, k], [k, n], [n]], params: epilogue(choose) }; // biome-ignore format: a list
});
put(conv2dInputGradSpec, (choose) => {
  const { x, w, params } = bounded(convolution(choose));
  return { shapes: [products(x, w, params), w], params: { ...params, x } };
});
put(conv2dFilterGradSpec, (choose) => {
  const { x, w, params } = bounded(convolution(choose));
  return { shapes: [x, products(x, w, params)], params: { ...params, w } };
});
put(conv2dTransposeSpec, transposed);
put(upSampling2dSpec, (choose) => {
  const size = [1 + choose.below(6), 1 + choose.below(6)] as const;
  return {
    shapes: [imageShape(choose, 400)],
    params: { size, interpolation: choose.of(['nearest', 'bilinear'] as const) },
  };
});
put(conv2dMaxPoolSpec, (choose) => {
  const [n, h, width, c] = imageShape(choose, 1000) as [number, number, number, number];
  const most = choose.chance(6) ? { kernel: 8, dilation: 1 } : { kernel: 5, dilation: 3 };
  const { kernel, strides, dilation, padding } = drawWindow(choose, [h, width], most, false);
  const k = choose.of([4, 8, 12, 16]);
  const conv = { strides, dilation, padding } as Omit<ConvParams, 'kernel'>;
  const [, oh, ow] = products([n, h, width, c], [...kernel, c, k], conv) as [number, number, number];
  const pool = [1 + choose.below(Math.min(5, oh)), 1 + choose.below(Math.min(5, ow))] as const;
  const activation = choose.of(['relu', 'relu', 'linear'] as const);
  const [x, w] = [[n, h, width, c], [...kernel, c, k]]; // biome-ignore format: pairs
  return { shapes: choose.chance(4) ? [x, w] : [x, w, [k]], params: { ...conv, pool, activation } };
});
put(pad2dSpec, (choose) => {
  const n = () => choose.below(5);
  return { shapes: [imageShape(choose)], params: { padding: [[n(), n()] as const, [n(), n()] as const] as const } };
});
put(randomAffineSpec, affine);
put(randomEraseSpec, rectangle);
put(randomIntensitySpec, intensity);
for (const spec of [maxPool2dSpec, avgPool2dSpec]) {
  put(spec, (choose) => {
    const x = imageShape(choose);
    const { kernel, strides, padding } = drawWindow(choose, x.slice(1, 3), { kernel: 5, dilation: 1 }, true);
    const own = choose.chance(2) ? { strides } : {};
    return { shapes: [x], params: { poolSize: kernel, ...own, padding } as PoolParams };
  });
}
put(globalAvgPool2dSpec, (choose) => ({ shapes: [imageShape(choose)], params: {} }));

for (const spec of [binaryCrossEntropySpec, meanSquaredErrorSpec, meanAbsoluteErrorSpec]) {
  put(spec, (choose) => {
    const x = anyShape(choose);
    return { shapes: [x, x], params: {} };
  });
}
const rowsOfClasses = (choose: Choices): [number, number] => [1 + choose.below(150), 1 + choose.below(34)];
put(softmaxCrossEntropySpec, (choose) => {
  const [n, classes] = rowsOfClasses(choose);
  return { shapes: [[n, classes], [n]], params: classes };
});
put(softmaxCrossEntropyOfWeightsSpec, (choose) => {
  const x = rowsOfClasses(choose);
  return { shapes: [x, x], params: {} };
});
put(correctByNumberSpec, (choose) => {
  const [n, classes] = rowsOfClasses(choose);
  return { shapes: [[n, classes], [n]], params: { classes } };
});
put(correctByWeightSpec, (choose) => {
  const [n, classes] = rowsOfClasses(choose);
  return { shapes: [[n, classes], [n, classes]], params: { classes } }; // biome-ignore format: pairs
});
put(correctBinarySpec, (choose) => {
  const n = 1 + choose.below(600);
  const column = () => (choose.chance(2) ? [n, 1] : [n]);
  return { shapes: [column(), column()], params: {} };
});
put(gatherRowsSpec, (choose) => {
  const batch = 1 + choose.below(40);
  return { shapes: [anyShape(choose), [batch], [1]], params: { rows: choose.below(batch + 1) } };
});
put(gatherIntegersSpec, (choose) => {
  const batch = 1 + choose.below(40);
  const type = choose.of(NARROW_INTEGERS);
  const params = { rows: choose.below(batch + 1), type, shape: anyShape(choose, 300), count: 1 + choose.below(9) };
  return { shapes: [[wordsOf(params)], [batch], [1]], params };
});
put(pixelChannelsSpec, (choose) => {
  const [batch, width] = [1 + choose.below(6), 1 + choose.below(40)];
  const params = { rows: choose.below(batch + 1), width, channels: choose.of([1, 3, 4] as const) };
  return { shapes: [[batch, 1 + choose.below(20), width + choose.below(9)], [1]], params };
});
put(clipScaleSpec, (choose) => {
  const x = choose.of([9, 0, 1e-12, 1e12, choose.below(1000) / 7]);
  return { shapes: [[1]], params: { x, clipNorm: choose.of([1, 1e-3, 3, 100, 0.1]) } };
});
