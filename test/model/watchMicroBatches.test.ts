/** Watching training whose batches are divided under a memory limit: all is as it is for a batch that goes at once. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  adam,
  layers,
  type Model,
  type NonFiniteLocation,
  type Optimizer,
  sequential,
  sgd,
  type WatchAction,
  type WatchOptions,
} from '../../src/index.ts';
import type { LayerSpec } from '../../src/nn/layers/layer.ts';
import type { FitOptions } from '../../src/nn/train/fit.ts';
import { countBuffers, takeErrors, testDevice } from '../support/device.ts';
import { bits } from '../support/toy.ts';
import { stopped } from '../support/watch.ts';

afterEach(async () => {
  vi.restoreAllMocks();
  expect(await takeErrors()).toEqual([]);
});

const BATCH = 64;
/** Room for some examples of the net, not for a batch. */
const LIMIT = 60_000;
const PIXELS = 64;

const net = (): readonly LayerSpec[] => [
  layers.conv2d({
    ...{ inputShape: [8, 8, 1], filters: 4, kernelSize: 3, activation: 'relu', name: 'first' },
    kernelInitializer: 'ones',
  }),
  layers.batchNormalization({ name: 'norm' }),
  layers.maxPool2d({ name: 'pool' }),
  layers.flatten(),
  layers.dense({ units: 4, activation: 'relu', name: 'third' }),
  layers.dense({ units: 1, name: 'fourth' }),
];

async function compiled(
  memoryLimit?: number,
  optimizer: Optimizer = sgd({ learningRate: 0.01, momentum: 0.9 }),
  specs = net(),
) {
  const model = sequential(specs);
  await model.compile({
    ...{ loss: 'meanSquaredError', optimizer, seed: 5, tune: false, device: await testDevice() },
    ...(memoryLimit ? { memoryLimit } : {}),
  });
  const parts = model.plan({ batchSize: BATCH }).microBatches?.count ?? 1;
  if (memoryLimit) expect(parts).toBeGreaterThan(2);
  else expect(parts).toBe(1);
  return model;
}

/** @param bad examples whose pixels are too large */
function examples(batches: number, bad: readonly number[] = []) {
  const n = batches * BATCH;
  const data = Float32Array.from({ length: n * PIXELS }, (_, i) => Math.sin(i * 0.7));
  for (const one of bad) data.fill(3e38, one * PIXELS, (one + 1) * PIXELS);
  const y = Float32Array.from({ length: n }, (_, i) => Math.cos(i));
  return { x: { data, shape: [n, 8, 8, 1] }, y: { data: y, shape: [n, 1] } };
}

function without({ x, y }: ReturnType<typeof examples>, batch: number) {
  const keeps = (example: number) => Math.floor(example / BATCH) !== batch;
  const n = y.data.length - BATCH;
  return {
    x: { data: x.data.filter((_, i) => keeps(Math.floor(i / PIXELS))), shape: [n, 8, 8, 1] },
    y: { data: y.data.filter((_, i) => keeps(i)), shape: [n, 1] },
  };
}

const options = { batchSize: BATCH, shuffle: false } as const;

/** What `stop` finds, with and without a limit; elements are counted within a part. */
async function findings(train: (model: Model) => Promise<unknown>, make: (limit?: number) => Promise<Model>) {
  const found: Omit<NonFiniteLocation, 'element' | 'value'>[] = [];
  for (const limit of [undefined, LIMIT]) {
    const model = await make(limit);
    const { element: _, value: __, ...rest } = await stopped(train(model));
    found.push(rest);
    model.dispose();
  }
  return found;
}

describe('what is named is the same with and without a memory limit', () => {
  // The first example of the batch, one in its midst, and the last.
  test.each([0, 37, 63])('an output, of example %d', async (example) => {
    const data = examples(4, [2 * BATCH + example]);
    const found = await findings((model) => model.fit(data, { ...options, watch: 'stop' }), compiled);
    expect(found[0]).toMatchObject({ step: 3, epoch: 0, batch: 2, layer: 'first', what: 'output' });
    expect(found[1]).toEqual(found[0]);
  });

  test('the first layer, though an earlier micro-batch has a later one', async () => {
    // The sum of four of 1e38 is too large for the second layer, that of four of 3e38 for the first.
    const ones = { units: 4, kernelInitializer: 'ones', trainable: false } as const;
    const specs = [
      layers.flatten({ inputShape: [8, 8, 1] }),
      layers.dense({ ...ones, name: 'first' }),
      layers.dense({ ...ones, name: 'second' }),
      layers.dense({ units: 1, name: 'last' }),
    ];
    const data = examples(1);
    data.x.data.fill(0);
    data.x.data[0] = 1e38;
    data.x.data.fill(1e38, 60 * PIXELS, 60 * PIXELS + 4);
    const tight = (limit?: number) => compiled(limit && 16_500, sgd({ learningRate: 0.01 }), specs);
    const found = await findings((model) => model.fit(data, { ...options, watch: 'stop' }), tight);
    expect(found[0]).toMatchObject({ step: 1, layer: 'first', what: 'output' });
    expect(found[1]).toEqual(found[0]);
  });

  test('a gradient', async () => {
    const data = examples(2);
    // A prediction of 0 whose error, 1e18, is multiplied by inputs of 1e25.
    data.y.data.fill(1e18);
    data.x.data.fill(1e25, 70 * PIXELS, 71 * PIXELS);
    const specs = [
      layers.flatten({ inputShape: [8, 8, 1] }),
      layers.dense({ units: 1, name: 'only', kernelInitializer: 'zeros' }),
    ];
    const make = (limit?: number) => compiled(limit && 12_000, sgd({ learningRate: 1e-30 }), specs);
    const found = await findings((model) => model.fit(data, { ...options, watch: 'stop' }), make);
    expect(found[0]).toMatchObject({ step: 2, layer: 'only', what: 'gradient', tensor: 'only/kernel' });
    expect(found[1]).toEqual(found[0]);
  });

  test('a weight whose update is too large', async () => {
    const data = examples(2);
    data.y.data.fill(100);
    const make = (limit?: number) => compiled(limit, sgd({ learningRate: 3e38 }));
    const found = await findings((model) => model.fit(data, { ...options, watch: 'stop' }), make);
    expect(found[0]).toMatchObject({ step: 1, what: 'weight' });
    expect(found[1]).toEqual(found[0]);
  });

  test('what nothing shows but the look at all layers', async () => {
    const specs = [
      layers.conv2d({
        ...{ inputShape: [8, 8, 1], filters: 4, kernelSize: 3, activation: 'relu', name: 'hidden', trainable: false },
        kernelInitializer: { name: 'constant', value: -1e38 },
      }),
      layers.flatten(),
      layers.dense({ units: 1, name: 'last' }),
    ];
    const data = examples(4);
    data.x.data.fill(9);
    const make = (limit?: number) => compiled(limit && 40_000, adam({ learningRate: 0.01 }), specs);
    const watch = { everySteps: 3 };
    const found = await findings((model) => model.fit(data, { ...options, watch }), make);
    expect(found[0]).toMatchObject({ step: 3, batch: 2, layer: 'hidden', what: 'output' });
    expect(found[1]).toEqual(found[0]);
  });
});

describe.each([
  ['resident', {}],
  ['streamed', { maxResidentBytes: 0 }],
] as const)('what is done about it: %s data', (_, memory) => {
  const bad = examples(5, [2 * BATCH + 50]);

  test('stop: the model is as it was before the step, moving averages too', async () => {
    const [model, other] = [await compiled(LIMIT), await compiled(LIMIT)];
    await stopped(model.fit(bad, { ...options, ...memory, watch: 'stop' }));
    expect(model.iterations).toBe(2);
    const before = {
      x: { data: bad.x.data.slice(0, 2 * BATCH * PIXELS), shape: [2 * BATCH, 8, 8, 1] },
      y: { data: bad.y.data.slice(0, 2 * BATCH), shape: [2 * BATCH, 1] },
    };
    await other.fit(before, { ...options, ...memory });
    expect(await bits(model)).toEqual(await bits(other));
    model.dispose();
    other.dispose();
  });

  test('restore: it ends with the bits of training without the batch', async () => {
    const [model, other] = [await compiled(LIMIT), await compiled(LIMIT)];
    const findings: number[] = [];
    const watch: WatchOptions = {
      action: 'restore',
      everySteps: 5,
      onNonFinite: ({ step }) => void findings.push(step),
    };
    const history = await model.fit(bad, { ...options, ...memory, epochs: 2, watch });
    expect(history).toEqual(await other.fit(without(bad, 2), { ...options, ...memory, epochs: 2 }));
    expect(await bits(model)).toEqual(await bits(other));
    expect(findings).toEqual([3, 8]);
    model.dispose();
    other.dispose();
  });

  test('warn: one report, and training ends with the bits of a training without watch', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    // Averages that are infinite, and a gradient after which no weight is finite.
    const poisoned = { ...bad, y: { ...bad.y, data: bad.y.data.map((y, i) => (i === 2 * BATCH + 50 ? 3e38 : y)) } };
    const run = async (watch?: WatchAction) => {
      const model = await compiled(LIMIT);
      const history = await model.fit(poisoned, { ...options, ...memory, epochs: 2, ...(watch ? { watch } : {}) });
      const result = { history, bits: await bits(model), iterations: model.iterations };
      model.dispose();
      return result;
    };
    const alone = await run();
    expect(alone.history.loss[1]).toBeNaN();
    expect(await run('warn')).toEqual(alone);
    expect(warn).toHaveBeenCalledTimes(1);
  });
});

describe('without a finding', () => {
  test('watching changes no bit', async () => {
    const run = async (watch: FitOptions['watch']) => {
      const model = await compiled(LIMIT, sgd({ learningRate: 0.05, momentum: 0.9, globalClipNorm: 1 }));
      // The last batch is smaller.
      const history = await model.fit(examples(3), {
        ...{ epochs: 2, batchSize: BATCH, validationSplit: 0.1 },
        ...(watch ? { watch } : {}),
      });
      const result = { history, bits: await bits(model) };
      model.dispose();
      return result;
    };
    const alone = await run(undefined);
    for (const action of ['stop', 'restore'] as const) expect(await run({ action, everySteps: 2 })).toEqual(alone);
  });

  test('nothing stays behind on the GPU, and the limit holds', async () => {
    const model = await compiled(LIMIT);
    const watch = { action: 'restore', everySteps: 2 } as const;
    await model.fit(examples(3), { ...options, watch });
    const buffers = countBuffers(model.compiled.device.gpu);
    await model.fit(examples(3), { ...options, watch });
    expect(buffers.alive()).toBe(0);
    buffers.restore();
    model.dispose();
  });
});
