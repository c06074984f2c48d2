import { afterEach } from 'vitest';
import { type Device, requestDevice } from '../../src/index.ts';

let shared: Promise<Device> | undefined;

/** The device that the tests of a file share. No adapter is an error, never a skip. */
export function testDevice(): Promise<Device> {
  shared ??= requestDevice();
  return shared;
}

// Every test of a file that imports this fails if WebGPU reported an error meanwhile.
afterEach(async () => {
  if (!shared) return;
  const device = await shared;
  await device.gpu.queue.onSubmittedWorkDone();
  const errors = device.errors.splice(0);
  if (errors.length > 0) throw new Error(`WebGPU reported ${errors.length} error(s):\n${errors.join('\n')}`);
});
