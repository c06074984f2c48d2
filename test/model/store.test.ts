/** Snapshots in a store, and `resume`: what a reload, a crash or an abort cut off ends with the bits of an undisturbed run. */
import { describe, expect, test, vi } from 'vitest';
import {
  DataError,
  learningRateScheduler,
  loadModel,
  type Model,
  NeuriteError,
  readSafetensors,
  requestDevice,
  resume,
  type SnapshotStore,
  type Training,
} from '../../src/index.ts';
import { f16Device, testDevice } from '../support/device.ts';
import { COMPILE, contents, DATA, listener, OPTIONS, outcome, smallModel } from '../support/losses.ts';
import { cut, memoryStore, snapshotOf } from '../support/snapshots.ts';
import { toyExamples, toyModel } from '../support/toy.ts';

const result = async (model: Model, history: unknown) => {
  const file = contents(await model.save());
  model.dispose();
  return { file, history };
};

describe('resume', () => {
  test.each([1, 4, 6, 11, 18, 24])('after %i batches', async (after) => {
    const wanted = await outcome();
    const { store, hookCalls: before } = await cut(after);
    const hookCalls: string[] = [];
    const resumed = await resume(DATA, { store, device: await testDevice(), callbacks: listener(hookCalls) });
    const { file, history } = await result(resumed!.model, resumed!.history);
    expect(file).toEqual(wanted.file);
    expect(history).toEqual(wanted.history);
    expect(await store.load()).toBeUndefined();
    // onBatchLogs got each batch before or gets it now; the last of them perhaps twice, as its snapshot was not there yet.
    expect(hookCalls[0]).toBe('begin []');
    expect(wanted.hookCalls.slice(1 - hookCalls.length)).toEqual(hookCalls.slice(1));
    expect(before.length + hookCalls.length - 1).toBeGreaterThanOrEqual(wanted.hookCalls.length);
  });

  test('all that has state, validation data, weights of examples and classes; cut off twice', async () => {
    const validationData = { ...toyExamples(20, 7), sampleWeight: Array.from({ length: 20 }, (_, i) => i % 4) };
    const given = { validationData, sampleWeight: DATA.y.map((_, i) => 1 + (i % 3)), classWeight: { 1: 2 } };
    const wanted = await outcome({ model: toyModel, options: given });
    const { store } = await cut(5, given, toyModel);
    const abort = new AbortController();
    let batches = 0;
    const callbacks = { onBatchEnd: () => void (++batches === 9 && abort.abort(new Error('cut again'))) };
    const device = await testDevice();
    const again = resume(DATA, {
      ...given,
      store,
      device,
      callbacks,
      signal: abort.signal,
      recovery: { everySteps: 1 },
    });
    await expect(again).rejects.toThrow('cut again');
    const resumed = await resume(DATA, { ...given, store, device });
    const { file, history } = await result(resumed!.model, resumed!.history);
    expect(file).toEqual(wanted.file);
    expect(history).toEqual(wanted.history);
  });

  test('the model that callbacks saw stays usable, aborted and not; they hear where training begins', async () => {
    const { store, saved } = await cut(11);
    const { place } = JSON.parse(readSafetensors(saved.at(-1)!).metadata.run!);
    const abort = new AbortController();
    let seen: Training | undefined;
    const callbacks = {
      onTrainBegin(training: Training) {
        seen = training;
      },
      onBatchEnd: () => abort.abort(new Error('cut again')),
    };
    const device = await testDevice();
    await expect(resume(DATA, { store, device, callbacks, signal: abort.signal })).rejects.toThrow('cut again');
    expect(seen).toMatchObject({ initialEpoch: place.epoch, startAtStep: place.step });
    expect(place.epoch).toBeGreaterThan(0);
    const { model } = seen!;
    expect((await model.save()).length).toBeGreaterThan(1000);
    model.dispose();
    // One that nobody has seen is freed: other data are refused before training begins.
    seen = undefined;
    const other = { ...DATA, y: DATA.y.map((label) => 1 - label) };
    await expect(resume(other, { store, device, callbacks })).rejects.toThrow(DataError);
    expect(seen).toBeUndefined();
  });

  test('over lost devices', async () => {
    const wanted = await outcome();
    const { store } = await cut(7);
    let batches = 0;
    const callbacks = {
      onBatchEnd(_: number, __: unknown, { model }: { model: Model }) {
        if (++batches === 5) model.compiled.device.gpu.destroy();
      },
    };
    const resumed = await resume(DATA, { store, device: await requestDevice(), callbacks });
    const { file, history } = await result(resumed!.model, resumed!.history);
    expect(file).toEqual(wanted.file);
    expect(history).toEqual(wanted.history);
  });

  test('the learning rate, set before and in a callback', async () => {
    const slower = learningRateScheduler((_, rate) => rate / 2);
    const run = async (store: SnapshotStore, signal?: AbortSignal) => {
      const model = smallModel();
      await model.compile({ ...COMPILE, device: await testDevice() });
      model.learningRate = 0.02;
      const recovery = { store, everySteps: 1 };
      const history = await model.fit(DATA, { ...OPTIONS, recovery, callbacks: slower, ...(signal ? { signal } : {}) });
      return result(model, history);
    };
    const wanted = await run(memoryStore().store);
    const { store } = memoryStore();
    const abort = new AbortController();
    let saves = 0;
    const cutting = {
      ...store,
      save(bytes: Uint8Array<ArrayBuffer>) {
        if (++saves === 8) abort.abort(new Error('cut'));
        return store.save(bytes);
      },
    };
    await expect(run(cutting, abort.signal)).rejects.toThrow('cut');
    const resumed = await resume(DATA, { store, device: await testDevice(), callbacks: slower });
    expect(await result(resumed!.model, resumed!.history)).toEqual(wanted);
  });

  test('a watch continues with its state: its number of restores, and the values that it restores', async () => {
    const bad = { ...DATA, x: { ...DATA.x, data: DATA.x.data.slice().fill(3e38, 30 * 64, 31 * 64) } };
    const found: number[] = [];
    const watch = {
      action: 'restore',
      restores: 4,
      everySteps: Number.POSITIVE_INFINITY,
      onNonFinite: ({ step }: { step: number }) => void found.push(step),
    } as const;
    const run = async (store: SnapshotStore, after = Number.POSITIVE_INFINITY) => {
      const model = smallModel();
      await model.compile({ ...COMPILE, device: await testDevice() });
      const abort = new AbortController();
      let batches = 0;
      const callbacks = { onBatchEnd: () => void (++batches === after && abort.abort(new Error('cut'))) };
      const recovery = { store, everySteps: 1 };
      const options = { ...OPTIONS, shuffle: false, watch, recovery, callbacks, signal: abort.signal };
      return result(model, await model.fit(bad, options).finally(() => Number.isFinite(after) && model.dispose()));
    };
    const wanted = await run(memoryStore().store);
    // Batch 3 of each epoch; after the second one values go back to those of the beginning.
    expect(found).toEqual([4, 10, 16, 22]);
    for (const after of [7, 12]) {
      const kept = memoryStore();
      await expect(run(kept.store, after)).rejects.toThrow('cut');
      const { watch: known } = JSON.parse(readSafetensors(kept.bytes!).metadata.run!);
      expect(known.restores).toBeGreaterThan(0);
      const device = await testDevice();
      (await loadModel(kept.bytes!, { device })).dispose(); // still a model
      const resumed = await resume(bad, { store: kept.store, device, watch });
      expect(await result(resumed!.model, resumed!.history)).toEqual(wanted);
    }
  });

  test('mixed precision', async (context) => {
    await f16Device(context);
    const compile = { ...COMPILE, precision: 'mixed' } as const;
    const wanted = await outcome({ compile });
    const { store } = await cut(9, {}, smallModel, compile);
    const resumed = await resume(DATA, { store, device: await testDevice() });
    expect((await result(resumed!.model, resumed!.history)).file).toEqual(wanted.file);
  });

  test('with the same memory limit, and so the same micro-batches', async () => {
    /** The least limit that the error names, once more for the batches of fit. */
    const more = (memoryLimit: number) =>
      outcome({ compile: { memoryLimit } }).catch((error: Error) =>
        Number(/memoryLimit: (\d+) on/.exec(error.message)![1]),
      );
    const memoryLimit = (await more((await more(1)) as number)) as number;
    const compile = { ...COMPILE, memoryLimit };
    const wanted = await outcome({ compile });
    expect(wanted.file).not.toEqual((await outcome()).file); // dropout draws other numbers
    const { store } = await cut(8, {}, smallModel, compile);
    const resumed = await resume(DATA, { store, device: await testDevice() });
    expect((await result(resumed!.model, resumed!.history)).file).toEqual(wanted.file);
  });

  test('with the same kernels', async () => {
    const kept = await cut(5);
    const { tensors, metadata } = readSafetensors(kept.saved.at(-1)!);
    const run = JSON.parse(metadata.run!);
    expect(run.kernels).toEqual({}); // nodes of this net are too small to be measured
    run.kernels = { node: 'quick' };
    const { store } = memoryStore();
    await store.save(snapshotOf([...tensors.values()], { ...metadata, run: JSON.stringify(run) }));
    const resumed = await resume(DATA, { store, device: await testDevice() });
    expect([...resumed!.model.compiled.kernels!]).toEqual([['node', 'quick']]);
    resumed!.model.dispose();
    const untuned = await cut(5, {}, smallModel, { ...COMPILE, tune: false });
    const again = await resume(DATA, { store: untuned.store, device: await testDevice() });
    expect(again!.model.compiled.kernels).toBeUndefined();
    again!.model.dispose();
  });

  test('nothing to go on with', async () => {
    expect(await resume(DATA, { store: memoryStore().store })).toBeUndefined();
  });

  test('the file is a model, too', async () => {
    const { saved } = await cut(8);
    const device = await testDevice();
    const model = await loadModel(saved.at(-1)!, { device });
    expect(model.iterations).toBeGreaterThanOrEqual(4);
    model.dispose();
  });
});

describe('the store', () => {
  test('is emptied when fit returns', async () => {
    const kept = memoryStore();
    await outcome({ options: { recovery: { store: kept.store } } });
    expect(kept.bytes).toBeUndefined();
    expect(kept.saved.length).toBeGreaterThan(1);
  });

  test('that does not work is an error before the first step', async () => {
    const { store } = memoryStore();
    let batches = 0;
    const fit = outcome({
      options: { recovery: { store: { ...store, save: () => Promise.reject(new Error('the disk is full')) } } },
      callbacks: () => [{ onBatchEnd: () => void batches++ }],
    });
    await expect(fit).rejects.toThrow(NeuriteError);
    await expect(fit).rejects.toThrow('fit: recovery.store could not save the first snapshot: the disk is full');
    expect(batches).toBe(0);
  });

  test('that cannot be emptied ends nothing: fit returns, and says so', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const wanted = await outcome();
    const { store } = memoryStore();
    const remove = () => Promise.reject(new DOMException('gone', 'InvalidStateError'));
    const got = await outcome({ options: { recovery: { store: { ...store, remove } } } });
    const texts = warn.mock.calls.map(([text]) => text);
    warn.mockRestore();
    expect([got.file, got.history]).toEqual([wanted.file, wanted.history]);
    expect(texts).toEqual([expect.stringMatching(/^neurite: .* could not be emptied.*resume.*: gone$/)]);
  });

  test('that is slow holds no step back, and one that fails later ends nothing', async () => {
    const wanted = await outcome();
    const { store } = memoryStore();
    let saves = 0;
    let end!: () => void;
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const got = await outcome({
      options: {
        recovery: {
          everySteps: 1,
          store: {
            ...store,
            async save() {
              if (++saves === 1) return;
              await ended;
              throw new Error('gone');
            },
          },
        },
      },
      callbacks: () => [{ onEpochEnd: (epoch) => void (epoch === 3 && end()) }],
    });
    expect(saves).toBe(2);
    expect(got.file).toEqual(wanted.file);
  });
});
