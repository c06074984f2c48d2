/** Training, evaluation and prediction under a limit of memory. */
import { describe, expect, test } from 'vitest';
import { presets } from '../../src/brain/index.ts';
import {
  ArgumentError,
  adam,
  adamw,
  type Dataset,
  Device,
  type LossScale,
  layers,
  loadModel,
  lossScale,
  MemoryLimitError,
  type Model,
  type Optimizer,
  rmsprop,
  sequential,
  sgd,
} from '../../src/index.ts';
import type { LayerSpec } from '../../src/nn/layers/layer.ts';
import type { CompileOptions } from '../../src/nn/step/compileOptions.ts';
import type { FitOptions } from '../../src/nn/train/fit.ts';
import { randomStream } from '../support/arrays.ts';
import { countBuffers, testDevice } from '../support/device.ts';
import { deviceOf, outcome } from '../support/losses.ts';
import { bits, compiledToy, toyExamples, toyModel } from '../support/toy.ts';
import { trainer } from '../support/trainer.ts';

/** Convolution, pool and dense layers: nothing in it knows of the other examples of a batch. */
const PLAIN: readonly LayerSpec[] = [
  layers.conv2d({ inputShape: [8, 8, 1], filters: 4, kernelSize: 3, activation: 'relu' }),
  layers.maxPool2d({ poolSize: 2 }),
  layers.flatten(),
  layers.dense({ units: 12, activation: 'tanh' }),
  layers.dense({ units: 2 }),
];

/** Enough for some examples of the small net, far from enough for a batch of 64; the state of optimizers comes on top. */
const TIGHT = 46_000;
/** Optimizer state for each weight, and copies of it on their way to the host. */
const STATE = 15_000;

async function compiled(specs: readonly LayerSpec[], options: CompileOptions = {}): Promise<Model> {
  const model = sequential(specs);
  const { frozen, ...others } = options as CompileOptions & { frozen?: number };
  if (frozen !== undefined) model.layers[frozen]!.trainable = false;
  await model.compile({
    ...{ loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'], seed: 3, device: await testDevice() },
    tune: false, // the same kernels for all sizes of batches
    ...others,
  });
  return model;
}

function largestDifference(got: ArrayLike<number>, want: ArrayLike<number>): number {
  return Math.max(...Array.from(got, (value, i) => Math.abs(value - want[i]!)));
}

async function weightsOf(model: Model): Promise<number[]> {
  return (await model.getWeights()).flatMap(({ data }) => [...data]);
}

interface Case {
  readonly optimizer?: Optimizer;
  readonly compile?: CompileOptions & { readonly frozen?: number };
  readonly fit?: FitOptions;
  readonly labels?: (y: Int32Array) => { data: Float32Array; shape: number[] };
  readonly stream?: 'at once' | 'later';
  readonly specs?: readonly LayerSpec[];
}

function streamOf({ x, y }: ReturnType<typeof toyExamples>, later: boolean): Dataset {
  return {
    size: y.length,
    xShape: [8, 8, 1],
    read(indices, xs, ys) {
      indices.forEach((row, i) => {
        xs.set(x.data.subarray(row * 64, (row + 1) * 64), i * 64);
        if (ys) ys[i] = y[row]!;
      });
      return later ? new Promise((resolve) => setTimeout(resolve, 1)) : undefined;
    },
  };
}

const oneHot = (y: Int32Array) => ({
  data: Float32Array.from({ length: 2 * y.length }, (_, i) => (y[i >> 1] === i % 2 ? 1 : 0)),
  shape: [y.length, 2],
});

// With SGD a weight is its first value minus gradients: weights that agree are gradients that agree. The other optimizers divide by the
// size of the gradient; where that is tiny, as behind a relu that is hardly ever open, rounding turns into steps. A large epsilon keeps them steady.
const CASES: Record<string, Case> = {
  SGD: {},
  'SGD with momentum, clipped': { optimizer: sgd({ learningRate: 0.1, momentum: 0.9, globalClipNorm: 0.05 }) },
  Adam: { optimizer: adam({ learningRate: 0.01, epsilon: 1e-3 }) },
  'AdamW, clipped': { optimizer: adamw({ learningRate: 0.01, epsilon: 1e-3, globalClipNorm: 0.1 }) },
  'RMSprop, centered, with momentum': {
    optimizer: rmsprop({ learningRate: 0.01, centered: true, momentum: 0.5, epsilon: 1e-3 }),
  },
  'one-hot labels': { labels: oneHot, compile: { loss: 'categoricalCrossentropy' } },
  'squared errors': {
    labels: oneHot,
    compile: { loss: 'meanSquaredError', metrics: [] },
  },
  'weights of examples': { fit: { sampleWeight: Array.from({ length: 150 }, (_, i) => (i % 5) / 2) } },
  'weights of classes': { fit: { classWeight: { 1: 3 } } },
  'weights of classes, streamed': { fit: { classWeight: { 1: 3 } }, stream: 'at once' },
  'a stream that takes time': { stream: 'later' },
  'a dataset that may not stay on the GPU': { fit: { maxResidentBytes: 0 } },
  'a frozen layer': { compile: { frozen: 0 } },
};

describe('a step over micro-batches is the step over the batch', () => {
  test.each(Object.entries(CASES))('%s', async (_, { optimizer, compile, fit, labels, stream, specs = PLAIN }) => {
    const used = optimizer ?? sgd({ learningRate: 0.1 });
    const states = used.slots({ name: '', shape: [1], dtype: 'f32' }).length;
    const run = async (memoryLimit: number | undefined) => {
      const model = await compiled(specs, {
        ...{ optimizer: used, memoryLimit },
        ...compile,
      });
      const { microBatches } = model.plan({ batchSize: 64 });
      if (memoryLimit === undefined) expect(microBatches).toBeUndefined();
      else expect(microBatches!.count).toBeGreaterThan(1);
      const { x, y } = toyExamples(150); // two batches of 64, and one of 22
      const data = stream ? { x: streamOf({ x, y }, stream === 'later') } : { x, y: labels ? labels(y) : y };
      const batches: number[][] = [];
      const history = await model.fit(data as never, {
        ...{ batchSize: 64, epochs: 2 },
        callbacks: { onBatchEnd: (_batch, logs) => void batches.push([logs.loss!, logs.accuracy ?? 0, logs.size]) },
        ...fit,
      });
      const weights = await weightsOf(model);
      model.dispose();
      return { weights, batches, losses: history.loss, accuracy: history.accuracy ?? [] };
    };
    const [want, got] = [await run(undefined), await run(TIGHT + states * STATE)];
    // Sums of some hundred f32, in another order: errors of 1e-6 and less, over six steps.
    expect(largestDifference(got.weights, want.weights)).toBeLessThan(1e-5);
    expect(largestDifference(got.losses, want.losses)).toBeLessThan(1e-5);
    expect(got.accuracy).toEqual(want.accuracy);
    expect(got.batches).toHaveLength(6);
    expect(largestDifference(got.batches.flat(), want.batches.flat())).toBeLessThan(1e-5);
  });
});

describe('a scaled loss', () => {
  test('by a power of two changes no bit, and where it overflows in one micro-batch, no weight changes', async () => {
    const run = async (scale: LossScale | undefined) => {
      const model = await compiled(PLAIN, { optimizer: adam({ learningRate: 0.01, globalClipNorm: 0.1 }) });
      const { step, destroy } = await trainer(model, 16, { lossScale: scale }, {}, 6);
      for (let i = 0; i < 3; i++) await step(toyExamples(16, i));
      const after = await bits(model);
      await step(toyExamples(16, 3), 3e38); // infinite gradients, with a scale
      const overflown = await bits(model);
      destroy();
      model.dispose();
      return { after, overflown };
    };
    const [plain, scaled] = [await run(undefined), await run(lossScale(1024))];
    expect(scaled.after).toEqual(plain.after);
    expect(scaled.overflown).toEqual(scaled.after);
    expect(plain.overflown).not.toEqual(plain.after);
  });
});

test('steps over micro-batches create no buffers, once they have run', async () => {
  const device = await testDevice();
  const model = await compiled(PLAIN, { memoryLimit: TIGHT + 2 * STATE });
  const counts: number[] = [];
  const callbacks = { onBatchLogs: () => void counts.push(device.buffersCreated) };
  await model.fit(toyExamples(150), { batchSize: 64, epochs: 4, callbacks });
  expect(model.plan({ batchSize: 64 }).microBatches!.count).toBeGreaterThan(1);
  expect(counts).toHaveLength(12);
  expect(new Set(counts).size).toBe(1);
  model.dispose();
});

test('a device that is lost between: the same bits and history, on another device', { timeout: 120_000 }, async () => {
  const options = { model: toyModel, options: { batchSize: 40 }, compile: { memoryLimit: 42_000 } };
  const straight = await outcome(options);
  let batches = 0;
  const lost = await outcome({
    ...options,
    callbacks: (model) => {
      expect(model.plan({ batchSize: 40 }).microBatches!.count).toBeGreaterThan(1);
      const onBatchEnd = () => {
        if (++batches === 3 || batches === 6) deviceOf(model).gpu.destroy();
      };
      return [{ onBatchEnd }];
    },
  });
  expect(lost.events).toHaveLength(2);
  expect(lost.file).toEqual(straight.file);
  expect(lost.history).toEqual(straight.history);
  expect(lost.hookCalls).toEqual(straight.hookCalls);
});

describe('what knows of the other examples', () => {
  test('batch-norm: its averages move once for each micro-batch, by the statistics of that', async () => {
    const model = await compiled(
      [
        layers.batchNormalization({ inputShape: [64], momentum: 0.75 }),
        layers.dense({ units: 64, activation: 'tanh' }),
        layers.dense({ units: 2 }),
      ],
      { memoryLimit: 230_000 },
    );
    const { size, count } = model.plan({ batchSize: 64 }).microBatches!;
    expect(count).toBeGreaterThan(1);
    const { x, y } = toyExamples(64);
    await model.trainOnBatch({ data: x.data, shape: [64, 64] }, y);
    const means = new Float64Array(64);
    for (let from = 0; from < 64; from += size) {
      const rows = Math.min(size, 64 - from);
      for (let c = 0; c < 64; c++) {
        let sum = 0;
        for (let n = from; n < from + rows; n++) sum += x.data[n * 64 + c]!;
        means[c] = 0.75 * means[c]! + (0.25 * sum) / rows;
      }
    }
    const moving = (await model.getWeights()).find(({ name }) => name.endsWith('moving_mean'))!;
    expect(largestDifference(moving.data, means)).toBeLessThan(1e-6);
    model.dispose();
  });

  test('dropout: no two micro-batches of a step draw the same numbers', async () => {
    // A step by this gradient moves a bias by the mean of what dropout has let through: 64 rows, all alike.
    const model = await compiled(
      [layers.dropout({ inputShape: [400], rate: 0.5 }), layers.dense({ units: 1, kernelInitializer: 'zeros' })],
      { loss: 'meanSquaredError', metrics: [], optimizer: sgd({ learningRate: 1 }), memoryLimit: 96_000 },
    );
    const { count, size } = model.plan({ batchSize: 64 }).microBatches!;
    expect(count).toBeGreaterThan(1);
    const x = { data: new Float32Array(64 * 400).fill(1), shape: [64, 400] };
    await model.trainOnBatch(x, { data: new Float32Array(64).fill(1), shape: [64, 1] });
    // Each kernel weight is now proportional to the number of rows in which its input was let through: were the masks of the
    // micro-batches equal, these numbers would be multiples of their count, but for the last one, which may be shorter.
    const kernel = (await model.getWeights())[0]!.data;
    const counts = [...kernel].map((w) => Math.round((w / 2 / 2) * 64));
    expect(Math.max(...counts)).toBeLessThan(64);
    expect(Math.min(...counts)).toBeGreaterThan(0);
    // Of 64 fair coins the deviation is 4; of masks repeated `count` times, sqrt(count) times as much.
    const deviation = Math.sqrt(counts.reduce((sum, n) => sum + (n - 32) ** 2, 0) / 400);
    expect(deviation, `${count} micro-batches of ${size}`).toBeLessThan(4 * 1.15);
    model.dispose();
  });

  test('the same limit gives the same bits, also saved, loaded and trained on', async () => {
    const limit = { memoryLimit: 44_000, tune: true } as const;
    const data = toyExamples(100);
    const options = { epochs: 2, batchSize: 64, validationSplit: 0.2 };
    const straight = await compiledToy(limit);
    expect(straight.plan({ batchSize: 64 }).microBatches!.count).toBeGreaterThan(1);
    await straight.fit(data, options);
    const file = await straight.save();
    await straight.fit(data, options);

    const other = await loadModel(file, { device: await testDevice(), ...limit });
    await other.predict(data.x); // what else lies in memory is of no account
    await other.fit(data, options);
    expect(await bits(other)).toEqual(await bits(straight));
    straight.dispose();
    other.dispose();
  });
});

describe('without gradients', () => {
  test('evaluate, predict and inspect go through fewer examples at once, to the same end', async () => {
    const run = async (memoryLimit: number | undefined) => {
      const model = await compiled(PLAIN, { memoryLimit });
      const { x, y } = toyExamples(70);
      const logs = await model.evaluate({ x, y }, { batchSize: 70 });
      const { data, shape } = await model.predict(x, { batchSize: 70 });
      const inspection = await model.inspect(x);
      model.dispose();
      return { logs, data, shape, inspection };
    };
    const [want, got] = [await run(undefined), await run(TIGHT + 2 * STATE)];
    expect(got.logs.loss).toBeCloseTo(want.logs.loss!, 6);
    expect(got.logs.accuracy).toBe(want.logs.accuracy);
    expect(got.shape).toEqual(want.shape);
    expect(got.data).toEqual(want.data);
    expect(got.inspection).toEqual(want.inspection);
  });
});

describe('the bytes on the device', () => {
  test.each([
    ['a dataset that stays there', 160, 4_400_000],
    ['one that does not', 320, 3_800_000],
    ['hardly any room', 160, 3_100_000],
  ])('%s: all that a model does stays below its limit', { timeout: 120_000 }, async (_, examples, memoryLimit) => {
    const device = await testDevice();
    const random = randomStream(5);
    const data = Float32Array.from({ length: examples * 32 * 32 }, () => random());
    const x = { data, shape: [examples, 32, 32, 1] };
    const y = Int32Array.from({ length: examples }, () => (random() < 0.5 ? 0 : 1));
    const buffers = countBuffers(device.gpu);
    try {
      const model = sequential([
        layers.conv2d({ inputShape: [32, 32, 1], filters: 8, kernelSize: 3, activation: 'relu' }),
        layers.conv2d({ filters: 8, kernelSize: 3, activation: 'relu' }),
        layers.maxPool2d({ poolSize: 2 }),
        layers.flatten(),
        layers.dense({ units: 2 }),
      ]);
      const store = { load: async () => ({}), save: async () => {} }; // all is measured anew
      await model.compile({
        ...{ loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'], device, memoryLimit },
        tune: { store, budget: 300 },
      });
      expect(model.plan({ batchSize: 96 }).microBatches!.count).toBeGreaterThan(1);
      await model.evaluate({ x, y }, { batchSize: 96 });
      await model.fit(
        { x, y },
        {
          ...{ batchSize: 96, validationSplit: 0.25 },
          callbacks: {
            async onBatchEnd(batch) {
              if (batch > 0) return;
              await model.evaluate({ x, y }, { batchSize: 96 });
              await model.predict(x, { batchSize: 96 });
              await model.inspect({ data: data.subarray(0, 5 * 1024), shape: [5, 32, 32, 1] });
              await model.save();
            },
          },
        },
      );
      await model.predict(x, { batchSize: 96 });
      await model.trainOnBatch(x, y);
      await model.getWeights();
      expect(buffers.peakBytes()).toBeLessThanOrEqual(memoryLimit);
      expect(buffers.peakBytes(), 'and makes use of it').toBeGreaterThan(0.6 * memoryLimit);
      model.dispose();
      await new Promise((resolve) => setTimeout(resolve)); // runners go once those who made them have heard
      expect(buffers.alive()).toBe(0);
    } finally {
      buffers.restore();
    }
  });

  test('a batch of 2,048 images of the baseline trains under 256 MB', { timeout: 300_000 }, async () => {
    const memoryLimit = 256_000_000;
    const device = await testDevice();
    const [batchSize, length] = [2048, 128 * 128];
    const random = randomStream(6);
    const x = { data: new Float32Array(batchSize * length), shape: [batchSize, 128, 128, 1] };
    for (let i = 0; i < x.data.length; i++) x.data[i] = random();
    const y = Int32Array.from({ length: batchSize }, (_, i) => i % 2);
    const buffers = countBuffers(device.gpu);
    try {
      const model = await compiled(presets.baseline(), { memoryLimit, tune: { budget: 0 } });
      const plan = model.plan({ batchSize });
      expect(plan.peakBytes).toBeLessThan(memoryLimit);
      expect(plan.microBatches!.count).toBeLessThan(10);
      const history = await model.fit({ x, y }, { batchSize });
      expect(history.loss[0]).toBeGreaterThan(0.3);
      expect(history.loss[0]).toBeLessThan(3);
      expect(model.iterations).toBe(1);
      expect(buffers.peakBytes()).toBeLessThanOrEqual(memoryLimit);
      model.dispose();
    } finally {
      buffers.restore();
    }
  });
});

describe('what cannot fit is refused', () => {
  test.each([0, -1, Number.NaN, Infinity])('a limit of %s', async (memoryLimit) => {
    await expect(compiled(PLAIN, { memoryLimit: memoryLimit as number })).rejects.toThrow(
      new ArgumentError(`compile: memoryLimit must be a positive number, got ${memoryLimit}.`),
    );
  });

  test('a model that is too large, by compile, with its largest tensor, the bytes of that, and the limit', async () => {
    const wide = [layers.dense({ inputShape: [1000], units: 500 }), layers.dense({ units: 2 })];
    const error = await compiled(wide, { memoryLimit: 3_000_000 }).catch((reason: Error) => reason);
    expect(error).toBeInstanceOf(MemoryLimitError);
    expect(error).toBeInstanceOf(ArgumentError);
    expect((error as Error).message).toMatch(
      /^memoryLimit is 3000000 bytes \(2\.86 MiB\), .* largest tensor is .* \[\d+(, \d+)*\], 2\d{6} bytes\.$/,
    );
  });

  test('with the least limit that is enough: it is, and one byte less is not', async () => {
    const wide = [layers.dense({ inputShape: [1000], units: 500, activation: 'relu' }), layers.dense({ units: 2 })];
    const [x, y] = [{ data: new Float32Array(8000).fill(0.1), shape: [8, 1000] }, [0, 1, 0, 1, 0, 1, 0, 1]];
    const refused = async (call: Promise<unknown>): Promise<MemoryLimitError> => {
      const error = await call.catch((reason: Error) => reason);
      expect(error).toBeInstanceOf(MemoryLimitError);
      expect((error as Error).message).toContain(`fits from memoryLimit: ${(error as MemoryLimitError).least} on`);
      return error as MemoryLimitError;
    };
    const { least } = await refused(compiled(wide, { memoryLimit: 3_000_000, tune: false }));
    expect((await refused(compiled(wide, { memoryLimit: least - 1, tune: false }))).least).toBe(least);
    const single = await compiled(wide, { memoryLimit: least, tune: false });
    await single.fit({ x, y }, { batchSize: 1 });
    // Eight at a time need sums of gradients besides, which fit tells.
    const { least: more } = await refused(single.fit({ x, y }, { batchSize: 8 }));
    single.dispose();
    expect(more).toBeGreaterThan(least);
    const model = await compiled(wide, { memoryLimit: more, tune: false });
    expect((await model.fit({ x, y }, { batchSize: 8 })).loss[0]).toBeGreaterThan(0);
    model.dispose();
  });

  test('an example that is too large for the buffers of a device, by fit', async () => {
    const { gpu } = await testDevice();
    const small = await gpuWithBuffers(2 ** 16);
    expect(gpu).toBeDefined();
    const specs = [
      layers.conv2d({ inputShape: [64, 64, 1], filters: 8, kernelSize: 3, padding: 'same', activation: 'elu' }),
      layers.globalAvgPool2d(),
      layers.dense({ units: 2 }),
    ];
    const model = await compiled(specs, { device: small });
    const x = { data: new Float32Array(2 * 4096), shape: [2, 64, 64, 1] };
    await expect(model.fit({ x, y: [0, 1] })).rejects.toThrow(
      /^conv2d\/.* \[1, 64, 64, 8\] needs a buffer of 131072 bytes, this device allows 65536/,
    );
    model.dispose();
  });
});

test('a batch that exceeds the largest buffer of a device trains in micro-batches, without a limit of memory', async () => {
  const small = await gpuWithBuffers(2 ** 13);
  const { x, y } = toyExamples(64);
  const run = async (device: Device) => {
    const model = await compiled(PLAIN, { device, optimizer: sgd({ learningRate: 0.1 }) });
    const { microBatches } = model.plan({ batchSize: 64 });
    const { loss } = await model.trainOnBatch(x, y);
    const weights = await weightsOf(model);
    model.dispose();
    return { microBatches, loss, weights };
  };
  const [want, got] = [await run(await testDevice()), await run(small)];
  expect(want.microBatches).toBeUndefined();
  expect(got.microBatches!.count).toBeGreaterThan(1);
  expect(got.loss).toBeCloseTo(want.loss!, 5);
  expect(largestDifference(got.weights, want.weights)).toBeLessThan(1e-5);
});

/** The tests' device with small buffers. It shares the tests' GPU, and is not to be destroyed. */
async function gpuWithBuffers(bytes: number): Promise<Device> {
  const { gpu, provider } = await testDevice();
  const limits = { maxBufferSize: bytes, maxStorageBufferBindingSize: bytes };
  const limited = new Proxy(gpu, {
    get(target, name) {
      if (name === 'limits') return limits;
      const value = Reflect.get(target, name);
      return typeof value === 'function' ? value.bind(target) : value;
    },
  });
  return new Device(limited, provider);
}
