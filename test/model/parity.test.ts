/** Training runs against TensorFlow.js on the CPU: same weights, same batches, ten Adam steps. */
import { describe, expect, test } from 'vitest';
import { presets } from '../../src/brain/index.ts';
import { adam, layers, rmsprop, sequential, sgd } from '../../src/index.ts';
import type { NamedWeight } from '../../src/nn/file/weights.ts';
import type { LayerSpec } from '../../src/nn/layers/layer.ts';
import { randomIntegers, randomStream } from '../support/arrays.ts';
import { testDevice } from '../support/device.ts';
import { type Tf, tensorflow } from '../support/tensorflow.ts';

type TfLayer = ReturnType<Tf['layers']['dense']>;

/** The same layers in TensorFlow.js: the options have its names, except where the factory is called otherwise. */
function tfLayer(tf: Tf, { type, options }: LayerSpec): TfLayer {
  const factories: Record<string, (args: never) => unknown> = {
    conv2d: tf.layers.conv2d,
    conv2dTranspose: tf.layers.conv2dTranspose,
    depthwiseConv2d: tf.layers.depthwiseConv2d,
    dense: tf.layers.dense,
    maxPool2d: tf.layers.maxPooling2d,
    avgPool2d: tf.layers.averagePooling2d,
    globalAvgPool2d: tf.layers.globalAveragePooling2d,
    upSampling2d: tf.layers.upSampling2d,
    flatten: tf.layers.flatten,
    batchNormalization: tf.layers.batchNormalization,
    activation: tf.layers.activation,
  };
  return factories[type]!({ ...options } as never) as TfLayer;
}

/**
 * Keras adds epsilon to sqrt(v), TensorFlow.js to the bias-corrected sqrt(v / (1 - beta2^t)), which in the first steps is
 * up to 32 times as large. With the default of 1e-7 that alone moves weights of tiny gradients by 1e-3 in ten steps; this
 * small, it is of no account on either side, and everything else is compared.
 */
const EPSILON = 1e-10;

interface Run {
  readonly specs: readonly LayerSpec[];
  readonly batches: readonly { readonly x: Float32Array; readonly y: Int32Array }[];
  readonly shape: readonly number[];
  readonly classes: number;
  readonly optimizer?: 'adam' | 'sgd' | 'rmsprop';
}

function randomBatches(sizes: readonly number[], shape: readonly number[], classes: number) {
  const random = randomStream(11);
  const length = shape.reduce((a, b) => a * b, 1);
  return sizes.map((size) => ({
    x: Float32Array.from({ length: size * length }, () => random()),
    y: Int32Array.from(randomIntegers([size], classes, random).data),
  }));
}

async function compare({ specs, batches, shape, classes, optimizer = 'adam' }: Run): Promise<void> {
  const tf = await tensorflow();
  const model = sequential(specs);
  const ours = {
    adam: adam({ learningRate: 1e-3, epsilon: EPSILON }),
    sgd: sgd({ learningRate: 0.01, momentum: 0.9, nesterov: true }),
    rmsprop: rmsprop({ learningRate: 1e-3 }),
  };
  await model.compile({
    optimizer: ours[optimizer],
    loss: 'sparseCategoricalCrossentropy',
    metrics: ['accuracy'],
    seed: 5,
    device: await testDevice(),
  });
  const start = await model.getWeights();
  const reference = tf.sequential({ layers: specs.map((spec) => tfLayer(tf, spec)) });
  // Layer by layer: a whole model of TensorFlow.js lists the moving averages of all layers last.
  for (const layer of reference.layers) {
    const own = start.filter(({ name }) => name.startsWith(`${model.layers[reference.layers.indexOf(layer)]!.name}/`));
    layer.setWeights(own.map(({ data, shape }) => tf.tensor(data, [...shape])));
  }
  const theirs = {
    adam: tf.train.adam(1e-3, 0.9, 0.999, EPSILON),
    sgd: tf.train.momentum(0.01, 0.9, true),
    rmsprop: tf.train.rmsprop(1e-3, 0.9, 0, 1e-7),
  };
  reference.compile({
    optimizer: theirs[optimizer],
    loss: (yTrue, yPred) => tf.losses.softmaxCrossEntropy(yTrue as never, yPred as never),
  });
  for (const [step, { x, y }] of batches.entries()) {
    const { loss } = await model.trainOnBatch({ data: x, shape: [y.length, ...shape] }, y);
    const inputs = tf.tensor(x, [y.length, ...shape]);
    const want = (await reference.trainOnBatch(inputs, tf.oneHot(tf.tensor1d(y, 'int32'), classes))) as number;
    expect(Math.abs(loss! - want) / Math.abs(want), `loss of step ${step}: got ${loss}, want ${want}`).toBeLessThan(
      1e-4,
    );
  }
  const got = await model.getWeights();
  const want = reference.layers.flatMap((layer) => layer.getWeights());
  expect(got.map(({ shape }) => shape)).toEqual(want.map(({ shape }) => shape));
  const moved = got.map((w, i) => Math.max(...w.data.map((v, j) => Math.abs(v - start[i]!.data[j]!))));
  for (const [i, { name, data }] of got.entries()) {
    expect(worst(data, want[i]!.dataSync() as Float32Array), `${name}, which moved by ${moved[i]}`).toBeLessThan(1e-3);
    expect(moved[i], `${name} was trained`).toBeGreaterThan(1e-4);
  }
  model.dispose();
}

function worst(got: NamedWeight['data'], want: Float32Array): number {
  return got.reduce((error, value, i) => Math.max(error, Math.abs(value - want[i]!)), 0);
}

const shape = [16, 14, 3];
const ten = Array.from({ length: 10 }, () => 8);

describe('ten steps agree with TensorFlow.js: losses to 1e-4 relative, weights to 1e-3', () => {
  const small = [
    layers.conv2d({ inputShape: shape, filters: 5, kernelSize: 3, activation: 'relu' }),
    layers.maxPool2d({ poolSize: 2 }),
    layers.flatten(),
    layers.dense({ units: 12, activation: 'tanh' }),
    layers.dense({ units: 3 }),
  ];

  test('conv, pool, dense', () => compare({ specs: small, shape, classes: 3, batches: randomBatches(ten, shape, 3) }));

  test('a partial last batch', () =>
    compare({ specs: small, shape, classes: 3, batches: randomBatches([8, 8, 8, 3, 8, 8, 8, 8, 8, 1], shape, 3) }));

  test('SGD with Nesterov momentum', () =>
    compare({ specs: small, shape, classes: 3, batches: randomBatches(ten, shape, 3), optimizer: 'sgd' }));

  test('RMSprop', () =>
    compare({ specs: small, shape, classes: 3, batches: randomBatches(ten, shape, 3), optimizer: 'rmsprop' }));

  // No biases before batch-norm: their gradient is rounding noise, which Adam turns into steps.
  test('batch-norm, depthwise, average pools, elu', () =>
    compare({
      specs: [
        layers.conv2d({ inputShape: shape, filters: 6, kernelSize: 3, padding: 'same', useBias: false }),
        layers.batchNormalization(),
        layers.activation({ activation: 'elu' }),
        layers.avgPool2d({ poolSize: 2 }),
        layers.depthwiseConv2d({ kernelSize: 3, depthMultiplier: 2, useBias: false }),
        layers.batchNormalization({ momentum: 0.9 }),
        layers.globalAvgPool2d(),
        layers.dense({ units: 3 }),
      ],
      shape,
      classes: 3,
      batches: randomBatches(ten, shape, 3),
    }));

  test('stride 2 with same padding, on even and odd sizes', () =>
    compare({
      specs: [
        layers.conv2d({
          inputShape: shape,
          filters: 4,
          kernelSize: 3,
          strides: 2,
          padding: 'same',
          activation: 'relu',
        }),
        layers.conv2d({ filters: 6, kernelSize: 5, strides: 2, padding: 'same', activation: 'sigmoid' }),
        layers.conv2d({ filters: 6, kernelSize: [2, 3], strides: [1, 2], padding: 'same', activation: 'softplus' }),
        layers.maxPool2d({ poolSize: 3, strides: 2, padding: 'same' }),
        layers.flatten(),
        layers.dense({ units: 3 }),
      ],
      shape,
      classes: 3,
      batches: randomBatches(ten, shape, 3),
    }));

  // First of all layers: TensorFlow.js' gradient of nearest pixels is wrong on the CPU for all images of a batch but the first.
  test('transposed convolutions, same and valid, upsampling', () =>
    compare({
      specs: [
        layers.upSampling2d({ inputShape: [4, 3, 3], size: [2, 1] }),
        layers.conv2dTranspose({ filters: 4, kernelSize: 4, strides: 2, padding: 'same', activation: 'relu' }),
        layers.conv2dTranspose({ filters: 5, kernelSize: [3, 2], strides: [1, 3], activation: 'tanh' }),
        layers.conv2d({ filters: 4, kernelSize: 3, strides: 2, activation: 'relu' }),
        layers.flatten(),
        layers.dense({ units: 3 }),
      ],
      shape: [4, 3, 3],
      classes: 3,
      batches: randomBatches(ten, [4, 3, 3], 3),
    }));

  test('the baseline, batch 4', { timeout: 240_000 }, () =>
    compare({
      specs: presets.baseline(),
      shape: [128, 128, 1],
      classes: 2,
      batches: randomBatches(
        Array.from({ length: 10 }, () => 4),
        [128, 128, 1],
        2,
      ),
    }),
  );
});
