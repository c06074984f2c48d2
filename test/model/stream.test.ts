/** Models on datasets that stream: the numbers of the same data in memory, to the last bit, however a run is disturbed. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import {
  ArgumentError,
  type Batch,
  DataError,
  dataset,
  type Example,
  type ExampleStream,
  type Model,
  NeuriteError,
  requestDevice,
  resume,
  ShapeError,
  type StreamedDataset,
  sgd,
  type Training,
} from '../../src/index.ts';
import type { FitOptions } from '../../src/nn/train/fit.ts';
import { testDevice } from '../support/device.ts';
import { COMPILE, contents, deviceOf, lose, smallModel } from '../support/losses.ts';
import { memoryStore } from '../support/snapshots.ts';
import { bits, compiledToy, toyExamples } from '../support/toy.ts';

afterEach(() => {
  vi.restoreAllMocks();
});

const turn = () => new Promise<void>((resolve) => setTimeout(resolve));
/** A promise that nobody keeps. */
const never = () => new Promise<never>(() => {});

type Data = ReturnType<typeof toyExamples>;

/** The examples one by one. */
const examplesOf = ({ x, y }: Data): Example[] =>
  Array.from(y, (label, i) => ({ x: { data: x.data.subarray(64 * i, 64 * (i + 1)), shape: [8, 8, 1] }, y: label }));

/** Some of the examples, as data in memory. */
const part = ({ x, y }: Data, from: number, to = y.length): Data => ({
  x: { data: x.data.slice(64 * from, 64 * to), shape: [Math.min(to, y.length) - from, 8, 8, 1] },
  y: y.slice(from, to),
});

const DATA = toyExamples(50);
const MORE = toyExamples(37, 9);

/** A source that counts how often it was opened and closed and what was read of it. */
function counted(examples: readonly Example[], before: (i: number) => unknown = () => {}) {
  const seen = { opened: 0, closed: 0, read: 0 };
  const stream = dataset(async function* () {
    seen.opened++;
    try {
      for (const [i, example] of examples.entries()) {
        await before(i);
        seen.read++;
        yield example;
      }
    } finally {
      seen.closed++;
    }
  });
  return { seen, stream };
}

/** What a fit comes to. */
async function trained(data: Data | ExampleStream, options: FitOptions, compile = {}) {
  const model = await compiledToy(compile);
  const history = await model.fit(data as Data, options);
  const result = { history, weights: await bits(model), iterations: model.iterations };
  model.dispose();
  return result;
}

const plain: FitOptions = { epochs: 3, batchSize: 8, shuffle: false };

describe('the same bits as data in memory', () => {
  test.each<[string, (all: StreamedDataset<Example>) => ExampleStream]>([
    ['single examples', (all) => all],
    ['batches of the dataset', (all) => all.batch(8)],
    ['batches of a source', (all) => dataset<Batch>(() => all.batch(8) as StreamedDataset<Batch>)],
    ['what is read ahead', (all) => all.map((example) => turn().then(() => example), { concurrency: 3 }).prefetch(5)],
  ])('fit on %s, with validation', async (_, make) => {
    const { seen, stream } = counted(examplesOf(DATA));
    const held = counted(examplesOf(MORE));
    const validationData = held.stream;
    const own = make(stream);
    const { batchSize, ...rest } = plain;
    const got = await trained(own, { ...rest, validationData, ...(own.batchSize ? {} : { batchSize }) });
    const wanted = await trained(DATA, { ...plain, validationData: MORE });
    expect(got).toEqual(wanted);
    expect(got.history.valLoss).toHaveLength(3);
    for (const { opened, closed } of [seen, held.seen]) expect([opened, closed]).toEqual([3, 3]);
  });

  test('bytes, in micro-batches under a memory limit', async () => {
    const bytes = Uint8Array.from(DATA.x.data, (value) => 100 * value);
    const x = { data: bytes, shape: DATA.x.shape };
    const examples = Array.from(DATA.y, (y, i) => ({
      x: { data: bytes.subarray(64 * i, 64 * (i + 1)), shape: [8, 8, 1] },
      y,
    }));
    vi.spyOn(console, 'warn').mockImplementation(() => {});
    const options = { epochs: 2, batchSize: 32 };
    const compile = { memoryLimit: 44_000 };
    const model = await compiledToy(compile);
    const planned = model.compiled.memoryBudget.steps({ mode: 'train', batchSize: 32 })(undefined);
    model.dispose();
    expect(planned.rowsAtOnce).toBeLessThan(32);
    const got = await trained(dataset(examples), options, compile);
    expect(got).toEqual(
      await trained({ x, y: DATA.y } as never, { ...options, shuffle: false, maxResidentBytes: 0 }, compile),
    );
    expect(console.warn).toHaveBeenCalledTimes(2); // that bytes are not scaled: once for each model
  });

  test('weights of examples and classes', async () => {
    const sampleWeight = Float32Array.from(DATA.y, (_, i) => 0.5 * (i % 3));
    const weighted = examplesOf(DATA).map((example, i) => ({ ...example, sampleWeight: sampleWeight[i]! }));
    const classWeight = { 1: 3 };
    const got = await trained(dataset(weighted), { ...plain, shuffle: undefined, classWeight } as FitOptions);
    expect(got).toEqual(await trained(DATA, { ...plain, sampleWeight, classWeight }));
    expect(got.weights).not.toEqual((await trained(DATA, { ...plain, classWeight })).weights);
    const model = await compiledToy();
    const ofBatches = dataset(weighted).batch(7);
    expect(await model.evaluate(ofBatches)).toEqual(await model.evaluate(DATA, { batchSize: 7, sampleWeight }));
    model.dispose();
  });

  test('evaluate, predict and classify', async () => {
    const model = await compiledToy();
    const twin = await compiledToy();
    const stream = dataset(examplesOf(DATA));
    for (const batchSize of [32, 8, 100]) {
      expect(await model.evaluate(stream, { batchSize })).toEqual(await twin.evaluate(DATA, { batchSize }));
      const got = await model.predict(stream, { batchSize });
      const wanted = await twin.predict(DATA.x, { batchSize });
      expect(got.shape).toEqual([50, 2]);
      expect(got.data).toEqual(wanted.data);
    }
    const unlabelled = stream.map(({ x }) => ({ x }));
    const as = 'probabilities';
    expect((await model.predict(unlabelled, { as })).data).toEqual((await twin.predict(DATA.x, { as })).data);
    expect(await model.classify(unlabelled, { top: 1 })).toEqual(await twin.classify(DATA.x, { top: 1 }));
    // Batches that are larger than a step are divided.
    expect((await model.predict(stream.batch(20), { batchSize: 8 })).shape).toEqual([50, 2]);
    expect(await model.evaluate({ x: stream })).toEqual(await twin.evaluate(DATA));
    model.dispose();
    twin.dispose();
  });

  test('trainOnBatch takes what batch makes', async () => {
    const model = await compiledToy();
    const twin = await compiledToy();
    const losses: number[] = [];
    for await (const { x, y } of dataset(examplesOf(DATA)).batch(20))
      losses.push((await model.trainOnBatch(x, y!)).loss!);
    const wanted: number[] = [];
    for (const at of [0, 20, 40]) {
      const { x, y } = part(DATA, at, at + 20);
      wanted.push((await twin.trainOnBatch(x, y)).loss!);
    }
    expect(losses).toEqual(wanted);
    expect(await bits(model)).toEqual(await bits(twin));
    model.dispose();
    twin.dispose();
  });

  test('shuffled in another order in each epoch, which the seed of the dataset decides on', async () => {
    const orders: number[][] = [];
    const run = async (seed: number) => {
      const order: number[] = [];
      const numbered = dataset(examplesOf(DATA).map((example, i) => ({ example, i })));
      const shuffled = numbered.shuffle(50, { seed }).map(({ example, i }) => {
        order.push(i);
        return example;
      });
      const { weights } = await trained(shuffled, { epochs: 2, batchSize: 8 });
      orders.push(order.slice(0, 50), order.slice(50));
      return weights;
    };
    const [one, same, other] = [await run(1), await run(1), await run(2)];
    expect(same).toEqual(one);
    expect(other).not.toEqual(one);
    expect(orders[0]).not.toEqual(orders[1]);
    for (const order of orders)
      expect(order.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 50 }, (_, i) => i));
  });
});

describe('epochs', () => {
  test('how many steps they have is known after the first one', async () => {
    const known: unknown[] = [];
    const note =
      (what: string) =>
      (...values: unknown[]) => {
        const { stepsPerEpoch, examples } = values.at(-1) as Training;
        known.push([what, stepsPerEpoch, examples]);
      };
    const callbacks = { onTrainBegin: note('begin'), onEpochBegin: note('epoch'), onBatchEnd: note('batch') };
    await trained(dataset(examplesOf(DATA)).take(10), { epochs: 2, batchSize: 5, callbacks });
    expect(known).toEqual([
      ['begin', undefined, undefined],
      ['epoch', undefined, undefined],
      ...Array(2).fill(['batch', undefined, undefined]),
      ['epoch', 2, undefined],
      ...Array(2).fill(['batch', 2, undefined]),
    ]);
  });

  test.each([
    ['without end', 4, true],
    ['with an end in mid-epoch', 5, false],
    ['that end with an epoch', 7, false],
  ])('of stepsPerEpoch, over examples %s', async (_, stepsPerEpoch, isEndless) => {
    const { seen, stream } = counted(examplesOf(DATA)); // 7 batches of 8, the last one of 2
    const sizes: number[] = [];
    const callbacks = { onBatchLogs: (_: number, { size }: { size: number }) => void sizes.push(size) };
    const got = await trained(isEndless ? stream.repeat() : stream, {
      epochs: 4,
      batchSize: 8,
      stepsPerEpoch,
      callbacks,
    });
    expect(got.iterations).toBe(4 * stepsPerEpoch);
    expect(sizes).toHaveLength(4 * stepsPerEpoch);
    const wanted = isEndless ? sizes.map(() => 8) : sizes.map((_, i) => (i % 7 === 6 ? 2 : 8));
    expect(sizes).toEqual(wanted);
    expect(seen.closed).toBe(seen.opened);
    if (stepsPerEpoch !== 7) return;
    expect(got.weights).toEqual((await trained(DATA, { ...plain, epochs: 4 })).weights);
  });

  test('the next batch is read while the GPU computes, and none before the first step is asked for', async () => {
    const model = await compiledToy();
    const { seen, stream } = counted(examplesOf(DATA));
    const reads: number[] = [];
    const read = () => reads.push(seen.read);
    await model.fit(stream, {
      batchSize: 5,
      callbacks: {
        onTrainBegin: () => void read(),
        onBatchBegin: () => void read(),
        onBatchEnd: async () => {
          for (let i = 0; i < 50; i++) await turn(); // the GPU has nothing to do, and reading goes on by itself
          read();
        },
      },
    });
    expect(reads.slice(0, 6)).toEqual([0, 5, 10, 10, 15, 15]);
    model.dispose();
  });

  test('a source that can be read only once is enough for one', async () => {
    const once = () => dataset(examplesOf(DATA).values());
    const wanted = await trained(DATA, { ...plain, epochs: 1 });
    expect((await trained(once(), { batchSize: 8 })).weights).toEqual(wanted.weights);
    await expect(trained(once(), { batchSize: 8, epochs: 2 })).rejects.toThrow(/can be read only once/);
    const empty = new ReadableStream<Example>({
      start: (to) => {
        for (const one of examplesOf(DATA)) to.enqueue(one);
        to.close();
      },
    });
    const more = /the dataset is empty: it gave no examples\. If it gave some in another epoch/;
    await expect(trained(dataset(empty as never), { batchSize: 8, epochs: 2 })).rejects.toThrow(more);
  });
});

describe('a run that is disturbed', () => {
  /** Everything that moves the place in a stream: an order for each epoch, a smaller batch, validation. */
  const stream = () => dataset(examplesOf(DATA)).shuffle(20, { seed: 4 });
  const runs: [string, FitOptions, () => ExampleStream][] = [
    ['epochs over all of it', { epochs: 3, batchSize: 9 }, stream],
    ['epochs of some steps', { epochs: 3, batchSize: 9, stepsPerEpoch: 5 }, () => stream().repeat()],
    ['epochs of some steps, over the end', { epochs: 3, batchSize: 9, stepsPerEpoch: 5 }, stream],
  ];
  const validationData = dataset(examplesOf(MORE));

  async function run(
    data: ExampleStream,
    options: FitOptions,
    disturb: (model: Model, batches: number) => void = () => {},
  ) {
    const device = await requestDevice();
    const model = smallModel();
    await model.compile({ ...COMPILE, device });
    let batches = 0;
    const losses: number[] = [];
    try {
      const history = await model.fit(data, {
        ...options,
        validationData,
        callbacks: {
          onBatchLogs(_, { loss }) {
            losses.push(loss!);
            disturb(model, ++batches);
          },
        },
        recovery: { everySteps: 3, ...options.recovery },
      });
      return { history, losses, file: contents(await model.save()) };
    } finally {
      model.dispose();
      device.destroy();
    }
  }

  test.each(runs)('loses its device, in %s', async (_, options, data) => {
    const wanted = await run(data(), options);
    const lost = new Set([4, 6, 11]);
    const got = await run(data(), options, (model, batches) => lost.delete(batches) && lose(model));
    expect(lost.size).toBe(0);
    expect(got).toEqual(wanted);
  });

  test.each(runs)('is resumed, in %s', async (_, options, data) => {
    const wanted = await run(data(), options);
    for (const after of [1, 5, 8, 13]) {
      const { store } = memoryStore();
      const abort = new AbortController();
      const cut = run(
        data(),
        { ...options, signal: abort.signal, recovery: { everySteps: 1, store } },
        (_, batches) => {
          if (batches === after) abort.abort(new Error('cut'));
        },
      );
      await expect(cut).rejects.toThrow('cut');
      const resumed = await resume(data(), { store, validationData, device: await testDevice() });
      expect(resumed!.history).toEqual(wanted.history);
      expect(contents(await resumed!.model.save())).toEqual(wanted.file);
      resumed!.model.dispose();
    }
  });

  test('is resumed only on a dataset of the same kind that is as long', async () => {
    const { store } = memoryStore();
    const abort = new AbortController();
    const cut = run(
      stream().batch(9),
      { epochs: 2, signal: abort.signal, recovery: { everySteps: 1, store } },
      (_, batches) => {
        if (batches === 4) abort.abort(new Error('cut'));
      },
    );
    await expect(cut).rejects.toThrow('cut');
    const device = await testDevice();
    const again = (data: Data | ExampleStream) => resume(data as Data, { store, validationData, device });
    await expect(again(DATA)).rejects.toThrow(
      /the data are not those of the run, which had examples that stream, in batches of 9/,
    );
    await expect(again(stream())).rejects.toThrow(/the data are not those of the run/);
    await expect(again(stream().take(5).batch(9))).rejects.toThrow(
      /the dataset ended after 1 batches, and training goes on after batch \d/,
    );
    await expect(again(stream().batch(8))).rejects.toThrow(ArgumentError);
    const resumed = await again(stream().batch(9));
    resumed!.model.dispose();
  });

  test('goes on in mid-epoch from startAtStep', async () => {
    const model = await compiledToy({ optimizer: sgd({ learningRate: 0.1 }) });
    const twin = await compiledToy({ optimizer: sgd({ learningRate: 0.1 }) });
    await model.fit(dataset(examplesOf(DATA)), { batchSize: 8, startAtStep: 4 });
    await twin.fit(DATA, { batchSize: 8, shuffle: false, startAtStep: 4 });
    expect(await bits(model)).toEqual(await bits(twin));
    const beyond = model.fit(dataset(examplesOf(DATA)), { batchSize: 8, startAtStep: 9 });
    await expect(beyond).rejects.toThrow('the dataset ended after 7 batches, and training goes on after batch 9');
    model.dispose();
    twin.dispose();
  });

  test('loses its device while a source that can be read only once is read: it says so', async () => {
    const once = dataset(examplesOf(DATA).values());
    const got = run(once, { epochs: 1, batchSize: 5 }, (model, batches) => batches === 3 && lose(model));
    await expect(got).rejects.toThrow(/can be read only once/);
  });

  test('loses its device while it waits for a batch', async () => {
    let model: Model | undefined;
    let isLost = false;
    const data = dataset(async function* () {
      for (const [i, example] of examplesOf(DATA).entries()) {
        if (i === 30 && !isLost) {
          isLost = true;
          lose(model!);
          await never();
        }
        yield example;
      }
    });
    const wanted = await run(dataset(examplesOf(DATA)), { epochs: 1, batchSize: 9 });
    const got = await run(data, { epochs: 1, batchSize: 9 }, (own) => {
      model = own;
    });
    expect(isLost).toBe(true);
    expect(got).toEqual(wanted);
  });

  test('evaluate and predict begin again on another device', async () => {
    const device = await requestDevice();
    const model = smallModel();
    await model.compile({ ...COMPILE, device });
    const wanted = await model.evaluate(DATA);
    let isLost = false;
    const data = counted(examplesOf(DATA), (i) => {
      if (i !== 40 || isLost) return;
      isLost = true;
      lose(model);
    });
    expect(await model.evaluate(data.stream)).toEqual(wanted);
    expect(data.seen).toMatchObject({ opened: 2, closed: 2 });
    expect(deviceOf(model)).not.toBe(device);
    model.dispose();
    device.destroy();
  });

  test('finds numbers that are not finite in the batch that has them, and leaves it out', async () => {
    vi.spyOn(console, 'warn').mockImplementation(() => {});
    const bad = part(DATA, 0);
    bad.x.data.fill(3e38, 64 * 16, 64 * 24);
    const compile = { optimizer: sgd({ learningRate: 0.01 }) };
    const watch = 'restore';
    const got = await trained(dataset(examplesOf(bad)), { epochs: 2, batchSize: 8, watch }, compile);
    expect(got).toEqual(await trained(bad, { ...plain, epochs: 2, watch }, compile));
    expect(vi.mocked(console.warn).mock.calls.flat().join('\n')).toMatch(/step 3 .*left out/s);
  });
});

describe('the source is closed', () => {
  async function fitted(data: ExampleStream, options: FitOptions) {
    const model = await compiledToy();
    try {
      return await model.fit(data, { batchSize: 5, ...options });
    } finally {
      model.dispose();
    }
  }
  /** What is read ahead ends first. */
  const settled = async () => {
    for (let i = 0; i < 20; i++) await turn();
  };

  test.each([{}, { stepsPerEpoch: 4 }])('when training is stopped, and when it ends (%o)', async (options) => {
    for (const at of [2, 99]) {
      const { seen, stream } = counted(examplesOf(DATA));
      const callbacks = {
        onBatchEnd: (batch: number, _: unknown, training: Training) => batch === at && training.stop(),
      };
      await fitted(stream.prefetch(3).shuffle(4), { ...options, callbacks } as FitOptions);
      await settled();
      expect(seen).toMatchObject({ opened: 1, closed: 1 });
      if (at === 2) expect(seen.read).toBeLessThanOrEqual(4 * 5 + 4 + 3); // three batches, and what was read ahead
    }
  });

  test('when it is aborted, when a hook fails, and when the source itself does', async () => {
    const own = new Error('mine');
    const abort = new AbortController();
    const cases: [FitOptions, (i: number) => void][] = [
      [{ signal: abort.signal, callbacks: { onBatchEnd: () => abort.abort(own) } }, () => {}],
      [
        {
          callbacks: {
            onBatchEnd: () => {
              throw own;
            },
          },
        },
        () => {},
      ],
      [
        {},
        (i) => {
          if (i === 12) throw own;
        },
      ],
    ];
    for (const [options, before] of cases) {
      const { seen, stream } = counted(examplesOf(DATA), before);
      const error = await fitted(stream, options).catch((error: unknown) => error);
      if (error !== own) {
        expect(error).toBeInstanceOf(DataError);
        expect((error as DataError).message).toBe('the dataset could not be read: mine');
        expect((error as DataError).cause).toBe(own);
      }
      await settled();
      expect(seen).toMatchObject({ opened: 1, closed: 1 });
    }
  });

  const ends: [string, (training: Training, abort: AbortController) => void][] = [
    ['a stop', (training) => training.stop()],
    ['an abort', (_, abort) => abort.abort(new Error('mine'))],
    ['a dispose', ({ model }) => model.dispose()],
  ];
  const places = ['in a hook before', 'while it is waited for'] as const;

  test.each(ends.flatMap(([what, end]) => places.map((place) => [what, place, end] as const)))(
    '%s, %s, does not wait for a batch that never comes',
    async (what, place, end) => {
      const abort = new AbortController();
      let training: Training | undefined;
      let signal: AbortSignal | undefined;
      const stream = dataset(async function* (_epoch: number, given: AbortSignal) {
        signal = given;
        yield* examplesOf(DATA).slice(0, 12);
        if (place !== 'in a hook before') setTimeout(() => end(training!, abort), 300);
        await never();
      });
      const callbacks = {
        onTrainBegin: (given: Training) => {
          training = given;
        },
        onBatchEnd: (batch: number) => {
          if (batch === 1 && place === 'in a hook before') end(training!, abort);
        },
      };
      const fit = fitted(stream, { signal: abort.signal, callbacks });
      if (what === 'a stop') expect((await fit).loss).toHaveLength(1);
      else await expect(fit).rejects.toThrow(what === 'an abort' ? 'mine' : /disposed/);
      expect(signal!.aborted).toBe(true);
    },
  );

  test('also in mid-validation, which then has no result', async () => {
    let training: Training | undefined;
    const { seen, stream } = counted(examplesOf(MORE), (i) => i === 33 && training!.stop());
    const callbacks = {
      onTrainBegin: (given: Training) => {
        training = given;
      },
    };
    const history = await fitted(dataset(examplesOf(DATA)), { validationData: stream, callbacks });
    await settled();
    expect(history.loss).toEqual([expect.any(Number)]);
    expect(history.valLoss).toEqual([Number.NaN]);
    expect(seen).toMatchObject({ opened: 1, closed: 1 });
  });
});

describe('mistakes', () => {
  const stream = dataset(examplesOf(DATA));
  const of = (x: unknown, y: unknown = 0) => dataset([{ x, y }] as Example[]);

  test.each<[string, (model: Model) => Promise<unknown>, new (message: string) => Error, RegExp]>([
    [
      'shuffle',
      (model) => model.fit(stream, { shuffle: true }),
      ArgumentError,
      /^fit: shuffle is for data that .* dataset\.shuffle\(1000\)/,
    ],
    [
      'validationSplit',
      (model) => model.fit(stream, { validationSplit: 0.2 }),
      ArgumentError,
      /fit\(dataset\.skip\(1000\), \{ validationData: dataset\.take\(1000\) \}\)/,
    ],
    [
      'sampleWeight',
      (model) => model.fit(stream, { sampleWeight: [1] }),
      ArgumentError,
      /bring theirs: \{ x, y, sampleWeight \}/,
    ],
    [
      'sampleWeight of an evaluation',
      (model) => model.evaluate(stream, { sampleWeight: [1] }),
      ArgumentError,
      /^evaluate: sampleWeight weighs/,
    ],
    [
      'sampleWeight of a validation',
      (model) => model.fit(DATA, { validationData: { x: stream, sampleWeight: [1] } as never }),
      ArgumentError,
      /^validationData: sampleWeight weighs/,
    ],
    [
      'stepsPerEpoch of data in memory',
      (model) => model.fit(DATA, { stepsPerEpoch: 3 }),
      ArgumentError,
      /^fit: stepsPerEpoch is for datasets that stream; an epoch of these data has 2 steps/,
    ],
    [
      'no end',
      (model) => model.fit(stream.repeat().shuffle(10)),
      ArgumentError,
      /^fit: the dataset repeats without end\. Write fit\(dataset, \{ stepsPerEpoch: 100 \}\)\.$/,
    ],
    [
      'no end of batches',
      (model) => model.fit({ x: stream.batch(4).repeat() }),
      ArgumentError,
      /^fit: .* stepsPerEpoch: 100/,
    ],
    [
      'no end to validate on',
      (model) => model.fit(stream.repeat(), { stepsPerEpoch: 2, validationData: stream.repeat() }),
      ArgumentError,
      /^validationData: the dataset repeats without end\. Write dataset\.take\(1000\)\.$/,
    ],
    [
      'no end to evaluate',
      (model) => model.evaluate(stream.repeat()),
      ArgumentError,
      /^evaluate: the dataset repeats without end\. Write dataset\.take\(1000\)\.$/,
    ],
    [
      'no end to predict',
      (model) => model.predict(stream.repeat()),
      ArgumentError,
      /^predict: the dataset repeats without end/,
    ],
    [
      'no end to classify',
      (model) => model.classify(stream.repeat()),
      ArgumentError,
      /^classify: the dataset repeats without end/,
    ],
    [
      'startAtStep',
      (model) => model.fit(stream, { stepsPerEpoch: 3, startAtStep: 4 }),
      ArgumentError,
      /startAtStep 4 is beyond the 3 steps/,
    ],
    [
      'batchSize',
      (model) => model.fit(stream.batch(8), { batchSize: 9 }),
      ArgumentError,
      /the dataset has batches of 8.*batchSize 9/,
    ],
    [
      'y beside it',
      (model) => model.fit({ x: stream, y: DATA.y } as never),
      DataError,
      /y comes with the examples of the dataset/,
    ],
    [
      'y apart',
      (model) => model.fit(stream as never, DATA.y as never),
      ArgumentError,
      /^fit: options must be an object/,
    ],
    [
      'trainOnBatch',
      (model) => model.trainOnBatch(stream as never, undefined as never),
      ArgumentError,
      /for await \(const \{ x, y \} of dataset\.batch\(32\)\)/,
    ],
    [
      'a generator without dataset()',
      (model) => model.fit(examplesOf(DATA).values() as never),
      DataError,
      /^fit takes .*dataset\(source\)/,
    ],
    ['no examples', (model) => model.fit(dataset<Example>([])), DataError, /the dataset is empty/],
    [
      'no examples to validate on',
      (model) => model.fit(DATA, { validationData: dataset<Example>([]) }),
      DataError,
      /the dataset is empty/,
    ],
    ['no examples to predict', (model) => model.predict(dataset<Example>([])), DataError, /the dataset is empty/],
    [
      'what is no example',
      (model) => model.fit(dataset([1, 2]) as never),
      DataError,
      /gives examples \{ x, y \} or batches of them, got 1/,
    ],
    [
      'a shape',
      (model) => model.fit(of(new Float32Array(64))),
      ShapeError,
      /x has the shape \[64\]; for this model an example has the shape \[8, 8, 1\], and a batch \[n, 8, 8, 1\]/,
    ],
    [
      'a number that is not finite',
      (model) => model.fit(of({ data: new Float32Array(64).fill(Number.NaN), shape: [8, 8, 1] })),
      DataError,
      /^the dataset: batch 0: x has the value NaN/,
    ],
    [
      'a label',
      (model) => model.fit(of(DATA.x, Array(50).fill(2))),
      DataError,
      /^the dataset: batch 0: y: label 2 of example 0 is not one of the 2 classes/,
    ],
    [
      'no label',
      (model) => model.fit(stream.map(({ x }) => ({ x }))),
      DataError,
      /^the dataset: batch 0: y is missing/,
    ],
    [
      'a batch that is too large',
      (model) => model.fit(of(DATA.x, DATA.y)),
      DataError,
      /it has 50 examples, and a step takes 32\. .* \{ batchSize: 50 \}/,
    ],
    [
      'weights of a batch',
      (model) => model.fit(dataset([{ ...DATA, sampleWeight: [1] }]) as never, { batchSize: 50 }),
      DataError,
      /sampleWeight has 1 weights for 50 examples/,
    ],
  ])('%s', async (what, call, Kind, message) => {
    const model = await compiledToy();
    const before = await bits(model);
    const error = await call(model).then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(error).toBeInstanceOf(Kind);
    expect(error).toBeInstanceOf(NeuriteError);
    expect((error as Error).message).toMatch(message);
    // The validation comes after an epoch.
    if (what !== 'no examples to validate on') expect(await bits(model)).toEqual(before);
    model.dispose();
  });
});
