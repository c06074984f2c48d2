/** Data in any memory that JavaScript has: a call gives what it gives for ordinary memory, or refuses it as what it is. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ArgumentError,
  DataError,
  layers,
  loadModel,
  type Model,
  NeuriteError,
  readSafetensors,
  resume,
  type SnapshotStore,
  sequential,
  writeSafetensors,
} from '../../src/index.ts';
import type { FitOptions } from '../../src/nn/fit.ts';
import { testDevice } from '../support/device.ts';
import { detach, MEMORIES, type Memory, SHARED, shrinkable } from '../support/memory.ts';
import { bits, toyExamples } from '../support/toy.ts';

const { x: X, y: Y } = toyExamples(10);
const WEIGHTS = Array.from(Y, (_, i) => i % 3);

const models: Model[] = [];
afterAll(() => {
  for (const model of models) model.dispose();
});

async function small(): Promise<Model> {
  const model = sequential([layers.flatten({ inputShape: [8, 8, 1] }), layers.dense({ units: 2 })]);
  models.push(model);
  await model.compile({
    ...{ loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'], device: await testDevice(), tune: false },
  });
  return model;
}

interface Given {
  readonly x: { readonly data: Float32Array; readonly shape: number[] };
  readonly y: Int32Array;
  readonly sampleWeight: Float32Array;
}

const givenIn = ({ of }: Memory): Given => ({
  x: { data: of(Float32Array, X.data), shape: X.shape },
  y: of(Int32Array, Y),
  sampleWeight: of(Float32Array, WEIGHTS),
});

const xy = ({ x, y }: Given) => ({ x, y });

const PLAIN: Given = { x: X, y: Y, sampleWeight: Float32Array.from(WEIGHTS) };

let model: Model;
let file: Uint8Array<ArrayBuffer>;
beforeAll(async () => {
  model = await small();
  file = await model.save();
});

/** Calls that change no weights. */
const READING: readonly [string, (given: Given) => Promise<unknown>][] = [
  ['predict', ({ x }) => model.predict(x, { batchSize: 4 })],
  ['evaluate', (data) => model.evaluate(xy(data), { batchSize: 4, sampleWeight: data.sampleWeight })],
  ['inspect', ({ x }) => model.inspect(x)],
];

/** A model that trains from its first values. */
async function trained(train: (model: Model) => Promise<unknown>): Promise<unknown> {
  const model = await loadModel(file, { device: await testDevice(), tune: false });
  const result = await train(model);
  const ends = [result, await bits(model)];
  model.dispose();
  return ends;
}

const FIT: FitOptions = { epochs: 2, batchSize: 4 };
const TRAINING: readonly [string, (given: Given) => Promise<unknown>][] = [
  ['trainOnBatch', ({ x, y, sampleWeight }) => trained((own) => own.trainOnBatch(x, y, { sampleWeight }))],
  ['fit', (data) => trained((own) => own.fit(xy(data), { ...FIT, sampleWeight: data.sampleWeight }))],
  ['fit, streaming', (data) => trained((own) => own.fit(xy(data), { ...FIT, maxResidentBytes: 0 }))],
  ['fit, validating', (data) => trained((own) => own.fit(xy(PLAIN), { ...FIT, validationData: data }))],
  ['fit, storing', (data) => trained((own) => own.fit(xy(data), { ...FIT, recovery: { store: nowhere } }))],
];

const nowhere: SnapshotStore = { load: async () => undefined, save: async () => {}, remove: async () => {} };

describe.each([...READING, ...TRAINING])('%s', (name, call) => {
  let wanted: unknown;
  beforeAll(async () => {
    wanted = await call(PLAIN);
  });

  test.each(MEMORIES)('takes $name', async (memory) => {
    expect(await call(givenIn(memory))).toEqual(wanted);
  });

  test('refuses memory that is gone', async () => {
    const gone = X.data.slice();
    detach(gone);
    const { fixed, tracking, shrink } = shrinkable(X.data);
    shrink();
    for (const data of [gone, fixed, tracking]) {
      await expect(call({ ...PLAIN, x: { data, shape: X.shape } })).rejects.toThrow(NeuriteError);
    }
    const y = Y.slice();
    detach(y);
    if (name !== 'predict' && name !== 'inspect') await expect(call({ ...PLAIN, y })).rejects.toThrow(DataError);
  });

  test('refuses what holds no float32', async () => {
    const Float16 = (globalThis as { Float16Array?: Float32ArrayConstructor }).Float16Array;
    const wrong = [
      ...[new Float64Array(640), new Uint8ClampedArray(640), new Int32Array(640), new BigInt64Array(640)],
      ...[new DataView(new ArrayBuffer(2560)), new ArrayBuffer(2560), new SHARED(2560), new Float32Array(0)],
      ...(Float16 ? [new Float16(640)] : []),
    ];
    for (const data of wrong) {
      await expect(call({ ...PLAIN, x: { data: data as never, shape: X.shape } })).rejects.toThrow(NeuriteError);
      await expect(call({ ...PLAIN, x: data as never })).rejects.toThrow(NeuriteError);
    }
  });
});

describe('labels and weights of examples', () => {
  const Float16 = (globalThis as { Float16Array?: Float32ArrayConstructor }).Float16Array;
  const NUMBERS = [
    ...[Int8Array, Uint8Array, Uint8ClampedArray, Int16Array, Uint16Array, Uint32Array, Float32Array, Float64Array],
    ...(Float16 ? [Float16] : []),
    ...('Buffer' in globalThis ? [(globalThis as unknown as { Buffer: Uint8ArrayConstructor }).Buffer] : []),
  ] as readonly { from(values: Iterable<number>): Uint8Array }[];

  test('may be numbers of any kind', async () => {
    const wanted = await model.evaluate(xy(PLAIN), { sampleWeight: WEIGHTS });
    const y = [...Y];
    for (const Kind of NUMBERS) {
      const given = { x: X, y: Kind.from(y) };
      expect(await model.evaluate(given, { sampleWeight: Kind.from(WEIGHTS) })).toEqual(wanted);
      const shaped = { x: X, y: { data: Kind.from(y) as never, shape: [10] } };
      expect(await model.evaluate(shaped, { sampleWeight: Kind.from(WEIGHTS) })).toEqual(wanted);
    }
  });

  test('are refused where they are none', async () => {
    const regression = sequential([layers.flatten({ inputShape: [8, 8, 1] }), layers.dense({ units: 1 })]);
    models.push(regression);
    await regression.compile({ loss: 'meanSquaredError', device: await testDevice(), tune: false });
    const wrong = [new BigInt64Array(10), new BigUint64Array(10), new DataView(new ArrayBuffer(40)), new SHARED(40)];
    for (const y of [...wrong, new ArrayBuffer(40), new Float32Array(0)] as never[]) {
      for (const one of [model, regression]) {
        await expect(one.evaluate({ x: X, y })).rejects.toThrow(NeuriteError);
        await expect(one.fit({ x: X, y: { data: y, shape: [10] } })).rejects.toThrow(NeuriteError);
        await expect(one.evaluate({ x: X, y: Y }, { sampleWeight: y })).rejects.toThrow(NeuriteError);
        await expect(one.fit({ x: X, y: Y }, { sampleWeight: y })).rejects.toThrow(NeuriteError);
      }
      await expect(model.fit(xy(PLAIN), { classWeight: y })).rejects.toThrow(ArgumentError);
    }
  });
});

describe('setWeights', () => {
  test.each(MEMORIES)('takes $name', async ({ of }) => {
    const own = await small();
    const wanted = (await own.getWeights()).map(({ data, ...rest }) => ({ ...rest, data: data.map((v) => v / 2) }));
    await own.setWeights(wanted.map(({ data, ...rest }) => ({ ...rest, data: of(Float32Array, data) })));
    expect(await own.getWeights()).toEqual(wanted);
  });

  test('refuses memory that is gone', async () => {
    const weights = await model.getWeights();
    detach(weights[0]!.data);
    await expect(model.setWeights(weights)).rejects.toThrow(DataError);
  });
});

test('what a call gives is the caller’s own', async () => {
  const [inspection, weights] = [await model.inspect(X), await model.getWeights()];
  const before = [await model.inspect(X), await model.getWeights()];
  const given = [...weights, inspection.prediction, inspection.saliency, ...inspection.layers.map((l) => l.output)];
  for (const { data, shape } of given) {
    data.fill(7);
    (shape as number[]).fill(7);
  }
  expect([await model.inspect(X), await model.getWeights()]).toEqual(before);
});

describe('files', () => {
  const shared = MEMORIES.find(({ name }) => name === 'shared')!;

  /** All that shows these bytes. */
  const views = (bytes: Uint8Array): [string, never][] => [
    ...MEMORIES.map(({ name, of }): [string, never] => [name, of(Uint8Array, bytes) as never]),
    ['an ArrayBuffer', bytes.slice().buffer as never],
    ['a shared buffer', shared.of(Uint8Array, bytes).buffer as never],
    ['a DataView', new DataView(bytes.slice().buffer) as never],
    ['a clamped array', Uint8ClampedArray.from(bytes) as never],
    ...('Buffer' in globalThis
      ? [['a pooled Buffer', (globalThis as unknown as { Buffer: typeof Uint8Array }).Buffer.from(bytes)] as never]
      : []),
  ];
  test('loadModel, readSafetensors', async () => {
    const wanted = readSafetensors(file);
    for (const [name, given] of views(file)) {
      expect(readSafetensors(given), name).toEqual(wanted);
      const loaded = await loadModel(given, { device: await testDevice(), tune: false });
      expect(await bits(loaded), name).toEqual(await bits(model));
      loaded.dispose();
    }
  });

  test('no bytes, or bytes that are gone', async () => {
    const gone = file.slice();
    const view = new DataView(gone.buffer);
    const { buffer } = gone;
    detach(gone);
    for (const given of [gone, view, buffer]) {
      expect(() => readSafetensors(given)).toThrow(ArgumentError);
      await expect(loadModel(given)).rejects.toThrow(ArgumentError);
    }
    for (const given of [null, undefined, 5, {}, [1, 2], new Map()] as never[]) {
      expect(() => readSafetensors(given)).toThrow(ArgumentError);
      await expect(loadModel(given)).rejects.toThrow(ArgumentError);
    }
  });

  test('writeSafetensors', () => {
    const tensor = (data: Float32Array, shape = [3]) => [{ name: 'a', shape, data }];
    const wanted = writeSafetensors(tensor(Float32Array.of(1, 2, 3)));
    for (const { name, of } of MEMORIES) {
      expect(writeSafetensors(tensor(of(Float32Array, [1, 2, 3]))), name).toEqual(wanted);
    }
    const [gone, none] = [Float32Array.of(1, 2, 3), new Float32Array(0)];
    detach(gone);
    detach(none);
    expect(() => writeSafetensors(tensor(gone))).toThrow(NeuriteError);
    expect(readSafetensors(writeSafetensors(tensor(none, [0]))).tensors.get('a')!.data).toHaveLength(0);
  });

  test('a store may give what it has', async () => {
    const saved: Uint8Array[] = [];
    const keep: SnapshotStore = { ...nowhere, save: async (bytes) => void saved.push(bytes) };
    const own = await small();
    const abort = new AbortController();
    const fit = own.fit(xy(PLAIN), {
      ...{ ...FIT, recovery: { store: keep, everySteps: 1 }, signal: abort.signal },
      callbacks: { onBatchEnd: (batch) => void (batch === 1 && abort.abort(new Error('cut'))) },
    });
    await expect(fit).rejects.toThrow('cut');
    const device = await testDevice();
    for (const [name, given] of views(saved.at(-1)!)) {
      const run = await resume(xy(PLAIN), { store: { ...nowhere, load: async () => given }, device });
      expect(run!.history.loss, name).toHaveLength(2);
      run!.model.dispose();
    }
    for (const given of [5, {}, 'text'] as never[]) {
      const resuming = resume(xy(PLAIN), { store: { ...nowhere, load: async () => given }, device });
      await expect(resuming).rejects.toThrow(ArgumentError);
    }
  });
});
