/** When a browser is nudged, on a clock of the test's own. */
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { Device } from '../../src/runtime/device.ts';
import { DevicePolling } from '../../src/runtime/devicePolling.ts';

let submits: unknown[][];
let nudge: DevicePolling;

beforeEach(() => {
  vi.useFakeTimers();
  submits = [];
  nudge = new DevicePolling({ submit: (buffers) => void submits.push([...buffers]) });
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** A promise of `value`, resolved after `ms`. */
const after = <T>(ms: number, value: T) => new Promise<T>((resolve) => setTimeout(() => resolve(value), ms));

test('nothing is submitted every 2 ms while a call waits, and not after', async () => {
  const waiting = nudge.until(after(9, 'done'));
  expect(submits).toEqual([]);
  await vi.advanceTimersByTimeAsync(9);
  expect(await waiting).toBe('done');
  expect(submits).toEqual([[], [], [], []]);
  await vi.advanceTimersByTimeAsync(1000);
  expect(submits).toHaveLength(4);
  expect(vi.getTimerCount()).toBe(0);
});

test('several that wait at once are one reason to nudge, until the last has heard', async () => {
  const all = [nudge.until(after(5, 1)), nudge.until(after(11, 2)), nudge.until(after(3, 3))];
  await vi.advanceTimersByTimeAsync(100);
  expect(await Promise.all(all)).toEqual([1, 2, 3]);
  expect(submits).toHaveLength(5);
});

test('a failure ends the waiting as well', async () => {
  const waiting = nudge.until(after(3, 0).then(() => Promise.reject(new Error('lost'))));
  await Promise.all([expect(waiting).rejects.toThrow('lost'), vi.advanceTimersByTimeAsync(100)]);
  expect(submits).toHaveLength(1);
  const again = nudge.until(after(5, 'ok'));
  await vi.advanceTimersByTimeAsync(100);
  expect(await again).toBe('ok');
  expect(submits).toHaveLength(3);
});

describe('a device whose work never ends is nudged', () => {
  /** As much of a device as `Device` asks for; the test decides when its loss is reported. */
  function fake() {
    vi.stubGlobal('navigator', { userAgent: 'Firefox/153.0' });
    vi.stubGlobal('GPUBufferUsage', {});
    let tell = (_: { reason: string; message: string }) => {};
    const lost = new Promise((resolve) => {
      tell = resolve;
    });
    const queue = { submit: (buffers: unknown[]) => void submits.push(buffers) };
    const gpu = {
      queue,
      lost,
      adapterInfo: {},
      addEventListener: () => {},
      removeEventListener: () => {},
      destroy: () => {},
    };
    return { device: new Device(gpu as unknown as GPUDevice), tell: () => tell({ reason: 'unknown', message: '' }) };
  }

  test.each([
    ['lost', ({ tell }: ReturnType<typeof fake>) => tell()],
    ['destroyed, which the browser has not reported', ({ device }: ReturnType<typeof fake>) => device.destroy()],
  ])('until it is %s', async (_, end) => {
    const made = fake();
    const waiting = expect(made.device.ended(new Promise(() => {}))).rejects.toThrow(/was lost/);
    await vi.advanceTimersByTimeAsync(7);
    expect(submits).toHaveLength(3);
    end(made);
    await waiting;
    await vi.advanceTimersByTimeAsync(1000);
    expect(submits).toHaveLength(3);
    expect(vi.getTimerCount()).toBe(0);
    await expect(made.device.ended(Promise.resolve())).rejects.toThrow(/was lost/);
    await vi.advanceTimersByTimeAsync(1000);
    expect(submits).toHaveLength(3);
  });
});

test('Firefox needs it, others do not', () => {
  const agent = (userAgent?: string) => {
    vi.stubGlobal('navigator', userAgent === undefined ? undefined : { userAgent });
    return DevicePolling.needed;
  };
  expect(agent('Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0')).toBe(true);
  expect(
    agent('Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/147.0.0.0 Safari/537.36'),
  ).toBe(false);
  expect(agent('Node.js/22')).toBe(false);
  expect(agent(undefined)).toBe(false);
});
