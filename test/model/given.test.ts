/** What a call was given is the caller's again once it has returned its promise; what fit reads is looked at each time. */
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import {
  DataError,
  type Dataset,
  type Examples,
  exampleGradients,
  type LossName,
  layers,
  loadModel,
  type Model,
  NeuriteError,
  requestDevice,
  sequential,
  type TensorData,
} from '../../src/index.ts';
import type { FitOptions } from '../../src/nn/train/fit.ts';
import { testDevice } from '../support/device.ts';
import { lose } from '../support/losses.ts';
import { detach, shrinkable } from '../support/memory.ts';
import { bits, compiledToy, toyExamples } from '../support/toy.ts';

const DATA = toyExamples(12);
const OTHER = toyExamples(12, 2);

/** A copy that a test may spoil. */
const copyOf = ({ x, y }: typeof DATA) => ({ x: { data: x.data.slice(), shape: [...x.shape] }, y: y.slice() });

/** All that was given becomes rubbish. */
function spoil({ x, y }: typeof DATA): void {
  x.data.fill(Number.NaN);
  x.shape.fill(-1);
  y.fill(99);
}

const OPTIONS: FitOptions = { epochs: 3, batchSize: 4, shuffle: false };

const models: Model[] = [];
afterEach(() => {
  for (const model of models.splice(0)) model.dispose();
});

async function toy(lonely = false): Promise<Model> {
  const model = await compiledToy({ tune: false, ...(lonely ? { device: await requestDevice() } : {}) });
  models.push(model);
  return model;
}

/** A model without anything that fit changes at a learning rate of 0. */
async function plain(loss: LossName = 'sparseCategoricalCrossentropy'): Promise<Model> {
  const model = sequential([layers.flatten({ inputShape: [8, 8, 1] }), layers.dense({ units: 2 })]);
  models.push(model);
  await model.compile({ loss, device: await testDevice(), tune: false });
  return model;
}

/** A call with data that are spoilt once it has returned its promise. */
function spoiling<T>(call: (data: typeof DATA) => Promise<T>, data = DATA): Promise<T> {
  const given = copyOf(data);
  const promise = call(given);
  spoil(given);
  return promise;
}

describe('predict', () => {
  /** Three predictions from one array that is refilled in between. */
  function frames(model: Model): { results: Promise<TensorData>[]; wanted: () => Promise<TensorData[]> } {
    const frame = { data: new Float32Array(3 * 64), shape: [3, 8, 8, 1] };
    const parts = [0, 3, 6].map((first) => DATA.x.data.slice(first * 64, (first + 3) * 64));
    const results = parts.map((part) => {
      frame.data.set(part);
      return model.predict(frame);
    });
    frame.data.fill(Number.NaN);
    const wanted = async () => {
      const all: TensorData[] = [];
      for (const data of parts) all.push(await model.predict({ data, shape: frame.shape }));
      return all;
    };
    return { results, wanted };
  }

  test('from one array that is refilled', async () => {
    const { results, wanted } = frames(await toy());
    expect(await Promise.all(results)).toEqual(await wanted());
  });

  test('in several batches', async () => {
    const model = await toy();
    const result = await spoiling(({ x }) => model.predict(x, { batchSize: 5 }));
    expect(result).toEqual(await model.predict(DATA.x, { batchSize: 5 }));
  });

  test('while the device is lost and replaced', async () => {
    const model = await toy(true);
    await model.predict(DATA.x);
    lose(model);
    const before = frames(model);
    lose(model);
    expect(await Promise.all(before.results)).toEqual(await before.wanted());
  });

  test('beside fit', async () => {
    const model = await plain();
    model.learningRate = 0; // so that it does not matter when
    const fit = model.fit(DATA, { epochs: 2, batchSize: 4 });
    const { results, wanted } = frames(model);
    await fit;
    expect(await Promise.all(results)).toEqual(await wanted());
  });
});

describe('evaluate', () => {
  const sampleWeight = Float32Array.from({ length: 12 }, (_, i) => i % 3);

  test('examples, labels and weights, behind each other', async () => {
    const model = await toy();
    const given = { ...copyOf(DATA), sampleWeight: sampleWeight.slice() };
    const results = [DATA, OTHER, DATA].map((data, i) => {
      given.x.data.set(data.x.data);
      given.y.set(data.y);
      given.sampleWeight.set(sampleWeight);
      given.sampleWeight[0] = i;
      const { sampleWeight: weights, ...xy } = given;
      return model.evaluate(xy, { batchSize: 5, sampleWeight: weights });
    });
    spoil(given);
    given.sampleWeight.fill(Number.NaN);
    const wanted: unknown[] = [];
    for (const [i, data] of [DATA, OTHER, DATA].entries()) {
      const weights = sampleWeight.slice();
      weights[0] = i;
      wanted.push(await model.evaluate(data, { batchSize: 5, sampleWeight: weights }));
    }
    expect(await Promise.all(results)).toEqual(wanted);
  });

  test('more than there is memory for', async () => {
    const model = await toy();
    const slice = vi.spyOn(Float32Array.prototype, 'slice').mockImplementation(() => {
      throw new RangeError('Array buffer allocation failed');
    });
    const failures = [model.evaluate(DATA), model.predict(DATA.x)].map((call) => call.catch((error: unknown) => error));
    slice.mockRestore();
    expect(await failures[0]).toBeInstanceOf(DataError);
    expect(String(await failures[1])).toMatch(/no memory for a copy of its 3072 bytes; a Dataset/);
  });

  test('plain lists and one-hot rows', async () => {
    const model = await plain('categoricalCrossentropy');
    const rows = () => Float32Array.from({ length: 24 }, (_, i) => Number(DATA.y[i >> 1] === (i & 1)));
    const y = { data: rows(), shape: [12, 2] };
    const weights = [...sampleWeight];
    const result = model.evaluate({ x: DATA.x, y }, { sampleWeight: weights });
    y.data.fill(Number.NaN);
    weights.fill(Number.NaN);
    expect(await result).toEqual(
      await model.evaluate({ x: DATA.x, y: { data: rows(), shape: [12, 2] } }, { sampleWeight }),
    );
  });

  test('while the device is lost and replaced', async () => {
    const model = await toy(true);
    const wanted = await model.evaluate(DATA);
    lose(model);
    const result = spoiling((data) => model.evaluate(data));
    lose(model);
    expect(await result).toEqual(wanted);
  });
});

test('trainOnBatch', async () => {
  const [model, undisturbed] = [await toy(), await toy()];
  const weights = Float32Array.from({ length: 12 }, (_, i) => 1 + (i % 2));
  for (const data of [DATA, OTHER]) {
    const sampleWeight = weights.slice();
    const result = spoiling(({ x, y }) => model.trainOnBatch(x, y, { sampleWeight }), data);
    sampleWeight.fill(Number.NaN);
    expect(await result).toEqual(await undisturbed.trainOnBatch(data.x, data.y, { sampleWeight: weights }));
  }
  expect(await bits(model)).toEqual(await bits(undisturbed));
});

test('inspect', async () => {
  const model = await toy();
  const results = [DATA, OTHER].map((data) => spoiling(({ x }) => model.inspect(x), data));
  const wanted = [await model.inspect(DATA.x), await model.inspect(OTHER.x)];
  expect(await Promise.all(results)).toEqual(wanted);
});

test('exampleGradients', async () => {
  const model = await toy();
  const rows = (x: TensorData) => exampleGradients(model, x, { output: 1 });
  const results = [DATA, OTHER].map((data) => spoiling(({ x }) => rows(x), data));
  const wanted = [await rows(DATA.x), await rows(OTHER.x)];
  expect(await Promise.all(results)).toEqual(wanted);
});

test('setWeights, of a device that was lost too', async () => {
  const model = await toy(true);
  const wanted = (await model.getWeights()).map(({ data, ...rest }) => ({ ...rest, data: data.map((v) => v / 2) }));
  for (const loses of [false, true]) {
    if (loses) {
      lose(model);
      await model.compiled.device.gpu.lost;
    }
    const given = wanted.map(({ data, shape, ...rest }) => ({ ...rest, data: data.slice(), shape: [...shape] }));
    const setting = model.setWeights(given);
    for (const { data, shape } of given) {
      data.fill(Number.NaN);
      (shape as number[]).fill(-1);
    }
    given.length = 0;
    await setting;
    expect(await model.getWeights()).toEqual(wanted);
  }
});

test('loadModel', async () => {
  const model = await toy();
  const file = await model.save();
  const loading = loadModel(file, { device: await testDevice() });
  file.fill(0);
  const loaded = await loading;
  models.push(loaded);
  expect(await bits(loaded)).toEqual(await bits(model));
});

describe('fit', () => {
  type Spoilt = Examples & typeof DATA;
  const finite = (values: Iterable<number>) => expect([...values].every(Number.isFinite)).toBe(true);

  /** A fit whose data are changed while it runs. @param when number of batches before the change; 0: at once */
  async function changing(
    change: (data: Spoilt) => void,
    options: FitOptions,
    { when = 1, part = 'x and y' as 'x and y' | 'validationData', model = undefined as Model | undefined } = {},
  ) {
    const used = model ?? (await toy());
    const given = copyOf(DATA);
    let batches = 0;
    const onBatchEnd = () => {
      if (++batches === when) change(given);
    };
    const both = part === 'x and y' ? given : DATA;
    const training = used.fit(both, {
      ...OPTIONS,
      ...(part === 'x and y' ? {} : { validationData: given }),
      ...options,
      callbacks: { onBatchEnd },
    });
    if (when === 0) change(given);
    return { history: await training, model: used };
  }

  const bad: readonly [string, (data: Spoilt) => void][] = [
    ['a class that there is not', ({ y }) => void y.fill(2)],
    ['a class below 0', ({ y }) => void y.fill(-1)],
    ['a NaN', ({ x }) => void x.data.fill(Number.NaN)],
    ['an infinity', ({ x }) => void x.data.fill(Number.POSITIVE_INFINITY)],
    ['x is transferred', ({ x }) => detach(x.data)],
    ['y is transferred', ({ y }) => detach(y)],
  ];

  test.each(bad)('what streams is looked at when it is read: %s', async (_, change) => {
    await expect(changing(change, { maxResidentBytes: 0 })).rejects.toThrow(DataError);
    await expect(changing(change, { maxResidentBytes: 0 }, { part: 'validationData' })).rejects.toThrow(DataError);
    await expect(changing(change, { maxResidentBytes: 0, classWeight: { 1: 2 } })).rejects.toThrow(DataError);
  });

  test.each(bad)('what is on the GPU stays as it was: %s', async (_, change) => {
    const undisturbed = await changing(() => {}, {});
    const { history, model } = await changing(change, {});
    expect(history).toEqual(undisturbed.history);
    expect(await bits(model)).toEqual(await bits(undisturbed.model));
    await changing(change, {}, { part: 'validationData' });
  });

  test.each(bad)('before anything was read: %s', async (_, change) => {
    for (const maxResidentBytes of [0, 2 ** 20]) {
      await expect(changing(change, { maxResidentBytes }, { when: 0 })).rejects.toThrow(NeuriteError);
      const part = 'validationData';
      await expect(changing(change, { maxResidentBytes }, { when: 0, part })).rejects.toThrow(NeuriteError);
    }
  });

  test.each(bad.filter((_, i) => i % 2 === 0))('what goes to the next device is looked at: %s', async (_, change) => {
    const model = await toy(true);
    const spoilAndLose = (data: Spoilt) => {
      change(data);
      lose(model);
    };
    const recovery = { device: () => requestDevice() };
    await expect(changing(spoilAndLose, { recovery }, { model })).rejects.toThrow(DataError);
  });

  test('other examples and labels count when they are read', async () => {
    const undisturbed = await changing(() => {}, { maxResidentBytes: 0 });
    const { history, model } = await changing(
      ({ x, y }) => {
        x.data.set(OTHER.x.data);
        y.set(OTHER.y);
      },
      { maxResidentBytes: 0 },
    );
    finite(history.loss!);
    expect(history.loss).not.toEqual(undisturbed.history.loss);
    for (const { data } of await model.getWeights()) finite(data);
  });

  test('memory that shrinks', async () => {
    for (const kind of ['fixed', 'tracking'] as const) {
      const { [kind]: data, shrink } = shrinkable(DATA.x.data);
      const model = await toy();
      const training = model.fit(
        { x: { data, shape: DATA.x.shape }, y: DATA.y },
        { ...OPTIONS, maxResidentBytes: 0, callbacks: { onBatchEnd: shrink } },
      );
      await expect(training).rejects.toThrow(/x: its memory is gone/);
      await model.fit(DATA, OPTIONS); // the model is as good as before
    }
  });

  test('weights of examples are copied, options are read at once', async () => {
    const run = async (disturbed: boolean) => {
      const model = await toy();
      const sampleWeight = Float32Array.from({ length: 12 }, (_, i) => i % 3);
      const classWeight = { 1: 2 };
      const onBatchEnd = () => {
        if (!disturbed) return;
        sampleWeight.fill(Number.NaN);
        classWeight[1] = Number.NaN;
      };
      const options = { ...OPTIONS, sampleWeight, classWeight, maxResidentBytes: 0, callbacks: { onBatchEnd } };
      const training = model.fit(DATA, options);
      if (disturbed) Object.assign(options, { epochs: 'many', batchSize: -1 });
      return { history: await training, bits: await bits(model) };
    };
    expect(await run(true)).toEqual(await run(false));
  });
});

describe('fit reads at once', () => {
  /** All but the examples themselves, which it reads until it ends. */
  const given = () => {
    const weights = () => Float32Array.from({ length: 12 }, (_, i) => i % 3);
    const data = { x: { ...DATA.x, shape: [...DATA.x.shape] } as TensorData, y: DATA.y };
    const validationData = { ...OTHER, sampleWeight: weights() };
    const seen: number[] = [];
    const callbacks = [{ onEpochEnd: (epoch: number) => void seen.push(epoch) }];
    const options = { ...OPTIONS, sampleWeight: weights(), classWeight: { 1: 2 }, validationData, callbacks };
    return { data, options, seen };
  };
  const spoilAll = ({ data, options }: ReturnType<typeof given>) => {
    (data.x.shape as number[]).fill(-1);
    Object.assign(data, { x: undefined, y: undefined });
    options.sampleWeight.fill(Number.NaN);
    options.classWeight[1] = Number.NaN;
    options.validationData.sampleWeight.fill(Number.NaN);
    Object.assign(options.validationData, { x: undefined, y: undefined, sampleWeight: undefined });
    options.callbacks.length = 0;
    Object.assign(options, { epochs: 'many', validationData: undefined });
  };

  test.each([false, true])('weights, fields and callbacks; of a device that was lost: %s', async (lost) => {
    const run = async (disturbed: boolean) => {
      const model = await toy(lost);
      if (lost) lose(model);
      const mine = given();
      const training = model.fit(mine.data, mine.options);
      if (disturbed) spoilAll(mine);
      const history = await training;
      return { history, seen: mine.seen, bits: await bits(model) };
    };
    const undisturbed = await run(false);
    expect(undisturbed.seen.length).toBeGreaterThan(0);
    expect(await run(true)).toEqual(undisturbed);
  });
});

describe('a dataset that reads', () => {
  let model: Model;
  beforeAll(async () => {
    model = await compiledToy();
    return () => model.dispose();
  });

  const dataset = (disturb: (indices: Uint32Array, x: Float32Array, y?: Int32Array) => void): Dataset => ({
    size: 12,
    xShape: [8, 8, 1],
    read(indices, x, y) {
      indices.forEach((row, i) => {
        x.set(DATA.x.data.subarray(row * 64, (row + 1) * 64), i * 64);
        if (y) y[i] = DATA.y[row]!;
      });
      disturb(indices, x, y as Int32Array);
    },
  });

  test('has its own indices', async () => {
    const wanted = await model.evaluate(DATA, { batchSize: 5, sampleWeight: Array.from(DATA.y, (y) => 1 + y) });
    for (const disturb of [(indices: Uint32Array) => void indices.fill(7), detach]) {
      const options = { batchSize: 5, sampleWeight: Array.from(DATA.y, (y) => 1 + y) };
      expect(await model.evaluate(dataset(disturb), options)).toEqual(wanted);
    }
  });

  test('may not transfer what it is to fill, and spoils nothing for others', async () => {
    const wanted = await model.evaluate(DATA, { batchSize: 5 });
    const transfers: Dataset[] = [
      dataset((_, x) => detach(x)),
      dataset((_, __, y) => detach(y!)),
      dataset((_, x) => {
        detach(x);
        throw new TypeError('its own');
      }),
    ];
    for (const [i, transferring] of transfers.entries()) {
      await expect(model.evaluate(transferring, { batchSize: 5 })).rejects.toThrow(
        i < 2 ? /read has transferred the memory/ : /its own/,
      );
      expect(await model.evaluate(DATA, { batchSize: 5 })).toEqual(wanted);
    }
  });
});
