/** A model in a worker does what the same model in the page does, to the last bit. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { cutout, randomFlip } from '../../src/augmentation/index.ts';
import {
  type CompileOptions,
  cosineDecay,
  type Dataset,
  earlyStopping,
  adam as engineAdam,
  learningRateScheduler,
  loadModel,
  type Model,
  NDArray,
  sequential,
} from '../../src/index.ts';
import { adam, layers, type RemoteModel, remote } from '../../src/worker/index.ts';
import { testDevice } from '../support/device.ts';
import { bits, toyExamples } from '../support/toy.ts';

/** Dropout and Adam have state. */
const LAYERS = [
  layers.flatten({ inputShape: [8, 8, 1] }),
  layers.dropout({ rate: 0.25 }),
  layers.dense({ units: 3, activation: 'relu' }),
  layers.dense({ units: 2 }),
];
const COMPILE = {
  loss: 'sparseCategoricalCrossentropy',
  metrics: 'accuracy',
  labels: ['left', 'right'],
  seed: 3,
  tune: false,
} as const satisfies CompileOptions;
const DATA = toyExamples(50);

let here: Model;
let there: RemoteModel;

beforeAll(async () => {
  here = sequential(LAYERS);
  there = await remote(LAYERS);
  const schedule = cosineDecay({ initialLearningRate: 0.01, decaySteps: 100 });
  await here.compile({ ...COMPILE, optimizer: engineAdam({ learningRate: schedule }), device: await testDevice() });
  await there.compile({ ...COMPILE, optimizer: adam({ learningRate: schedule }) });
});
afterAll(() => {
  here.dispose();
  there.dispose();
});

const bitsOf = (model: RemoteModel) => bits(model as Model);

/** Does the same with the model of the page and with the one of the worker. */
async function both<T>(use: (model: RemoteModel) => Promise<T>): Promise<T> {
  const [page, worker] = [await use(here), await use(there)];
  expect(worker).toEqual(page);
  expect(await bitsOf(there)).toEqual(await bitsOf(here));
  return page;
}

test('fit, with validation and every hook: history, weights, and the calls of the hooks in their order', async () => {
  const { heard, iterations } = await both(async (model) => {
    const heard: unknown[] = [];
    const note =
      (name: string) =>
      async (...args: readonly unknown[]) => {
        const { model: seen, ...training } = args.at(-1) as { model: unknown };
        heard.push([name, ...args.slice(0, -1).map((arg) => structuredClone(arg)), seen === model, training]);
        await Promise.resolve();
      };
    const history = await model.fit(DATA, {
      epochs: 2,
      batchSize: 16,
      validationData: toyExamples(20, 2),
      classWeight: { 0: 2 },
      callbacks: {
        onTrainBegin: note('trainBegin'),
        onEpochBegin: note('epochBegin'),
        onBatchBegin: note('batchBegin'),
        onBatchEnd: note('batchEnd'),
        onBatchLogs: note('batchLogs'),
        onEpochEnd: note('epochEnd'),
        onTrainEnd: note('trainEnd'),
      },
    });
    expect(() => history.acc).toThrow("history has no 'acc'");
    // Functions are compared by their names.
    const plain = JSON.parse(JSON.stringify(heard));
    return { history: { ...history }, heard: plain, iterations: model.iterations, rate: model.learningRate };
  });
  expect(iterations).toBe(8);
  expect(heard).toHaveLength(2 + 2 * (2 + 3 * 4));
});

test('predict, classify, evaluate, trainOnBatch, inspect and setWeights', async () => {
  await both(async (model) => {
    const predicted = await model.predict(DATA.x, { as: 'probabilities' });
    expect(predicted).toBeInstanceOf(NDArray);
    const inspection = await model.inspect({ data: DATA.x.data.subarray(64, 128), shape: [1, 8, 8, 1] });
    expect(inspection.layers[2]!.output).toBeInstanceOf(NDArray);
    const weights = await model.getWeights();
    const scaled = weights.map((weight) => ({ ...weight, data: weight.data.map((value) => value / 2) }));
    return {
      predicted,
      inspection,
      classes: await model.classify(DATA.x, { top: 1 }),
      evaluated: await model.evaluate(DATA.x, DATA.y, { batchSize: 16 }),
      batch: await model.trainOnBatch(DATA.x, [...DATA.y], { sampleWeight: DATA.y }),
      report: await model.setWeights(scaled),
      text: predicted.slice(':3').toString(),
    };
  });
});

test('what can be read without a call: shapes, summary, labels, layers, optimizer', () => {
  const shown = (model: RemoteModel) => ({
    summary: model.summary(),
    parameters: model.countParams(),
    shapes: [model.inputShape, model.outputShape],
    labels: model.labels,
    optimizer: [model.optimizer.name, model.optimizer.config],
    layers: model.layers.map(({ weights, ...layer }) => ({ ...layer, weights: weights.map(({ name }) => name) })),
  });
  expect(shown(there)).toEqual(shown(here));
});

test('a dataset, which is read in the page', async () => {
  let reads = 0;
  const dataset: Dataset = {
    size: 20,
    xShape: [8, 8, 1],
    async read(indices, x, y) {
      reads++;
      await Promise.resolve();
      indices.forEach((index, i) => {
        x.set(DATA.x.data.subarray(index * 64, (index + 1) * 64), i * 64);
        if (y) y[i] = DATA.y[index]!;
      });
    },
  };
  await both(async (model) => {
    const history = await model.fit(dataset, { epochs: 2, batchSize: 8, validationData: dataset });
    return { history: { ...history }, predicted: await model.predict(dataset) };
  });
  expect(reads).toBeGreaterThan(10);
});

test("the engine's callbacks work in the page: early stopping with the best weights, a schedule of rates", async () => {
  const { rates } = await both(async (model) => {
    const rates: number[] = [];
    const history = await model.fit(DATA, {
      epochs: 9,
      batchSize: 25,
      validationSplit: 0.2,
      callbacks: [
        learningRateScheduler((epoch, rate) => (epoch === 0 ? 0.5 : rate * 0.75)),
        earlyStopping({ minDelta: 9, patience: 2, restoreBestWeights: true }), // only the first epoch counts as better
        {
          onEpochEnd(_, __, training) {
            rates.push(training.model.learningRate);
          },
        },
      ],
    });
    return { history: { ...history }, rates };
  });
  expect(rates).toEqual([0.5, 0.375, 0.28125]);
});

test('pausing, single steps and stopping from outside a hook', async () => {
  await both(async (model) => {
    const seen: unknown[] = [];
    await model.fit(DATA, {
      epochs: 5,
      batchSize: 10,
      callbacks: {
        async onBatchEnd(batch, _, training) {
          if (batch === 1 && !training.paused) {
            training.pause();
            seen.push(['paused', training.paused]);
            // Once the hook has ended, training waits: for a step, which comes back here, and then for the end.
            setTimeout(() => training.step(), 50);
          } else if (batch === 2) {
            seen.push(['stepped', training.paused]);
            setTimeout(() => {
              training.stop();
              training.pause();
              seen.push(['stopped', training.stopped, training.paused]);
            }, 50);
          } else seen.push(batch);
        },
      },
    });
    return { seen, iterations: model.iterations };
  });
});

describe('freezing', () => {
  test('a layer, as in the page', async () => {
    const before = await there.getWeights();
    await both(async (model) => {
      model.layers[2]!.trainable = false;
      const summary = model.summary();
      await expect(model.fit(DATA)).rejects.toThrow("layer 'dense' was frozen after compile");
      await model.compile({ ...COMPILE, recompile: true });
      await model.fit(DATA);
      return summary;
    });
    const after = await there.getWeights();
    expect(after.map(({ data }, i) => data.every((value, j) => value === before[i]!.data[j]))).toEqual([
      ...[true, true],
      ...[false, false],
    ]);
  });
});

test('the file: page and worker read what the other has written, and training goes on', async () => {
  const bytes = await there.save();
  expect(bytes).toEqual(await here.save());
  const inPage = await loadModel(bytes, { device: await testDevice(), tune: false });
  const inWorker = await remote(bytes, { transfer: true, tune: false });
  expect(bytes.byteLength).toBe(0);
  expect(inWorker.labels).toEqual(['left', 'right']);
  await inPage.fit(DATA, { batchSize: 25 });
  await inWorker.fit(DATA, { batchSize: 25 });
  expect(await bitsOf(inWorker)).toEqual(await bitsOf(inPage));
  expect(inWorker.iterations).toBe(inPage.iterations);
  inPage.dispose();
  inWorker.dispose();
});

test('layers of augmentation, whose module the worker loads', async () => {
  const own = [
    randomFlip({ inputShape: [8, 8, 1] }),
    cutout({ size: 3 }),
    layers.flatten(),
    layers.dense({ units: 2 }),
  ];
  const page = sequential(own);
  const worker = await remote(own);
  try {
    await page.compile({ ...COMPILE, device: await testDevice() });
    await worker.compile(COMPILE);
    const options = { epochs: 2, batchSize: 16 };
    expect(await worker.fit(DATA, options)).toEqual(await page.fit(DATA, options));
    expect(await bitsOf(worker)).toEqual(await bits(page));
  } finally {
    page.dispose();
    worker.dispose();
  }
});
