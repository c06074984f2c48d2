/** Data in any memory that JavaScript has: a call gives what it gives for ordinary memory, or refuses it as what it is. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  ArgumentError,
  DataError,
  exampleGradients,
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
import type { FitOptions } from '../../src/nn/train/fit.ts';
import { testDevice } from '../support/device.ts';
import { detach, MEMORIES, type Memory, OTHER_REALM, SHARED, shrinkable } from '../support/memory.ts';
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
  ['exampleGradients', ({ x }) => exampleGradients(model, x, { output: 0 })],
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
    if (!['predict', 'inspect', 'exampleGradients'].includes(name))
      await expect(call({ ...PLAIN, y })).rejects.toThrow(DataError);
  });

  test('refuses what holds no numbers', async () => {
    const wrong = [
      ...[new BigInt64Array(640), new DataView(new ArrayBuffer(2560)), new ArrayBuffer(2560), new SHARED(2560)],
      new Float32Array(0),
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

describe('remedies', () => {
  const messageOf = async (work: () => unknown) => {
    const error = await Promise.resolve()
      .then(work)
      .catch((e: Error) => e);
    expect(error).toBeInstanceOf(NeuriteError);
    return (error as Error).message;
  };
  const floats = X.data.slice(0, 128);
  const BYTES = new Uint8Array(1000);
  new Uint8Array(BYTES.buffer, 3, 512).set(new Uint8Array(floats.buffer));

  /** What is wrong for x, of two examples. */
  test.each<[string, unknown, string]>([
    ['an ArrayBuffer', floats.slice().buffer, 'new Float32Array(x.data)'],
    ['bytes of floats', new Uint8Array(floats.slice().buffer), 'x.data.buffer.slice'],
    ['a part of a buffer', new Uint8Array(BYTES.buffer, 3, 512), 'x.data.buffer.slice'],
    ['a DataView', new DataView(BYTES.buffer, 3, 512), 'x.data.buffer.slice'],
    ['64-bit integers', BigInt64Array.from(floats, () => 1n), 'Float32Array.from(x.data, Number)'],
  ])('in the message for %s work', async (kind, data, advice) => {
    const x = { data, shape: [2, 8, 8, 1] };
    const message = await messageOf(() => model.predict(x as never));
    expect(message).toContain(advice);
    const code = /Write (\{.*\})\.$/.exec(message)![1]!;
    const made = new Function('x', `return ${code}`)(x);
    const wanted = /^64-bit int/.test(kind) ? new Float32Array(128).fill(1) : floats;
    expect(made).toEqual({ data: wanted, shape: [2, 8, 8, 1] });
  });

  test('memory that is gone is said to be', async () => {
    const gone = (data: Float32Array | Float64Array) => {
      detach(data as Float32Array);
      return data as Float32Array;
    };
    const floats = () => gone(new Float32Array(10));
    const evaluate = (y: unknown) => () => model.evaluate({ x: X, y: y as never });
    const messages = [
      await messageOf(evaluate(floats())),
      await messageOf(evaluate(gone(new Float64Array(10)))),
      await messageOf(evaluate({ data: floats(), shape: [10] })),
      await messageOf(() => model.predict({ data: gone(new Float64Array(640)), shape: X.shape })),
      await messageOf(() => model.fit(xy(PLAIN), { sampleWeight: floats() })),
      await messageOf(() =>
        model.setWeights([
          { shape: [64, 2], data: floats() },
          { shape: [2], data: floats() },
        ]),
      ),
      await messageOf(() =>
        model.setWeights([{ shape: [64, 2], data: gone(new Float64Array(128)) }], { strict: true }),
      ),
    ];
    for (const message of messages.slice(0, -1)) {
      expect(message).toMatch(/was its buffer transferred\?/i);
      expect(message).not.toContain('Float32Array.from');
    }
  });

  test('views that hold no numbers', async () => {
    const view = new DataView(new ArrayBuffer(40));
    expect(await messageOf(() => model.evaluate({ x: X, y: view as never }))).toMatch(
      /^y must be .*, got a DataView of 40/,
    );
    const weighted = messageOf(() => model.evaluate(xy(PLAIN), { sampleWeight: view as never }));
    expect(await weighted).toBe('evaluate: sampleWeight must be a list, got a DataView of 40.');
    expect(await messageOf(() => model.evaluate({ x: X, y: { data: Float32Array.from(Y), shape: [9] } }))).toMatch(
      /^y: shape \[9\] has 9 elements, data has 10\.$/,
    );
  });

  test('files that are gone are said to be of the call', async () => {
    const bytes = file.slice();
    detach(bytes);
    expect(await messageOf(() => loadModel(bytes))).toMatch(/^loadModel: source: its memory is gone/);
    const store = { ...nowhere, load: async () => bytes };
    expect(await messageOf(() => resume(xy(PLAIN), { store }))).toMatch(
      /^resume: what the store holds.*memory is gone/,
    );
  });

  test('of setWeights', async () => {
    const kernel = (data: unknown) => () =>
      model.setWeights([{ name: 'dense/kernel', shape: [64, 2], data } as never], { strict: false });
    const start = 'setWeights: dense/kernel: data must be a Float32Array, got ';
    expect(await messageOf(kernel([1, 2, 3]))).toBe(`${start}[1,2,3]. Write Float32Array.from(data).`);
    expect(await messageOf(kernel(new Float64Array(128)))).toBe(
      `${start}a Float64Array of length 128. Write Float32Array.from(data).`,
    );
    expect(await messageOf(kernel(new Float32Array(3)))).toBe(
      'setWeights: dense/kernel: shape [64, 2] has 128 elements, data has 3.',
    );
    const { tensors } = readSafetensors(file);
    expect(await messageOf(() => model.setWeights(tensors as never))).toMatch(
      /^setWeights: weights must be a list of \{ name, shape, data \}, got a Map\. Write \[\.\.\.map\.values\(\)\]\.$/,
    );
    await model.setWeights([...tensors.values()] as never, { strict: false });
  });
});

test('other things of another realm are what they are', async () => {
  const promise = OTHER_REALM.eval('Promise.resolve(1)');
  await expect(model.predict(promise as never)).rejects.toThrow(/got a Promise, which has to be awaited/);
  const list = OTHER_REALM.eval(`[${[...Y]}]`) as number[];
  expect(await model.evaluate({ x: X, y: list })).toEqual(await model.evaluate({ x: X, y: [...Y] }));
  const { AbortController, Blob } = OTHER_REALM as unknown as Partial<typeof globalThis>;
  if (!AbortController || !Blob) return; // a context of Node has none
  await (await small()).fit(xy(PLAIN), { signal: new AbortController().signal });
  (await loadModel(new Blob([file]), { device: await testDevice(), tune: false })).dispose();
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
