/** A device that is lost for good: as there is no other one, as recovery is off, or as a callback stops training. */
import { describe, expect, test, vi } from 'vitest';
import { ArgumentError, DeviceError, requestDevice, StateError } from '../../src/index.ts';
import { countBuffers, takeErrors } from '../support/device.ts';
import { compiled, contents, DATA, deviceOf, lose, losesAfter, losesAtStep, OPTIONS } from '../support/losses.ts';
import { compiledToy } from '../support/toy.ts';

describe('no other device', () => {
  test('four times without a step between that is new: a DeviceError, and all is freed', async () => {
    const first = await requestDevice();
    const model = await compiled(first);
    const devices: { alive: () => number }[] = [];
    const fit = model.fit(DATA, {
      ...OPTIONS,
      callbacks: { onBatchEnd: (batch) => void (batch === 2 && lose(model)) },
      recovery: {
        async device() {
          const device = await requestDevice();
          devices.push(countBuffers(device.gpu));
          losesAtStep(device);
          return device;
        },
      },
    });
    await expect(fit).rejects.toThrow(DeviceError);
    expect(devices).toHaveLength(3);
    model.dispose();
    expect(devices.map(({ alive }) => alive())).toEqual([0, 0, 0]);
  });

  test('and no other to be had', async () => {
    const model = await compiled(await requestDevice());
    const recovery = { device: () => Promise.reject(new Error('none')), everySteps: 2 };
    const fit = model.fit(DATA, { ...OPTIONS, recovery, callbacks: losesAfter(3)(model) });
    await expect(fit).rejects.toThrow(/device was lost \(destroyed.*no other could be had: none/);
    model.dispose();
  }, 30_000);

  test('what is given is none: an ArgumentError at once', async () => {
    const model = await compiled(await requestDevice());
    const device = vi.fn(async () => 5 as never);
    const fit = model.fit(DATA, { ...OPTIONS, recovery: { device }, callbacks: losesAfter(3)(model) });
    await expect(fit).rejects.toThrow(ArgumentError);
    await expect(fit).rejects.toThrow(/^recovery: device must come from requestDevice/);
    expect(device).toHaveBeenCalledTimes(1);
    model.dispose();
  });

  test('no answer: a DeviceError, after a while', async () => {
    const model = await compiled(await requestDevice());
    const { setTimeout: timer } = globalThis;
    const waits: number[] = [];
    const recovery = {
      device() {
        const short = (act: () => void, ms = 0) => {
          waits.push(ms);
          return timer(act, ms / 1000);
        };
        vi.stubGlobal('setTimeout', short);
        return new Promise<never>(() => {});
      },
    };
    const fit = model.fit(DATA, { ...OPTIONS, recovery, callbacks: losesAfter(3)(model) });
    try {
      await expect(fit).rejects.toThrow(DeviceError);
      await expect(fit).rejects.toThrow(/no other could be had: no answer within 20 s/);
    } finally {
      vi.unstubAllGlobals();
    }
    expect(waits.filter((ms) => ms === 20_000)).toHaveLength(6);
    model.dispose();
  });
});

test('requestDevice: no answer is a DeviceError, after a while; a device that comes later is destroyed', async () => {
  const { setTimeout: timer } = globalThis;
  vi.stubGlobal('setTimeout', (act: () => void, ms = 0) => timer(act, ms / 1000));
  const late = { destroy: vi.fn() };
  const slow = { features: new Set(), limits: {}, requestDevice: () => new Promise((done) => timer(done, 300, late)) };
  try {
    for (const requestAdapter of [() => new Promise(() => {}), async () => slow]) {
      await expect(requestDevice({ gpu: { requestAdapter } as never })).rejects.toThrow(
        new DeviceError('no answer within 60 s: the GPU process hangs.'),
      );
    }
  } finally {
    vi.unstubAllGlobals();
  }
  await expect.poll(() => late.destroy.mock.calls.length).toBe(1);
});

describe('a GPUDevice that was made elsewhere', () => {
  /** A model on one, fitted while it is lost. */
  async function fitted(recovery: object) {
    const adapter = await navigator.gpu.requestAdapter();
    const model = await compiled(await adapter!.requestDevice());
    const fit = model.fit(DATA, { ...OPTIONS, recovery, callbacks: losesAfter(3)(model) });
    return { model, fit };
  }

  test('is one device to the engine, however often it is given: an error of it is logged once', async () => {
    const adapter = await navigator.gpu.requestAdapter();
    const gpu = await adapter!.requestDevice();
    const models = [await compiled(gpu), await compiled(gpu)];
    expect(deviceOf(models[1]!)).toBe(deviceOf(models[0]!));
    const log = vi.spyOn(console, 'error').mockImplementation(() => {});
    gpu.dispatchEvent(Object.assign(new Event('uncapturederror'), { error: new GPUValidationError('a bug') }));
    expect(log.mock.calls).toEqual([['neurite: WebGPU error: a bug']]);
    log.mockRestore();
    expect(await takeErrors()).toEqual(['a bug']); // it is wanted here
    for (const model of models) model.dispose();
    const device = await requestDevice();
    const other = await compiled(device.gpu);
    expect(deviceOf(other)).toBe(device);
    other.dispose();
    gpu.destroy();
    device.destroy();
  });

  test('where there is navigator.gpu, that gives another one', async () => {
    const { model, fit } = await fitted({});
    await fit;
    const { model: other, fit: undisturbed } = await fitted({ device: () => requestDevice() });
    await undisturbed;
    expect(contents(await model.save())).toEqual(contents(await other.save()));
    for (const each of [model, other]) each.dispose();
  });

  test('where there is none, the error says at once what to give', async (context) => {
    if (typeof window !== 'undefined') context.skip('a page has navigator.gpu');
    const { model, fit } = await fitted({});
    vi.stubGlobal('navigator', {});
    try {
      await expect(fit).rejects.toThrow(DeviceError);
      await expect(fit).rejects.toThrow(/given as a GPUDevice.*recovery: \{ device: async/);
    } finally {
      vi.unstubAllGlobals();
      model.dispose();
    }
  });
});

describe('ends while it recovers', () => {
  /** A fit whose device is lost, and that waits for another one. */
  async function waiting(signal?: AbortSignal) {
    const model = await compiled(await requestDevice());
    let asked!: () => void;
    const waits = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const device = () => {
      asked();
      return new Promise<never>(() => {});
    };
    const recovery = { device, everySteps: 2 };
    const options = { ...OPTIONS, recovery, callbacks: losesAfter(8)(model), ...(signal ? { signal } : {}) };
    const fit = model.fit(DATA, options);
    fit.catch(() => {}); // awaited below
    await waits;
    return { model, fit };
  }

  test('abort', async () => {
    const abort = new AbortController();
    const { model, fit } = await waiting(abort.signal);
    abort.abort(new Error('enough'));
    await expect(fit).rejects.toThrow('enough');
    model.dispose();
  });

  test('dispose', async () => {
    const { model, fit } = await waiting();
    model.dispose();
    await expect(fit).rejects.toThrow(StateError);
  });
});

describe('not recovered from', () => {
  test('where it is not wanted', async () => {
    const model = await compiled(await requestDevice());
    const fit = model.fit(DATA, { ...OPTIONS, recovery: false, callbacks: losesAfter(3)(model) });
    await expect(fit).rejects.toThrow(DeviceError);
    model.dispose();
  });

  test('where the device was destroyed on purpose', async () => {
    const model = await compiled(await requestDevice());
    const callbacks = { onBatchEnd: () => deviceOf(model).destroy() };
    await expect(model.fit(DATA, { ...OPTIONS, callbacks })).rejects.toThrow(DeviceError);
    await expect(model.predict(DATA.x)).rejects.toThrow(DeviceError);
    model.dispose();
  });

  test.each([
    ['on a device that lives', false],
    ['on one that is lost just then', true],
  ])(
    'a callback that fails %s: with several steps under way it is not called again, and fit rejects with its error',
    async (_, loses) => {
      const model = await compiled(await requestDevice());
      const { mapAsync } = GPUBuffer.prototype;
      let maps = 0;
      GPUBuffer.prototype.mapAsync = function (...args) {
        maps++;
        return mapAsync.apply(this, args).finally(() => maps--);
      };
      const failed: number[] = [];
      const callbacks = {
        onBatchLogs(batch: number) {
          if (failed.length === 0 && (batch < 20 || model.iterations - batch < 4)) return;
          failed.push(batch);
          if (loses) lose(model);
          throw new Error(`a mistake in batch ${batch}`);
        },
      };
      try {
        const x = { data: new Float32Array(64 * 400), shape: [400, 8, 8, 1] };
        const fit = model.fit({ x, y: new Int32Array(400) }, { batchSize: 4, callbacks });
        await expect(fit).rejects.toThrow(/^a mistake in batch/);
        expect(failed).toHaveLength(1);
        await expect(fit).rejects.toThrow(`a mistake in batch ${failed}`);
        expect(maps, 'steps that are still under way').toBe(0);
      } finally {
        GPUBuffer.prototype.mapAsync = mapAsync;
      }
      model.dispose();
    },
  );

  test.each([{ everySteps: 0 }, { everySeconds: -1 }, { everyStep: 2 }, { store: {} }])('%o', async (recovery) => {
    const model = await compiledToy();
    await expect(model.fit(DATA, { recovery: recovery as never })).rejects.toThrow(ArgumentError);
    model.dispose();
  });
});
