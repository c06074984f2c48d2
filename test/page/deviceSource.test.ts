/** The page's source of devices, whose devices get lost. */
import { afterEach, expect, test, vi } from 'vitest';
import { DeviceSource } from '../../demo/gpu/device.ts';
import type { Machine } from '../../demo/gpu/machine.ts';

afterEach(() => vi.restoreAllMocks());

const state = ({ state }: Machine) => state;

test('asks for one device after each loss, whoever needs it', async () => {
  const requests = vi.spyOn(GPUAdapter.prototype, 'requestDevice');
  const told: Machine[] = [];
  const source = new DeviceSource((machine) => told.push(machine));
  let [device] = await Promise.all([source.get(), source.get()]);
  expect(requests).toHaveBeenCalledTimes(1);
  for (const loss of [1, 2, 3]) {
    device.gpu.destroy();
    await device.gpu.lost;
    // The source itself asks at once, a run's recovery as well, and so does who looks at the network.
    const [first, ...others] = await Promise.all([source.get(), source.get(), source.get()]);
    expect(first!.lost).toBeUndefined();
    expect(others).toEqual([first, first]);
    expect(requests).toHaveBeenCalledTimes(1 + loss);
    device = first!;
  }
  expect(told.map(state)).toEqual(['ready', ...[1, 2, 3].flatMap(() => ['asking', 'ready'])]);
  expect(await source.get()).toBe(device);
});

test('where there is none, each asks for it once; where there was one, five times', async () => {
  const adapters = vi.spyOn(navigator.gpu, 'requestAdapter').mockResolvedValue(null);
  const told: Machine[] = [];
  const source = new DeviceSource((machine) => told.push(machine));
  const failed = async () => (await Promise.allSettled([source.get(), source.get()])).map(({ status }) => status);
  expect(await failed()).toEqual(['rejected', 'rejected']);
  expect(adapters).toHaveBeenCalledTimes(1);
  expect(await failed()).toEqual(['rejected', 'rejected']);
  expect(adapters).toHaveBeenCalledTimes(2);
  adapters.mockRestore();
  const device = await source.get();
  expect(device.lost).toBeUndefined();
  const gone = vi.spyOn(navigator.gpu, 'requestAdapter').mockResolvedValue(null);
  device.gpu.destroy();
  await device.gpu.lost;
  expect(await failed()).toEqual(['rejected', 'rejected']);
  expect(gone).toHaveBeenCalledTimes(5);
  expect(await failed()).toEqual(['rejected', 'rejected']);
  expect(gone).toHaveBeenCalledTimes(6);
  expect(told.map(state)).toEqual(['missing', 'missing', 'ready', 'asking', 'missing', 'missing']);
});

test('a GPU process that gives no answer is not waited for: another try finds the next one', async () => {
  const source = new DeviceSource(() => {});
  const device = await source.get();
  const silent = () => new Promise<never>(() => {});
  const adapters = vi.spyOn(navigator.gpu, 'requestAdapter').mockImplementationOnce(silent);
  const devices = vi.spyOn(GPUAdapter.prototype, 'requestDevice').mockImplementationOnce(silent);
  const { setTimeout: timer } = globalThis;
  vi.stubGlobal('setTimeout', (act: () => void, ms = 0) => timer(act, ms / 100));
  try {
    device.gpu.destroy();
    await device.gpu.lost;
    const next = await source.get();
    expect(next.lost).toBeUndefined();
    expect(adapters).toHaveBeenCalledTimes(3);
    expect(devices).toHaveBeenCalledTimes(2);
    next.destroy();
  } finally {
    vi.unstubAllGlobals();
  }
});
