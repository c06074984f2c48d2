/** What `x` may be: bytes and other integers give the same bits as the floats of the same values, and stay narrow on the GPU. */
import { afterAll, describe, expect, test } from 'vitest';
import { ArrayDataset } from '../../src/data/dataset.ts';
import {
  DataError,
  type Examples,
  exampleGradients,
  type InputData,
  layers,
  loadModel,
  type Model,
  ndarray,
  requestDevice,
  resume,
  sequential,
  sum,
  trainingStep,
} from '../../src/index.ts';
import type { FitOptions } from '../../src/nn/train/fit.ts';
import { ResidentDatasets } from '../../src/nn/train/residentDatasets.ts';
import { byteLength } from '../../src/tensor.ts';
import { testDevice } from '../support/device.ts';
import { lose } from '../support/losses.ts';
import { detach, MEMORIES } from '../support/memory.ts';
import { bits } from '../support/toy.ts';

const models: Model[] = [];
afterAll(() => {
  for (const model of models) model.dispose();
});

/** Pictures whose rows end within a word: 5 x 3 x 3 bytes. */
const SHAPE = [5, 3, 3];
const COUNT = 13;
const LENGTH = COUNT * 45;
const BYTES = Uint8Array.from({ length: LENGTH }, (_, i) => (i * i * 7 + (i >> 3)) % 256);
const Y = Int32Array.from({ length: COUNT }, (_, i) => i % 2);

async function small(precision: 'float32' | 'mixed' = 'float32', shape: readonly number[] = SHAPE): Promise<Model> {
  const model = sequential([
    layers.rescaling({ inputShape: shape, scale: 1 / 255 }),
    layers.conv2d({ filters: 4, kernelSize: 3, activation: 'relu' }),
    layers.flatten(),
    layers.dense({ units: 2 }),
  ]);
  models.push(model);
  const device = await testDevice();
  await model.compile({
    loss: 'sparseCategoricalCrossentropy',
    metrics: ['accuracy'],
    seed: 1,
    device,
    precision,
    tune: false,
  });
  return model;
}

const shaped = <T>(data: T, count = COUNT) => ({ data, shape: [count, ...SHAPE] });
const floats = (data: ArrayLike<number> & Iterable<number>) => shaped(Float32Array.from(data));

/** Bytes behind three others, so that they do not begin at a word. */
function shifted<T extends Uint8Array | Int16Array>(data: T): T {
  const offset = 3 * data.BYTES_PER_ELEMENT;
  const Type = data.constructor as new (buffer: ArrayBuffer, offset?: number, length?: number) => T;
  const result = new Type(new ArrayBuffer(data.byteLength + offset), offset, data.length);
  result.set(data);
  return result;
}

const signed = Int16Array.from(BYTES, (v, i) => (v - 128) * (i % 2 ? 1 : 200));
const NARROW: readonly [string, Uint8Array | Uint8ClampedArray | Int8Array | Uint16Array | Int16Array][] = [
  ['bytes', BYTES],
  ['bytes that begin within a word', shifted(BYTES)],
  ['clamped bytes', Uint8ClampedArray.from(BYTES)],
  ['bytes with a sign', Int8Array.from(BYTES, (v) => v - 128)],
  ['16 bits', Uint16Array.from(BYTES, (v) => v * 257)],
  ['16 bits with a sign', signed],
  ['16 bits that begin within a word', shifted(signed)],
];

const FIT: FitOptions = { epochs: 2, batchSize: 5 };

/** All that calls give, and the weights after the training. */
async function results(x: InputData, fit: FitOptions = FIT, other: Examples = { x, y: Y }): Promise<unknown[]> {
  const model = await small();
  const before = [
    await model.predict(x, { batchSize: 4 }),
    await model.evaluate({ x, y: Y }, { batchSize: 4 }),
    await model.inspect(x),
    await exampleGradients(model, x, { output: 1 }),
  ];
  const logs = await model.trainOnBatch(x, Y);
  return [...before, logs, await model.fit({ x, y: Y }, { ...fit, validationData: other }), await bits(model)];
}

describe('integers give what floats give, bit by bit', () => {
  test.each(NARROW)('%s', async (_, data) => {
    const x = floats(data);
    expect(await results(shaped(data))).toEqual(await results(x));
  });

  test('streaming, with a part held out, and as validation data alone', async () => {
    for (const fit of [{ maxResidentBytes: 0 }, { validationSplit: 0.3, validationData: undefined }] as FitOptions[]) {
      const options = { ...FIT, ...fit };
      expect(await results(shaped(BYTES), options)).toEqual(await results(floats(BYTES), options));
    }
    const mixed = await results(floats(BYTES), FIT, { x: shaped(BYTES), y: Y });
    expect(mixed).toEqual(await results(floats(BYTES)));
  });

  test('in micro-batches, under a limit of memory', async () => {
    const run = async (x: InputData) => {
      const model = sequential([
        layers.rescaling({ inputShape: SHAPE, scale: 1 / 255 }),
        layers.conv2d({ filters: 64, kernelSize: 3, padding: 'same', activation: 'relu' }),
        layers.flatten(),
        layers.dense({ units: 2 }),
      ]);
      models.push(model);
      const loss = 'sparseCategoricalCrossentropy';
      await model.compile({ loss, seed: 1, device: await testDevice(), tune: false, memoryLimit: 260_000 });
      let kept = 0;
      const onBatchEnd = () => {
        kept = model.compiled.memoryBudget.resident.size;
      };
      const history = await model.fit({ x, y: Y }, { epochs: 2, batchSize: 13, callbacks: { onBatchEnd } });
      expect(model.plan({ batchSize: 13 }).microBatches?.count).toBeGreaterThan(1);
      expect(kept).toBe(2);
      return [history, await bits(model)];
    };
    expect(await run(shaped(BYTES))).toEqual(await run(floats(BYTES)));
  });

  test('whole words of pixels, as pictures have them', async () => {
    const model = await small('float32', [4, 4, 3]);
    const start = await model.save();
    const data = BYTES.subarray(0, 12 * 48);
    const y = Y.subarray(0, 12);
    const trained = async (array: Uint8Array | Float32Array) => {
      const own = await loadModel(start, { device: await testDevice(), tune: false });
      models.push(own);
      return [await own.fit({ x: { data: array, shape: [12, 4, 4, 3] }, y }, FIT), await bits(own)];
    };
    expect(await trained(data)).toEqual(await trained(Float32Array.from(data)));
  });
});

test('on the GPU integers take what they take on the host', async () => {
  const bytesOf = async (x: InputData) => {
    const model = await small();
    let held: [string, number][] = [];
    const onBatchEnd = () => {
      const { memoryBudget, variables } = model.compiled;
      const [data] = [...memoryBudget.resident].filter(({ name }) => name === 'data/x');
      held = data ? [[data.dtype, variables.place(data).buffer.size]] : [];
    };
    await model.fit({ x, y: Y }, { callbacks: { onBatchEnd } });
    return held[0];
  };
  expect(await bytesOf(floats(BYTES))).toEqual(['f32', 4 * LENGTH + 4 * 3]); // whole vec4s
  expect(await bytesOf(shaped(BYTES))).toEqual(['u32', LENGTH + 7]);
  expect(await bytesOf(shaped(signed))).toEqual(['u32', 2 * LENGTH + 14]);
});

test('50,000 pictures of 64 x 64 x 3 are 614.4 MB on the GPU, a quarter of their floats', async () => {
  const size = 64 * 64 * 3;
  const model = await small('float32', [64, 64, 3]);
  const { compiled } = model;
  const kept = (data: Uint8Array | Float32Array, count: number) => {
    const resident = new ResidentDatasets(compiled, 2 ** 30);
    const shape = [count, 64, 64, 3];
    resident.keep(new ArrayDataset({ data, shape }, new Int32Array(count)));
    const [x] = [...compiled.memoryBudget.resident].filter(({ name }) => name === 'data/x');
    resident.destroy();
    return byteLength(x!);
  };
  // Nothing is uploaded, and no byte is touched: the memory of the host is not taken up either.
  expect(kept(new Uint8Array(50_000 * size), 50_000)).toBe(614_400_000);
  expect(kept(new Float32Array(50 * size), 50)).toBe((4 * 614_400_000) / 1000);
});

test('fit reads integers where they lie, all other calls copy them', async () => {
  const model = await small();
  const data = BYTES.slice();
  const predicted = model.predict(shaped(data));
  data.fill(0);
  expect(await predicted).toEqual(await model.predict(shaped(BYTES)));
  data.set(BYTES);
  let first = true;
  const onBatchEnd = () => {
    if (first) data.fill(0);
    first = false;
  };
  const run = async (x: Uint8Array) => {
    const own = await small();
    first = true;
    await own.fit({ x: shaped(x), y: Y }, { ...FIT, maxResidentBytes: 0, callbacks: { onBatchEnd } });
    return bits(own);
  };
  expect(await run(data)).not.toEqual(await run(BYTES.slice()));
});

test('after the loss of a device integers go to the next one', async () => {
  const run = async (x: InputData, loses: boolean) => {
    const model = sequential([layers.flatten({ inputShape: SHAPE }), layers.dense({ units: 2 })]);
    models.push(model);
    const device = await requestDevice();
    await model.compile({ loss: 'sparseCategoricalCrossentropy', seed: 1, device, tune: false });
    const recovery = { device: () => requestDevice() };
    let batches = 0;
    const onBatchEnd = () => {
      if (++batches === 4 && loses) lose(model);
    };
    const history = await model.fit({ x, y: Y }, { ...FIT, recovery, callbacks: { onBatchEnd } });
    const result = [history, await bits(model)];
    model.compiled.device.destroy();
    return result;
  };
  const undisturbed = await run(shaped(BYTES), false);
  expect(await run(shaped(BYTES), true)).toEqual(undisturbed);
  expect(await run(floats(BYTES), true)).toEqual(undisturbed);
});

test('a watched step that fails is looked into with the integers of its batch', async () => {
  const message = async (x: InputData) => {
    const model = await small();
    model.learningRate = 3e38;
    const training = model.fit({ x, y: Y }, { epochs: 3, batchSize: 5, watch: 'stop' });
    return String(await training.then(JSON.stringify, (error: Error) => error.message));
  };
  const found = await message(shaped(BYTES));
  expect(found).toMatch(/not finite|Infinity|NaN/);
  expect(found).toBe(await message(floats(BYTES)));
});

test('a run that continues wants the same integers, not other ones with the same bytes', async () => {
  let stored: Uint8Array<ArrayBuffer> | undefined;
  const store = {
    load: async () => stored,
    save: async (file: Uint8Array<ArrayBuffer>) => {
      stored = file.slice();
    },
    remove: async () => {},
  };
  const model = await small();
  const onEpochEnd = (epoch: number) => {
    if (epoch === 1) throw new Error('cut off');
  };
  const options = { ...FIT, epochs: 3, recovery: { store, everySteps: 1 }, callbacks: { onEpochEnd } };
  await expect(model.fit({ x: shaped(BYTES), y: Y }, options)).rejects.toThrow('cut off');
  const device = await testDevice();
  const continued = (x: InputData) => resume({ x, y: Y }, { store, device });
  await expect(continued(shaped(new Int8Array(BYTES.buffer)))).rejects.toThrow(DataError);
  await expect(continued(floats(BYTES))).rejects.toThrow(DataError);
  const whole = await small();
  const history = await whole.fit({ x: shaped(BYTES), y: Y }, { ...FIT, epochs: 3 });
  const resumed = await continued(shaped(BYTES));
  models.push(resumed!.model);
  expect(resumed!.history).toEqual(history);
});

test.each(MEMORIES)('bytes in memory of any kind: $name', async ({ of }) => {
  const run = async (data: Uint8Array) => {
    const model = await small();
    const history = await model.fit({ x: shaped(data), y: Y }, FIT);
    return [history, await bits(model), await model.predict(shaped(data))];
  };
  expect(await run(of(Uint8Array, BYTES))).toEqual(await run(BYTES));
});

test('bytes that are gone are refused', async () => {
  const model = await small();
  const data = BYTES.slice();
  detach(data);
  await expect(model.predict(shaped(data))).rejects.toThrow(/was its buffer transferred\?/);
  const kept = BYTES.slice();
  const training = model.fit(
    { x: shaped(kept), y: Y },
    { ...FIT, maxResidentBytes: 0, callbacks: { onBatchEnd: () => detach(kept) } },
  );
  await expect(training).rejects.toThrow(/x: its memory is gone/);
});

test('a pooled Buffer of Node is copied too', async () => {
  if (!('Buffer' in globalThis)) return;
  const model = await small();
  const pooled = (globalThis as unknown as { Buffer: { from(data: Uint8Array): Uint8Array } }).Buffer.from(BYTES);
  const predicted = model.predict(shaped(pooled));
  pooled.fill(0);
  expect(await predicted).toEqual(await model.predict(shaped(BYTES)));
});

describe('other numbers are copied into floats', () => {
  const values = Array.from(BYTES.subarray(0, 90));
  const nested = Array.from({ length: 2 }, (_, n) =>
    Array.from({ length: 5 }, (_, y) =>
      Array.from({ length: 3 }, (_, x) => values.slice(n * 45 + y * 9 + x * 3).slice(0, 3)),
    ),
  );
  const shape = [2, ...SHAPE];
  test.each<[string, InputData]>([
    ['nested lists', nested],
    ['an NDArray of them', ndarray(nested)],
    ['an NDArray of bytes', ndarray(Uint8Array.from(values), shape)],
    ['a list with a shape', { data: values, shape }],
    ['64-bit floats', { data: Float64Array.from(values), shape }],
    ['32-bit integers', { data: Int32Array.from(values), shape }],
    ['unsigned 32-bit integers', { data: Uint32Array.from(values), shape }],
  ])('%s', async (_, x) => {
    const model = await small();
    expect(await model.predict(x)).toEqual(await model.predict({ data: Float32Array.from(values), shape }));
  });

  test('where an example is one number, a list of numbers is examples', async () => {
    const model = sequential([layers.rescaling({ inputShape: [1], scale: 2 })]);
    models.push(model);
    await model.compile({ device: await testDevice() });
    const wanted = { data: Float32Array.of(2, 4, 1), shape: [3, 1] };
    for (const x of [
      [1, 2, 0.5],
      [[1], [2], [0.5]],
      Float32Array.of(1, 2, 0.5),
      Float64Array.of(1, 2, 0.5),
      ndarray([1, 2, 0.5]),
    ]) {
      expect(await model.predict(x)).toMatchObject(wanted);
    }
    expect((await model.predict([true, false])).data).toEqual(Float32Array.of(2, 0));
    await expect(model.predict([[1, 2]])).rejects.toThrow(/takes examples of shape \[1\], x has \[2\]/);
    await expect(model.predict([1e300])).rejects.toThrow(/x has the value Infinity in example 0/);
  });
});

test('the scale is a part of the model, so what a file keeps predicts from bytes as well', async () => {
  const model = await small();
  await model.fit({ x: shaped(BYTES), y: Y }, FIT);
  const loaded = await loadModel(await model.save(), { device: await testDevice(), tune: false });
  models.push(loaded);
  expect(await loaded.predict(shaped(BYTES))).toEqual(await model.predict(floats(BYTES)));
});

test('a step of your own takes bytes with a shape for its floats', async () => {
  const model = await small();
  const values: unknown[] = [];
  for (const x of [floats(BYTES), shaped(BYTES), floats(BYTES).data]) {
    const step = await trainingStep(({ graph, seed, minimize }) => {
      const input = graph.input('x', [COUNT, ...SHAPE]);
      const outputs = model.apply(input, { training: true, seed: seed() });
      const loss = sum(outputs);
      minimize({ model, loss });
      return { loss };
    });
    model.learningRate = 0;
    values.push(await step.run({ x }));
    await expect(step.run({ x: { data: BYTES.subarray(45), shape: [COUNT - 1, ...SHAPE] } })).rejects.toThrow(
      'run: input x takes [13, 5, 3, 3], got [12, 5, 3, 3].',
    );
    step.dispose();
  }
  expect(values[1]).toEqual(values[0]);
  expect(values[2]).toEqual(values[0]);
});
