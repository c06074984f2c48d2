/** The shaders as they are shipped, minified, on the GPU: they compile, and compute the same bits. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { adam, type Device, layers, type Model, requestDevice, rmsprop, sequential, sgd } from '../../src/index.ts';
import type { PlannedDispatch } from '../../src/plan/types.ts';
import { PipelineCache } from '../../src/runtime/pipelines.ts';
import type { Shader } from '../../src/shader/shader.ts';
import { minifyShaders } from '../../tools/wgsl.ts';
import { activatable } from '../support/activations.ts';
import { takeErrors } from '../support/device.ts';
import { bits, toyExamples, toyModel } from '../support/toy.ts';

const files = import.meta.glob<string>('../../shaders/*.wgsl', { query: '?raw', import: 'default', eager: true });
const originals = new Map(Object.entries(files).map(([path, text]) => [/(\w+)\.wgsl$/.exec(path)![1]!, text]));
const minified = minifyShaders(originals);

// A device for each test: it keeps what it has compiled by the names of shaders.
let device: Device;
beforeEach(async () => {
  device = await requestDevice();
});
afterEach(async () => {
  expect(await takeErrors()).toEqual([]); // before it is destroyed
  device.destroy();
});

/** Some of every kind of layer, so that most shaders take part. */
function manyLayers(): Model {
  return sequential([
    layers.zeroPadding2d({ inputShape: [8, 8, 1], padding: 1 }),
    layers.conv2d({ filters: 8, kernelSize: 3, activation: 'relu' }),
    layers.maxPool2d({ poolSize: 2 }),
    layers.depthwiseConv2d({ kernelSize: 3, padding: 'same', activation: 'gelu' }),
    layers.batchNormalization(),
    layers.conv2d({ filters: 12, kernelSize: 3, strides: 2, padding: 'same', activation: 'elu' }),
    layers.avgPool2d({ poolSize: 2, strides: 1 }),
    layers.conv2dTranspose({ filters: 8, kernelSize: 4, strides: 2, padding: 'same', activation: 'leakyRelu' }),
    layers.upSampling2d({ interpolation: 'bilinear' }),
    layers.dropout({ rate: 0.25 }),
    layers.globalAvgPool2d(),
    layers.dense({ units: 10, activation: 'tanh' }),
    layers.dense({ units: 2 }),
  ]);
}

const models: readonly [string, () => Model, Parameters<Model['compile']>[0]][] = [
  ['a small net with Adam', toyModel, { optimizer: adam(), loss: 'sparseCategoricalCrossentropy' }],
  ['all kinds of layers with RMSProp', manyLayers, { optimizer: rmsprop(), loss: 'sparseCategoricalCrossentropy' }],
  [
    'momentum and clipping',
    toyModel,
    { optimizer: sgd({ learningRate: 0.01, momentum: 0.9, globalClipNorm: 1 }), loss: 'sparseCategoricalCrossentropy' },
  ],
];

/** Trains three steps. @returns losses, the bits of the weights, and the texts that were compiled */
async function train(make: () => Model, options: Parameters<Model['compile']>[0], texts?: ReadonlyMap<string, string>) {
  const compiled: string[] = [];
  const create = device.gpu.createShaderModule;
  device.gpu.createShaderModule = (descriptor) => {
    compiled.push(descriptor.code);
    return create.call(device.gpu, descriptor);
  };
  const model = make();
  await model.compile({ ...options, metrics: ['accuracy'], seed: 3, device });
  const shaders = new Set(model.plan({ batchSize: 12 }).dispatches.flatMap(({ shader }) => shader.parts ?? [shader]));
  const restore = texts ? replaceTexts(shaders, texts) : () => {};
  try {
    const losses: number[] = [];
    for (let step = 0; step < 3; step++) {
      const { x, y } = toyExamples(12, step + 1);
      losses.push((await model.trainOnBatch(x, y)).loss!);
    }
    return { losses, weights: await bits(model), compiled };
  } finally {
    restore();
    model.dispose();
    device.gpu.createShaderModule = create;
  }
}

/** Puts other texts into the shaders that the ops hold. @returns what puts the first ones back */
function replaceTexts(shaders: ReadonlySet<Shader>, texts: ReadonlyMap<string, string>): () => void {
  const before = [...shaders].map((shader) => [shader, shader.source] as const);
  const put = (shader: Shader, source: string) => Object.assign(shader, { source });
  for (const shader of shaders) put(shader, texts.get(shader.name)!);
  return () => {
    for (const [shader, source] of before) put(shader, source);
  };
}

test.each(models)('training %s gives the same losses and weights, bit for bit', async (_, make, options) => {
  const plain = await train(make, options);
  device.destroy();
  device = await requestDevice();
  const shipped = await train(make, options, minified);
  expect(plain.losses.every(Number.isFinite)).toBe(true);
  expect(shipped.losses).toEqual(plain.losses);
  expect(shipped.weights).toEqual(plain.weights);
  // Each pipeline was compiled, and from the other text.
  expect(shipped.compiled.length).toBe(plain.compiled.length);
  expect(plain.compiled.filter((code) => !code.includes('\n'))).toEqual([]);
  expect(shipped.compiled.filter((code) => code.includes('\n'))).toEqual([]);
});

describe('every shader is accepted as WGSL', () => {
  const linked = activatable(minified).pairs.map(({ name, source }) => [name, source] as const);
  test('and with every activation in it', () => expect(linked).toHaveLength(35));
  test.each([...minified, ...linked])('%s', async (_, code) => {
    const { messages } = await device.gpu.createShaderModule({ code }).getCompilationInfo();
    expect(messages.map(({ message, offset }) => `${message} at ${code.slice(offset, offset + 40)}`)).toEqual([]);
  });
});

describe("a compiler's message says where", () => {
  const broken =
    '@group(0) @binding(0) var<storage, read_write> y: array<f32>;\n@compute @workgroup_size(1) fn main() { y[0] = nowhere; }';
  const storage = { kind: 'slot', slot: 0, offset: 0, half: false } as const;
  const binding = { binding: 0, access: 'read_write', storage } as const;
  const compile = (source: string) => {
    const shader = { name: 'broken', source };
    const dispatch = { shader, entryPoint: 'main', constants: {}, bindings: [binding] } as unknown as PlannedDispatch;
    const { gpu } = device;
    return new PipelineCache(gpu).get(dispatch).catch((error: Error) => error.message);
  };
  afterEach(async () => {
    expect(await takeErrors()).not.toEqual([]); // they are wanted here
  });

  test('by line in a file', async () => {
    expect(await compile(broken)).toMatch(/shaders\/broken\.wgsl:2:\d+ error: .*nowhere/);
  });

  test('by what stands there in a minified one', async () => {
    const minified = minifyShaders(new Map([['broken', broken]])).get('broken')!;
    expect(await compile(minified)).toMatch(/shaders\/broken\.wgsl \(minified\) at "nowhere;}" error: .*nowhere/);
  });
});
