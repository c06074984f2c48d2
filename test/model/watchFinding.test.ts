/** Watching training for infinities and NaNs: what is named. */
import { afterEach, describe, expect, test } from 'vitest';
import { layers, sgd } from '../../src/index.ts';
import type { LayerSpec } from '../../src/nn/layers/layer.ts';
import { takeErrors } from '../support/device.ts';
import { allFinite, compiled, constantData, plant, stopped } from '../support/watch.ts';

afterEach(async () => {
  expect(await takeErrors()).toEqual([]);
});

/** A dense layer behind everything, with weights that start as zeros, so that what comes out is finite whatever comes in. */
const zeros = (name: string) => layers.dense({ units: 1, kernelInitializer: 'zeros', name, trainable: false });
const ones = { kernelInitializer: 'ones' } as const;
const constant = (value: number) => ({ kernelInitializer: { name: 'constant', value } }) as const;

describe('the first that is not finite is named: an output', () => {
  // The inputs are large, but finite; what is named is the first to be too large.
  const image = { inputShape: [6, 6, 2] };
  const last = layers.dense({ ...ones, units: 1, name: 'last' });
  const flat = [layers.globalAvgPool2d(), last];
  const cases: readonly [string, readonly LayerSpec[], string][] = [
    [
      'conv2d',
      [layers.conv2d({ ...image, ...ones, filters: 3, kernelSize: 2, activation: 'relu' }), ...flat],
      'conv2d/conv2d',
    ],
    [
      'conv2d_1',
      [
        layers.conv2d({ ...image, ...constant(0.1), filters: 3, kernelSize: 2, activation: 'relu' }),
        layers.conv2d({ ...ones, filters: 3, kernelSize: 2, activation: 'relu' }),
        layers.maxPool2d(),
        ...flat,
      ],
      'conv2d_1/conv2d',
    ],
    [
      'depthwiseConv2d',
      [layers.depthwiseConv2d({ ...image, kernelSize: 2, depthwiseInitializer: 'ones' }), ...flat],
      'depthwiseConv2d/conv2d',
    ],
    [
      'conv2dTranspose',
      [layers.conv2dTranspose({ ...image, ...ones, filters: 3, kernelSize: 3, strides: 2 }), ...flat],
      'conv2dTranspose/conv2dTranspose',
    ],
    ['dense', [layers.flatten(image), layers.dense({ ...ones, units: 4, activation: 'relu' }), last], 'dense/matmul'],
    ['last', [layers.flatten(image), last], 'last/matmul'],
    ['avgPool2d', [layers.avgPool2d({ ...image, poolSize: 3 }), ...flat], 'avgPool2d/avgPool2d'],
    ['globalAvgPool2d', [layers.globalAvgPool2d(image), last], 'globalAvgPool2d/'],
    ['dropout', [layers.dropout({ ...image, rate: 0.9 }), ...flat], 'dropout/dropout'],
    ['batchNormalization', [layers.batchNormalization(image), ...flat], 'batchNormalization/batchNormTraining'],
  ];
  test.each(cases)('%s', async (layer, specs, tensor) => {
    const model = await compiled(specs);
    const data = constantData(8, [6, 6, 2], 2e38);
    data.x.data[0] = 1e38; // not all alike: there is a variance
    const finding = await stopped(model.fit(data, { batchSize: 4, shuffle: false, watch: 'stop' }));
    expect(finding).toMatchObject({ step: 1, epoch: 0, batch: 0, layer, what: 'output' });
    expect(finding.tensor).toContain(tensor);
    expect(await allFinite(model)).toBe(true);
    expect(model.iterations).toBe(0);
    model.dispose();
  });

  test('the loss', async () => {
    const model = await compiled([layers.dense({ inputShape: [3], units: 1 })]);
    const finding = await stopped(model.fit(constantData(4, [3], 1, 1e30), { watch: 'stop' }));
    expect(finding).toMatchObject({ step: 1, layer: 'loss', what: 'output', value: 'Infinity' });
    model.dispose();
  });

  test('an infinity or a NaN, and the element', async () => {
    // Example 1 is the difference of two infinities, example 2 an infinity.
    const model = await compiled([layers.dense({ inputShape: [2], ...constant(10), units: 1 })]);
    const [x, y] = [new Float32Array(8), new Float32Array(4)];
    x.set([1e38, -1e38, 0], 4);
    const data = { x: { data: x, shape: [4, 2] }, y: { data: y, shape: [4, 1] } };
    expect(await stopped(model.fit(data, { shuffle: false, watch: 'stop' }))).toMatchObject({ element: 2 });
    x.set([0, 0, 1e38], 4);
    const infinity = await stopped(model.fit(data, { shuffle: false, watch: 'stop' }));
    expect(infinity).toMatchObject({ element: 3, value: 'Infinity' });
    model.dispose();
  });
});

describe('the first that is not finite is named: what an activation or a pool hides', () => {
  const image = { inputShape: [4, 4, 1] };
  // Sums of minus infinity: 0 behind a relu, and beside others what a max-pool does not choose.
  const relu = { filters: 2, kernelSize: 2, ...constant(-1e38), activation: 'relu' } as const;
  const cases: readonly [string, readonly LayerSpec[]][] = [
    ['relu', [layers.conv2d({ ...image, ...relu, trainable: false }), layers.flatten(), zeros('mute')]],
    [
      'relu and max-pool, which are one kernel with the convolution',
      [layers.conv2d({ ...image, ...relu, trainable: false }), layers.maxPool2d(), layers.flatten(), zeros('mute')],
    ],
    [
      'dense with relu',
      [
        layers.flatten(image),
        layers.dense({ units: 3, ...constant(-1e38), activation: 'relu', name: 'conv2d', trainable: false }),
        zeros('mute'),
      ],
    ],
    [
      'tanh',
      [
        layers.flatten(image),
        layers.dense({ units: 3, ...constant(1e38), activation: 'tanh', name: 'conv2d', trainable: false }),
        zeros('mute'),
      ],
    ],
    [
      'max-pool',
      [
        layers.conv2d({ ...image, filters: 1, kernelSize: 1, ...constant(-1e38), trainable: false }),
        layers.maxPool2d({ poolSize: 2 }),
        layers.flatten(),
        zeros('mute'),
      ],
    ],
  ];
  test.each(cases)('%s', async (_, specs) => {
    const model = await compiled([...specs, layers.dense({ units: 1, name: 'trained' })]);
    const data = constantData(20, [4, 4, 1], 1, 1);
    for (let i = 0; i < data.x.data.length; i += 2) data.x.data[i] = 9;
    // Nothing of it reaches a gradient: the steps go on until all is looked at.
    const finding = await stopped(model.fit(data, { batchSize: 4, watch: { action: 'stop', everySteps: 3 } }));
    expect(finding).toMatchObject({ step: 3, batch: 2, layer: 'conv2d', what: 'output' });
    expect(finding.tensor).toMatch(/^conv2d\/(conv2d|matmul)$/);
    expect(model.iterations).toBe(2);
    await model.fit(data, { batchSize: 4, watch: { everySteps: Number.POSITIVE_INFINITY } });
    model.dispose();
  });
});

describe('the first that is not finite is named: a gradient, a weight', () => {
  test.each([['dense'], ['dense_1']])('the gradient of %s', async (layer) => {
    // A prediction of 0 whose error, 1e18, is multiplied by inputs of 1e25.
    const large = layer === 'dense' ? 1e25 : 1;
    const model = await compiled([
      layers.dense({ inputShape: [2], units: 2, ...constant(large === 1 ? 1e25 : 1), useBias: false }),
      layers.dense({ units: 1, kernelInitializer: 'zeros', trainable: layer === 'dense_1' }),
    ]);
    if (layer === 'dense') {
      const [kernel, factors, bias] = await model.getWeights();
      factors!.data.set([1e-3, -1e-3]);
      await model.setWeights([kernel!, factors!, bias!]);
    }
    const finding = await stopped(model.fit(constantData(4, [2], large, 1e18), { watch: 'stop' }));
    expect(finding).toMatchObject({ step: 1, layer, what: 'gradient' });
    expect(finding.tensor).toBe(`${layer}/kernel`);
    expect(await allFinite(model)).toBe(true);
    model.dispose();
  });

  test('a weight whose update is too large', async () => {
    const model = await compiled([layers.dense({ inputShape: [2], units: 1, kernelInitializer: 'zeros' })], {
      optimizer: sgd({ learningRate: 1e38 }),
    });
    const training = model.fit(constantData(8, [2], 1, 10), { batchSize: 2, watch: 'stop' });
    await expect(training).rejects.toThrow(/The weights are no longer finite/);
    const finding = await stopped(training);
    expect(finding).toMatchObject({ step: 1, layer: 'dense', what: 'weight', tensor: 'dense/kernel', element: 0 });
    expect(model.iterations).toBe(1);
    model.dispose();
  });

  const convolutional = () => [
    layers.conv2d({ inputShape: [6, 6, 1], filters: 2, kernelSize: 3, activation: 'relu', name: 'first' }),
    layers.batchNormalization({ name: 'norm' }),
    layers.conv2d({ filters: 2, kernelSize: 1, activation: 'relu', name: 'second', trainable: false }),
    layers.maxPool2d({ name: 'pool' }),
    layers.flatten(),
    layers.dense({ units: 2, activation: 'relu', name: 'third' }),
    layers.dense({ units: 1, name: 'fourth' }),
  ];
  const planted = [
    ...['first/kernel', 'first/bias', 'norm/gamma', 'norm/beta', 'norm/moving_mean', 'norm/moving_variance'],
    ...['second/kernel', 'second/bias', 'third/kernel', 'third/bias', 'fourth/kernel', 'fourth/bias'],
  ].flatMap((name): [string, number][] => [
    [name, Number.NaN],
    [name, Number.NEGATIVE_INFINITY],
  ]);
  test.each(planted)('%s that is %f', async (name, value) => {
    const model = await compiled(convolutional());
    await plant(model, name, value);
    const data = constantData(24, [6, 6, 1], 1, 1);
    for (let i = 0; i < data.x.data.length; i++) data.x.data[i] = (i % 7) / 7;
    const finding = await stopped(model.fit(data, { batchSize: 4, watch: { everySteps: 2 } }));
    const [layer] = name.split('/');
    expect(finding).toMatchObject({ layer, what: 'weight', tensor: name, element: 0 });
    // A step makes a NaN of an average's infinity.
    if (finding.step === 1) expect(finding.value).toBe(Number.isNaN(value) ? 'NaN' : 'Infinity');
    // A frozen layer's, or an average that training does not use, may be hidden until all is looked at.
    const hidden = name.startsWith('second') || name.includes('moving');
    expect(finding.step).toBeLessThanOrEqual(hidden ? 2 : 1);
    model.dispose();
  });
});
