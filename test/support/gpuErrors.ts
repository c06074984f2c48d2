/** Set up before each test file that uses a GPU: a test fails if WebGPU reported an error meanwhile, on whatever device. */
import { afterEach } from 'vitest';
import { takeErrors, watchDevices } from './device.ts';

watchDevices();

afterEach(async () => {
  const errors = await takeErrors();
  if (errors.length > 0) throw new Error(`WebGPU reported ${errors.length} error(s):\n${errors.join('\n')}`);
});
