/** Dispatches in pieces compute the same bits as whole ones. */
import { describe, expect, test } from 'vitest';
import { presets } from '../../src/brain/index.ts';
import { ANY_GPU, ANY_SOFTWARE } from '../../src/graph.ts';
import { adam, type Device, layers, rmsprop, Session, sgd } from '../../src/index.ts';
import { Network } from '../../src/nn/network.ts';
import { makeStepSpec } from '../../src/nn/step/spec.ts';
import { buildStep, type StepPlan } from '../../src/nn/step/step.ts';
import type { PlanOptions } from '../../src/plan/types.ts';
import { type Shader, shaderInterface } from '../../src/shader/shader.ts';
import { splitShader } from '../../src/shader/split.ts';
import { elements, type HostArray, hostArray, type Tensor } from '../../src/tensor.ts';
import { minifyShaders } from '../../tools/wgsl.ts';
import { randomStream } from '../support/arrays.ts';
import { testDevice } from '../support/device.ts';

const files = import.meta.glob<string>('../../shaders/*.wgsl', { query: '?raw', import: 'default', eager: true });
const sources = new Map(Object.entries(files).map(([path, text]) => [/(\w+)\.wgsl$/.exec(path)![1]!, text]));

test.each([
  ['as they lie in the folder', sources],
  ['as they are shipped', minifyShaders(sources)],
])('every entry point of every shader compiles in pieces, %s', async (_, texts) => {
  const { gpu } = await testDevice();
  const failures: string[] = [];
  let count = 0;
  for (const [name, source] of texts) {
    const shader: Shader = { name, source };
    for (const entryPoint of shaderInterface(shader).entryPoints) {
      count++;
      gpu.pushErrorScope('validation');
      gpu.createShaderModule({ code: splitShader(shader, source, entryPoint, [3, 2, 1]) });
      const error = await gpu.popErrorScope();
      if (error) failures.push(`${name}.${entryPoint}: ${error.message}`);
    }
  }
  expect(failures).toEqual([]);
  expect(count).toBeGreaterThan(100);
});

const activations = ['elu', 'gelu', 'leakyRelu', 'relu', 'sigmoid', 'softmax', 'softplus', 'tanh', 'logSoftmax'];

/** Odd sizes, many kinds of layers, all activations. */
const MANY = [
  layers.zeroPadding2d({ inputShape: [19, 17, 3], padding: 1 }),
  layers.conv2d({ filters: 10, kernelSize: 3 }),
  layers.maxPool2d({ poolSize: 2, strides: 1 }),
  layers.depthwiseConv2d({ kernelSize: 3, padding: 'same' }),
  layers.batchNormalization(),
  ...activations.map((activation) => layers.activation({ activation: activation as 'relu' })),
  layers.conv2d({ filters: 12, kernelSize: 3, strides: 2, padding: 'same', activation: 'relu' }),
  layers.avgPool2d({ poolSize: 2, strides: 1 }),
  layers.dropout({ rate: 0.25 }),
  layers.conv2d({ filters: 16, kernelSize: 2, activation: 'relu' }),
  layers.maxPool2d({ poolSize: 2 }),
  layers.flatten(),
  layers.dense({ units: 33, activation: 'relu' }),
  layers.dense({ units: 2 }),
];

const RECIPES = {
  'many layers, Adam': [MANY, { optimizer: adam() }],
  'many layers, RMSprop, clipped': [MANY, { optimizer: rmsprop({ globalClipNorm: 0.1 }) }],
  'many layers, squared errors, momentum': [
    MANY,
    { optimizer: sgd({ momentum: 0.9 }), loss: 'meanSquaredError', metrics: [] },
  ],
  'the baseline, Adam': [presets.baseline(), { optimizer: adam() }],
} as const;

const WAYS: Record<string, PlanOptions> = {
  'kernels for software': { target: ANY_SOFTWARE },
  'kernels for graphics processors': { target: ANY_GPU },
  'plain kernels, nothing fused': { fuse: false, choose: (_, able) => able.find((kernel) => kernel === 'plain') },
};

const SIZE = 5;

/** Runs a step three times on the same random numbers. @returns all that it writes and keeps */
async function results(device: Device, step: StepPlan, pieces: () => number): Promise<number[][]> {
  const session = await Session.create(device, step.plan, { pieces });
  const random = randomStream(3);
  const values = (tensor: Tensor): HostArray => {
    const data = hostArray(tensor.dtype, elements(tensor.shape));
    if (tensor === step.rows) return data.fill(SIZE - 1); // one row is padding
    if (tensor === step.weights) return data.fill(1, 0, SIZE - 1);
    return data.map(() => (tensor.dtype === 'f32' ? random() : random() * 2));
  };
  for (const input of step.plan.inputs) session.write(input, values(input));
  for (let i = 0; i < 3; i++) session.run();
  const kept = await Promise.all(step.plan.variables.map((variable) => session.variables.read(variable)));
  expect(session.pieces.some((count) => count > 1)).toBe(pieces() > 1);
  session.destroy();
  return kept.map((data) => [...new Uint32Array(data.buffer)]);
}

describe.each(Object.entries(RECIPES))('%s: the same bits in pieces', (_, [specs, options]) => {
  // Plain kernels take minutes for the baseline on a CPU, and all that it is made of is in the others.
  const ways = Object.entries(WAYS).filter(([way]) => specs === MANY || !way.startsWith('plain'));
  test.each(ways)('%s', { timeout: 240_000 }, async (_, planOptions) => {
    const device = await testDevice();
    const network = new Network(specs, () => 0);
    const spec = makeStepSpec(network, {
      ...{ loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] },
      ...options,
    });
    const step = buildStep('train', spec, SIZE, undefined, planOptions);
    const want = await results(device, step, () => 1);
    expect(want.flat().filter((word) => word !== 0).length).toBeGreaterThan(1000);
    for (const pieces of [2, 7]) {
      const got = await results(device, step, () => pieces);
      // Counted: a list of all that differs takes minutes to print.
      const wrong = want.map((words, i) => words.filter((word, k) => word !== got[i]![k]).length);
      expect(wrong, `words that differ in ${pieces} pieces`).toEqual(want.map(() => 0));
    }
  });
});

test('what takes long is split without being asked, and what is short is not', {
  timeout: 240_000,
}, async (context) => {
  const device = await testDevice();
  if (!device.isSoftware) context.skip('a graphics processor is done too soon; split.node.test.ts has the rule');
  const network = new Network(presets.baseline(), () => 0);
  const spec = makeStepSpec(network, { loss: 'sparseCategoricalCrossentropy', optimizer: adam() });
  const step = buildStep('train', spec, 128, undefined, { target: device.target });
  const session = await Session.create(device, step.plan);
  const pieces = new Map(step.plan.dispatches.map(({ label }, i) => [label, session.pieces[i]!]));
  // The convolution's 3.1 GFLOP take a quarter of a second on two cores that do nothing else.
  expect(pieces.get('conv2dMaxPool:maxPool2d/maxPool2d')).toBeGreaterThan(1);
  expect(pieces.get('softmaxCrossEntropyTotals:train/totals')).toBe(1);
  expect(pieces.get('adamUpdate:conv2d/kernel..dense/bias')).toBe(1);
  const buffers = device.buffersCreated;
  session.run();
  await device.gpu.queue.onSubmittedWorkDone();
  expect(device.buffersCreated, 'a step creates none').toBe(buffers);
  session.destroy();
});
