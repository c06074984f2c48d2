import { describe, expect, test, vi } from 'vitest';
import { ArgumentError, type Device, DeviceError, Session } from '../../src/index.ts';
import { formatReport, type SelfTestOptions, selfTest, succeeded } from '../../src/selftest/index.ts';
import { allChecks } from '../../src/selftest/specs/index.ts';
import { Variants } from '../../src/selftest/variants.ts';
import { countBuffers, takeErrors, testDevice } from '../support/device.ts';
import { onOwnDevice, plant } from '../support/ownDevice.ts';

describe('selfTest', () => {
  test('a wrong kernel is found, with the op, the case, the kernel, the place and the numbers', async () => {
    await onOwnDevice(async (device) => {
      plant(device, 'relu.', '<=', '>');
      const report = await selfTest(device, { ops: ['relu', 'copy'] });
      const relu = report.ops.find(({ op }) => op === 'relu')!;
      const [failure] = relu.failures;
      expect([succeeded(report), relu.failed, report.failed]).toEqual([false, 2, 2]);
      expect(report.ops.find(({ op }) => op === 'copy')!.failed).toBe(0);
      expect(failure!.case).toMatch(/^\[1\] /);
      expect(failure).toMatchObject({ what: 'y', index: [0], tolerance: 0, wrong: 1, elements: 1 });
      expect(failure!.got).not.toBe(failure!.want);
      expect(failure!.error).toBeGreaterThan(0.1);
      expect(formatReport(report)).toMatch(/^## neurite self-test: 2 of \d+ runs are wrong, of relu\n/);
    });
  });

  test('kernels that conv2dTranspose shares run in one of its cases each, and every case runs by what is chosen', async () => {
    const device = await testDevice();
    const stop = new Error('planned');
    const dispatched = new Set<string>();
    // Only plans: nothing is compiled, so that all cases by all kernels take no time.
    const create = vi.spyOn(Session, 'create').mockImplementation(async (_, { dispatches }) => {
      for (const { op, shader, entryPoint } of dispatches) dispatched.add(`${op} ${shader.name}.${entryPoint}`);
      throw stop;
    });
    try {
      const { ops } = await selfTest(device, { ops: ['conv2dTranspose'] });
      const { cases, runs } = ops[0]!;
      const found = new Set(dispatched);
      dispatched.clear();
      const all = allChecks().filter(({ op }) => op === 'conv2dTranspose');
      for (const check of all) {
        const run = check.prepare();
        const variants = new Variants();
        await expect(run(device, variants.choose())).rejects.toBe(stop);
        for (const kernel of variants.others) await expect(run(device, variants.choose(kernel))).rejects.toBe(stop);
      }
      expect([...found].sort()).toEqual([...dispatched].sort());
      expect(cases).toBe(all.length);
      expect(runs).toBeGreaterThanOrEqual(cases);
      expect(runs - cases).toBeLessThanOrEqual(20); // of 62: three ops of at most four kernels each, for whole vec4s and others
    } finally {
      create.mockRestore();
    }
  });

  test('failures of a kind do not flood the report', async () => {
    await onOwnDevice(async (device) => {
      plant(device, 'avgPool2d.', 's.a += term', 's.a -= term');
      const report = await selfTest(device, { ops: ['avgPool2d'] });
      const [pool] = report.ops;
      expect(pool!.failed).toBe(pool!.cases);
      expect(pool!.failures.length).toBe(5);
      expect(pool!.failures[0]!.case).toMatch(/one pixel/);
      expect(formatReport(report)).toContain(`- … and ${pool!.cases - 5} more of avgPool2d`);
    });
  });

  test('a shader that does not compile is a failure with the message of the compiler', async () => {
    await onOwnDevice(async (device) => {
      plant(device, 'copy.', 'fn ', 'fun ');
      const report = await selfTest(device, { ops: ['copy', 'fill'] });
      expect(report.ops.find(({ op }) => op === 'copy')!.failures[0]!.message).toMatch(/does not compile/);
      expect(report.ops.find(({ op }) => op === 'fill')!.failed).toBe(0);
      expect(await takeErrors()).not.toEqual([]); // they are wanted here
    });
  });

  test('what WebGPU reports meanwhile is in the report', async () => {
    await onOwnDevice(async (device) => {
      const report = await selfTest(device, {
        ops: ['copy', 'fill'],
        onProgress: ({ done }) => {
          if (done === 1) device.gpu.createBuffer({ size: 4, usage: 0 });
        },
      });
      expect(await takeErrors()).toHaveLength(1); // which is wanted here
      expect(report.failed).toBe(0);
      expect(report.errors.length).toBe(1);
      expect(succeeded(report)).toBe(false);
    });
  });

  test('a device that is lost: what was done until then, and why it ended', async () => {
    await onOwnDevice(async (device) => {
      const report = await selfTest(device, {
        ops: ['copy', 'relu', 'fill'],
        onProgress: ({ op, done }) => {
          if (op === 'relu' && done === 3) device.destroy();
        },
      });
      expect(report.ended).toMatch(/^the GPU device was lost \(destroyed: .*\) while relu was tested\.$/s);
      expect(report.ops[0]).toMatchObject({ op: 'copy', runs: 2, failed: 0 });
      expect(report.ops.map(({ op }) => op)).not.toContain('fill');
      expect(succeeded(report)).toBe(false);
      expect(formatReport(report)).toMatch(/self-test: the GPU device was lost; all \d runs until then are right\n/);
    });
  });

  test('a device that is lost before the first run has ended', async () => {
    await onOwnDevice(async (device) => {
      const report = await selfTest(device, { onProgress: ({ done }) => done === 0 && device.destroy() });
      expect(report).toMatchObject({ ops: [], passed: 0, failed: 0 });
      expect(succeeded(report)).toBe(false);
      expect(formatReport(report)).toMatch(/self-test: the GPU device was lost; no run came to its end\n/);
      expect(formatReport(report)).toMatch(/while add was tested\.\n/);
    });
  });

  test.each([
    ['destroyed', (device: Device) => device.destroy(), /^selfTest: the GPU device was destroyed\. Pass another/],
    ['lost', (device: Device) => device.gpu.destroy(), /^selfTest: the GPU device was lost \(.*\)\. Pass another/s],
  ])('a device that was %s before is refused', async (_, lose, message) => {
    // Firefox says of a lost device that all it was given has ended, and only later that it was lost.
    const reported = (device: Device) => device.gpu.lost;
    for (const settle of /Firefox/.test(navigator.userAgent) ? [reported] : [() => {}, reported]) {
      await onOwnDevice(async (device) => {
        lose(device);
        await settle(device);
        const error: unknown = await selfTest(device, { ops: ['copy'] }).catch((e) => e);
        expect(error).toBeInstanceOf(DeviceError);
        expect((error as Error).message).toMatch(message);
      });
    }
  });

  test("a GPUDevice of one's own, which stays usable; one that was lost is refused", async () => {
    const gpu = await (await navigator.gpu.requestAdapter())!.requestDevice();
    const report = await selfTest(gpu, { ops: ['copy', 'relu'] });
    expect(succeeded(report), formatReport(report)).toBe(true);
    expect(report.ops.map(({ op }) => op)).toEqual(['copy', 'relu']);
    gpu.createBuffer({ size: 4, usage: GPUBufferUsage.STORAGE }).destroy();
    expect((await selfTest(gpu, { ops: ['copy'] })).passed).toBe(2);
    gpu.destroy();
    await gpu.lost;
    await expect(selfTest(gpu, { ops: ['copy'] })).rejects.toThrow(DeviceError);
  });

  test('aborting rejects with the reason and leaves the device usable', async () => {
    const device = await testDevice();
    const buffers = countBuffers(device.gpu);
    const controller = new AbortController();
    const reason = new Error('enough');
    const running = selfTest(device, {
      signal: controller.signal,
      onProgress: ({ done }) => done === 2 && controller.abort(reason),
    });
    await expect(running).rejects.toBe(reason);
    expect(buffers.alive()).toBe(0);
    buffers.restore();
    expect((await selfTest(device, { ops: ['copy'] })).passed).toBe(2);
    await expect(selfTest(device, { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  test('without a device it asks for one, and destroys it in the end', async () => {
    const { prototype } = Object.getPrototypeOf(await navigator.gpu.requestAdapter())!.constructor as {
      prototype: GPUAdapter;
    };
    const request = prototype.requestDevice;
    const lost: Promise<GPUDeviceLostInfo>[] = [];
    prototype.requestDevice = async function (...options) {
      const gpu = await request.apply(this, options);
      lost.push(gpu.lost);
      return gpu;
    };
    try {
      expect((await selfTest(undefined, { ops: ['copy'] })).passed).toBe(2);
      expect(lost.length).toBe(1);
      expect((await lost[0]!).reason).toBe('destroyed');
    } finally {
      prototype.requestDevice = request;
    }
  });

  test('an op that does not exist is refused with a list of those that exist', async () => {
    const device = await testDevice();
    for (const name of ['relo', 'conv', '']) {
      const error: unknown = await selfTest(device, { ops: ['copy', name] }).catch((e) => e);
      expect(error, name).toBeInstanceOf(ArgumentError);
      expect((error as Error).message).toMatch(
        /^selfTest: there is no op '.*'; there are accumulate, adamUpdate, .* weightedMean\.$/,
      );
    }
  });

  const cyclic: Record<string, unknown> = {};
  cyclic.self = cyclic;
  test.each<[string, unknown, RegExp]>([
    ['an option that does not exist', { op: ['relu'] }, /no option 'op'; the options are ops, onProgress, signal\./],
    ['options that are null', null, /options must be an object, got null/],
    ['no op', { ops: [] }, /ops must be a list of at least one name, such as \['relu'\], got \[\]/],
    ['an op that is in no list', { ops: 'relu' }, /ops must be a list .* got 'relu'/],
    ['names that are no texts', { ops: [1] }, /ops must be a list .* got \[1\]/],
    ['ops that are null', { ops: null }, /ops must be a list .* got null/],
    ['progress for what is no function', { onProgress: true }, /onProgress must be a function, got true/],
    [
      'a controller in place of its signal',
      { signal: new AbortController() },
      /signal must be an AbortSignal, got an AbortController/,
    ],
    ['a signal that contains itself', { signal: cyclic }, /signal must be an AbortSignal, got an Object/],
  ])('%s: refused', async (_, options, message) => {
    const error: unknown = await selfTest(await testDevice(), options as SelfTestOptions).catch((e) => e);
    expect(error).toBeInstanceOf(ArgumentError);
    expect((error as Error).message).toMatch(message);
    expect((error as Error).message).toMatch(/^selfTest: /);
  });

  test.each([null, 0, 'device', {}, { ops: ['relu'] }, cyclic])('%s is no device: refused', async (device) => {
    const error: unknown = await selfTest(device as unknown as Device, { ops: ['copy'] }).catch((e) => e);
    expect(error).toBeInstanceOf(ArgumentError);
    expect((error as Error).message).toMatch(
      /^selfTest: device must come from requestDevice\(\), or be a GPUDevice, got/,
    );
  });
});
