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

/** Counts GPU buffers that are created and not destroyed, from now until `restore`. */
export function countBuffers(gpu: GPUDevice): { alive: () => number; restore: () => void } {
  const create = gpu.createBuffer;
  let alive = 0;
  gpu.createBuffer = (descriptor) => {
    const buffer = create.call(gpu, descriptor);
    const destroy = buffer.destroy.bind(buffer);
    let destroyed = false;
    alive++;
    buffer.destroy = () => {
      if (!destroyed) alive--; // a second time does nothing
      destroyed = true;
      return destroy();
    };
    return buffer;
  };
  return {
    alive: () => alive,
    restore() {
      gpu.createBuffer = create;
    },
  };
}
