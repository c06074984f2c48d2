/** What goes to a worker and comes back: arrays, pictures, functions, signals and errors. */
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import * as engine from '../../src/index.ts';
import { ArgumentError, DataError, fromPixels, loadModel, ShapeError, StateError } from '../../src/index.ts';
import { adam, layers, type RemoteModel, remote } from '../../src/worker/index.ts';
import { testDevice } from '../support/device.ts';
import { toyExamples } from '../support/toy.ts';

const LAYERS = [layers.flatten({ inputShape: [8, 8, 1] }), layers.dense({ units: 2 })];
const COMPILE = { loss: 'sparseCategoricalCrossentropy', seed: 3, tune: false } as const;
const EPOCHS = { epochs: 50, batchSize: 4 };

type ErrorClass = (abstract new (...args: never[]) => Error) & { readonly kind: string };

let model: RemoteModel;
beforeAll(async () => {
  model = await remote(LAYERS);
  await model.compile(COMPILE);
});
afterAll(() => model.dispose());

const failure = (call: Promise<unknown>): Promise<Error> =>
  call.then(
    () => expect.fail('it did not fail'),
    (error) => error,
  );

describe('arrays', () => {
  test('are copied when the call is made, so the caller may change them at once', async () => {
    const { x, y } = toyExamples(20);
    const before = await model.predict(x);
    const given = { data: x.data.slice(), shape: x.shape };
    const call = model.predict(given);
    given.data.fill(0);
    expect((await call).data).toEqual(before.data);
    const trained = model.fit({ x, y }, EPOCHS);
    expect(x.data.length).toBe(20 * 64);
    await trained;
  });

  test('are handed over with transfer, with all of their buffer', async () => {
    const { x, y } = toyExamples(20);
    const before = await model.predict(x);
    const whole = new Float32Array(64 + 20 * 64);
    whole.set(x.data, 64);
    const part = whole.subarray(64);
    const call = model.predict({ data: part, shape: x.shape }, { transfer: true });
    expect([whole.length, part.length]).toEqual([0, 0]);
    expect((await call).data).toEqual(before.data);
    await model.fit({ x, y }, { batchSize: 4, transfer: true });
    expect([x.data.length, y.length]).toEqual([0, 0]);
    const error = await failure(model.predict(x));
    expect(error).toBeInstanceOf(ShapeError);
    expect(error.message).toMatch(/was its buffer transferred\?$/);
  });

  test('of a part of a large buffer take the part along alone, and shared memory lies where it is', async () => {
    const large = new Float32Array(1 << 20).fill(0.5);
    const want = await model.predict({ data: new Float32Array(64).fill(0.5), shape: [1, 8, 8, 1] });
    const post = vi.spyOn(MessagePort.prototype, 'postMessage');
    expect(await model.predict({ data: large.subarray(64, 128), shape: [1, 8, 8, 1] })).toEqual(want);
    const [, transfers] = post.mock.calls[0] as unknown as [unknown, ArrayBuffer[]];
    expect(transfers).toHaveLength(1);
    post.mockRestore();
    expect(large.length).toBe(1 << 20);
    const memory = new WebAssembly.Memory({ initial: 1 });
    const inside = new Float32Array(memory.buffer, 0, 64).fill(0.5);
    expect(await model.predict({ data: inside, shape: [1, 8, 8, 1] })).toEqual(want);
    const error = await failure(model.predict({ data: inside, shape: [1, 8, 8, 1] }, { transfer: true }));
    expect(error).toBeInstanceOf(ArgumentError);
    expect(error.message).toMatch(/^predict: cannot be sent to the worker: .* copied without transfer\.$/);
    expect(await failure(model.predict(want, { transfer: 1 } as never))).toBeInstanceOf(ArgumentError);
  });

  test.skipIf(typeof SharedArrayBuffer === 'undefined')('in shared memory are not copied', async () => {
    const data = new Float32Array(new SharedArrayBuffer(256)).fill(0.5);
    const want = await model.predict({ data: data.slice(), shape: [1, 8, 8, 1] });
    expect(await model.predict({ data, shape: [1, 8, 8, 1] }, { transfer: true })).toEqual(want);
    expect(data[0]).toBe(0.5);
  });

  test('are an NDArray of any type, lists, and bytes', async () => {
    const { x } = toyExamples(2);
    const bytes = Uint8Array.from(x.data, (value) => value * 200);
    const want = await model.predict({ data: Float32Array.from(bytes), shape: x.shape });
    expect(await model.predict(engine.ndarray(bytes, x.shape))).toEqual(want);
    const lists = [0, 1].map((n) =>
      [...Array(8).keys()].map((row) =>
        [...bytes.subarray(n * 64 + row * 8, n * 64 + row * 8 + 8)].map((value) => [value]),
      ),
    );
    expect(await model.predict(lists)).toEqual(want);
  });
});

test('pictures of every kind give the pixels that they give in the page', async () => {
  const canvas = Object.assign(document.createElement('canvas'), { width: 8, height: 8 });
  const pen = canvas.getContext('2d')!;
  pen.fillStyle = '#888';
  pen.fillRect(0, 0, 8, 8);
  pen.fillStyle = '#f40';
  pen.fillRect(2, 1, 3, 5);
  const want = await model.predict(await fromPixels(canvas, { channels: 1 }));
  const image = new Image();
  image.src = canvas.toDataURL();
  await image.decode();
  const offscreen = new OffscreenCanvas(8, 8);
  offscreen.getContext('2d')!.drawImage(canvas, 0, 0);
  const blob = await offscreen.convertToBlob();
  const bitmap = await createImageBitmap(canvas);
  const data = pen.getImageData(0, 0, 8, 8);
  for (const picture of [canvas, image, offscreen, blob, bitmap, data])
    expect(await model.predict(picture), String(picture)).toEqual(want);
  const [first] = await model.classify([canvas, blob, data]);
  expect(first).toHaveLength(2);
  expect(bitmap.width).toBe(8); // a copy went
  expect(await model.predict(bitmap, { transfer: true })).toEqual(want);
  expect(bitmap.width).toBe(0);
  const error = await failure(model.predict(bitmap));
  expect(error).toBeInstanceOf(DataError);
  expect(error.message).toMatch(/has no pixels: it was closed/);
  canvas.width = 4;
  expect((await failure(model.predict(canvas))).message).toMatch(/8 pixels high and 4 wide, the model takes 8 and 8/);
});

describe('errors', () => {
  test("are the engine's, with their messages, fields, causes and the caller's frames", async () => {
    const cases: readonly [() => Promise<unknown>, ErrorClass, RegExp][] = [
      [() => model.predict({ data: new Float32Array(3), shape: [1, 3] }), ShapeError, /^predict: the model takes/],
      [() => model.predict(Promise.resolve(1) as never), DataError, /got a Promise, which has to be awaited/],
      [() => model.predict(document.body as never), DataError, /got an HTMLBodyElement/],
      [() => model.predict((() => 1) as never), DataError, /got a function/],
      [() => model.fit(toyExamples(4), { epoch: 3 } as never), ArgumentError, /no option 'epoch'.*mean 'epochs'/],
      [
        () => model.fit(toyExamples(4), { callbacks: { onEpochEnds() {} } as never }),
        ArgumentError,
        /no hook 'onEpochEnds'/,
      ],
      [() => model.fit(toyExamples(4), 5 as never), ArgumentError, /options must be an object/],
      [
        () => model.fit(toyExamples(4), { watch: { onNonFinite: 3 } } as never),
        ArgumentError,
        /onNonFinite must be a function/,
      ],
      [() => model.compile({ recompile: true, loss: (() => 1) as never }), ArgumentError, /loss.* got a function/],
      [() => model.compile({ device: {} } as never), ArgumentError, /^compile: device: a device of the page/],
      [
        () => model.compile({ optimizer: { name: 'adam', config: { beta: 1 } } as never, recompile: true }),
        ArgumentError,
        /no option 'beta'/,
      ],
      [() => model.compile({ loss: 'mse' }), StateError, /compiled already/],
      [() => model.compile({ recompile: true, loss: 'mse', memoryLimit: 10 }), engine.MemoryLimitError, /memoryLimit/],
      [() => model.save('file://x'), StateError, /a page reaches no files/],
      [() => model.getWeights({} as never), ArgumentError, /takes no options/],
      [() => remote([layers.dense({ units: 2 })]), ArgumentError, /first layer, so it needs an inputShape/],
      [() => remote([{ type: 'denze', options: {} }]), ArgumentError, /unknown layer 'denze'.*Did you mean 'dense'/],
      [() => remote(5 as never), ArgumentError, /^remote: the first argument must be/],
      [() => remote(LAYERS, { tune: false } as never), ArgumentError, /^remote: there is no option 'tune'/],
      [() => remote(new Uint8Array(9)), engine.FormatError, /./],
    ];
    for (const [call, Class, message] of cases) {
      const error = await failure(call());
      expect(error, `${call}: ${error}`).toBeInstanceOf(Class);
      expect(error).toBeInstanceOf(engine.NeuriteError);
      expect(error.name).toBe(Class.kind);
      expect(error.message).toMatch(message);
    }
    const limit = (await failure(cases[12]![0]())) as engine.MemoryLimitError;
    expect(limit.least).toBeGreaterThan(10);
    const shape = await failure(cases[0]![0]());
    expect(shape.stack).toContain('calls.test');
    const file = engine.writeSafetensors([], { neurite: '{"version": 1}' });
    expect((await failure(remote(file))).message).toBe((await failure(loadModel(file))).message);
  });

  test('an optimizer and a schedule of your own stay in the page; messages say what can go', async () => {
    const own = {
      name: 'mine',
      learningRate: 0.1,
      globalClipNorm: undefined,
      slots: () => [],
      update() {},
      hyper: () => [0.1],
    };
    class Classy {
      name = 'mine';
      update() {}
    }
    const optimizer =
      /^compile: optimizer: one of your own cannot go to a worker, since functions cannot be sent\. Use sgd\(\), rmsprop\(\), adam\(\) or adamw\(\)/;
    const schedule =
      /^compile: optimizer: learningRate: a schedule of your own cannot go to a worker.* Use constantSchedule, stepDecay, exponentialDecay or cosineDecay of neurite, or .*onBatchBegin: .*training\.model\.learningRate = /;
    const at = (step: number) => 0.1 / (step + 1);
    const cases: readonly [unknown, RegExp][] = [
      [own, optimizer],
      [{ ...own, config: { learningRate: 0.1 } }, optimizer],
      [new Classy(), optimizer],
      [{ update() {} }, optimizer],
      [{ slots: () => [], hyper: () => [] }, /^compile: optimizer must be a name, or made by adam\(\)/],
      [engine.adam({ learningRate: { at } as never }), schedule],
      [engine.adam({ learningRate: { name: 'mine', config: {}, at } as never }), schedule],
      [adam({ learningRate: { at } as never }), schedule],
      [adam({ learningRate: { name: 'mine', config: {}, at } as never }), schedule],
      [adam({ learningRate: at as never }), schedule],
      [{ name: 'sgd', config: { learningRate: { name: 'cosineDecai', config: {} } } }, /^schedule: there is none named 'cosineDecai'.*mean 'cosineDecay'/],
      [{ name: 'adamm', config: {} }, /none named 'adamm'.*mean 'adam'/],
    ]; // biome-ignore format: a line each
    for (const [given, message] of cases) {
      const error = await failure(model.compile({ ...COMPILE, recompile: true, optimizer: given as never }));
      expect(error, String(error)).toBeInstanceOf(ArgumentError);
      expect(error.message).toMatch(message);
    }
  });

  test('every schedule of the engine goes to the worker, also as plain data', async () => {
    const rates = { initialLearningRate: 0.5, decaySteps: 10 };
    for (const schedule of [
      engine.constantSchedule({ learningRate: 0.5 }),
      engine.stepDecay({ initialLearningRate: 0.5, factor: 0.5, every: 3 }),
      engine.exponentialDecay({ ...rates, decayRate: 0.9 }),
      engine.cosineDecay(rates),
    ]) {
      const { name, config } = schedule;
      for (const learningRate of [schedule, { name, config } as never]) {
        await model.compile({ ...COMPILE, recompile: true, optimizer: adam({ learningRate }) });
        expect(model.learningRate).toBe(0.5);
      }
    }
    await model.compile({ ...COMPILE, recompile: true });
  });

  test('a model of the page: the line that brings it into a worker', async () => {
    const page = engine.sequential(LAYERS);
    await page.compile({ ...COMPILE, device: await testDevice() });
    for (const given of [page, model]) {
      const error = await failure(remote(given as never));
      expect(error).toBeInstanceOf(ArgumentError);
      expect(error.message).toMatch(
        /^remote: a model does not move into a worker by itself\. Write remote\(await model\.save\(\)\)/,
      );
    }
    const there = await remote(await page.save(), { tune: false });
    expect((await there.getWeights())[0]!.data).toEqual((await page.getWeights())[0]!.data);
    expect((await failure(remote(page.save() as never))).message).toMatch(/got a Promise, which has to be awaited/);
    there.dispose();
    page.dispose();
  });

  test('a model that was not compiled says so, also without a call', async () => {
    const early = await remote(LAYERS);
    expect(() => early.learningRate).toThrow(StateError);
    expect(() => early.iterations).toThrow('iterations: call compile() first');
    expect((await failure(early.predict([[1]]))).message).toBe(
      (await failure(engine.sequential(LAYERS).predict([[1]]))).message,
    );
    const compiled = early.compile(COMPILE);
    expect(() => early.labels).toThrow('compile has not ended yet');
    await compiled;
    expect(early.labels).toBeUndefined();
    expect(() => {
      early.learningRate = -1;
    }).toThrow(ArgumentError);
    early.dispose();
    expect(() => early.labels).toThrow('labels: the model was disposed.');
  });

  test('two calls that change weights: the second one fails, and the first goes on', async () => {
    const first = model.fit(toyExamples(20), EPOCHS);
    const second = await failure(model.fit(toyExamples(20), EPOCHS));
    expect(second).toBeInstanceOf(StateError);
    expect(second.message).toMatch(/^fit: fit is still running/);
    await model.predict(toyExamples(1).x);
    expect((await first).loss).toHaveLength(50);
  });

  test('what a function of the page throws comes back as it is, and ends training', async () => {
    const thrown = { reason: 'no error at all' };
    const own = new RangeError('mine');
    const hooks = [
      { onEpochEnd: () => Promise.reject(own) },
      {
        onBatchBegin() {
          throw thrown;
        },
      },
      {
        onBatchLogs(batch: number) {
          if (batch === 3) throw own;
        },
      },
      { onBatchLogs: (batch: number) => (batch === 2 ? Promise.reject(own) : undefined) as never },
    ];
    for (const callbacks of hooks) {
      const before = model.iterations;
      const error = await failure(model.fit(toyExamples(20), { ...EPOCHS, epochs: 2000, callbacks }));
      expect([own, thrown]).toContain(error);
      expect(model.iterations).toBeLessThan(before + 2000 * 5);
    }
    const broken = { size: 8, xShape: [8, 8, 1], read: () => Promise.reject(own) };
    expect(await failure(model.predict(broken))).toBe(own);
  });
});

describe('a signal', () => {
  test('aborts fit with its reason, and the model stays usable', async () => {
    for (const reason of [new Error('enough'), 'a text', undefined]) {
      const control = new AbortController();
      const onEpochEnd = () => control.abort(reason);
      const error = await failure(
        model.fit(toyExamples(20), { ...EPOCHS, signal: control.signal, callbacks: { onEpochEnd } }),
      );
      expect(error).toBe(control.signal.reason);
    }
    const aborted = AbortSignal.abort('before');
    expect(await failure(model.fit(toyExamples(20), { signal: aborted }))).toBe('before');
    await model.fit(toyExamples(4));
  });
});

test('progress is heard in the page: of pipelines, and of bytes that arrive', async () => {
  const heard: unknown[] = [];
  const other = await remote(LAYERS);
  await other.compile({ ...COMPILE, onProgress: (compiled, total) => void heard.push([compiled, total]) });
  await other.fit(toyExamples(4));
  expect(heard.length).toBeGreaterThan(0);
  const address = URL.createObjectURL(new Blob([await other.save()]));
  const bytes: number[] = [];
  const loaded = await remote(address, { onBytes: (received) => bytes.push(received), tune: false });
  expect(bytes.at(-1)).toBeGreaterThan(1000);
  const own = new Error('no more');
  const onBytes = () => {
    throw own;
  };
  expect(await failure(remote(address, { onBytes }))).toBe(own);
  other.dispose();
  loaded.dispose();
});

test('addresses: a model that a worker has kept is there for the page', async () => {
  await model.save('indexeddb://Of a worker');
  const kept = await loadModel('indexeddb://Of a worker', { tune: false });
  expect(kept.countParams()).toBe(model.countParams());
  const again = await remote('indexeddb://Of a worker', { tune: false });
  expect((await again.getWeights())[0]!.data).toEqual((await model.getWeights())[0]!.data);
  await engine.removeModel('indexeddb://Of a worker');
  kept.dispose();
  again.dispose();
});

test('dispose fails what has not ended, ends the worker, and may be called again', async () => {
  const ended = vi.spyOn(Worker.prototype, 'terminate');
  const other = await remote(LAYERS);
  await other.compile(COMPILE);
  const running = [other.fit(toyExamples(20), { ...EPOCHS, epochs: 5000 }), other.predict(toyExamples(20).x)];
  other.dispose();
  other.dispose();
  for (const [i, call] of running.entries()) {
    const error = await failure(call);
    expect(error).toBeInstanceOf(StateError);
    expect(error.message).toBe(`${['fit', 'predict'][i]}: the model was disposed.`);
  }
  expect((await failure(other.predict(toyExamples(2).x))).message).toBe('predict: the model was disposed.');
  expect(other.summary()).toContain('dense');
  await expect.poll(() => ended.mock.calls.length).toBe(1);
  ended.mockRestore();
});
