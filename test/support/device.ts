import { type Device, requestDevice } from '../../src/index.ts';

let shared: Promise<Device> | undefined;

/** The device that the tests of a file share. No adapter is an error, never a skip. */
export function testDevice(): Promise<Device> {
  shared ??= requestDevice();
  return shared;
}

/** What WebGPU has reported on the shared device since the last call, if there is one. */
export async function takeErrors(): Promise<string[]> {
  if (!shared) return [];
  const device = await shared;
  await device.ended(device.gpu.queue.onSubmittedWorkDone());
  return device.errors.splice(0);
}

/** Counts GPU buffers that are created and not destroyed, and their bytes, from now until `restore`. */
export function countBuffers(gpu: GPUDevice): { alive: () => number; peakBytes: () => number; restore: () => void } {
  const create = gpu.createBuffer;
  let alive = 0;
  let [bytes, peakBytes] = [0, 0];
  gpu.createBuffer = (descriptor) => {
    const buffer = create.call(gpu, descriptor);
    const destroy = buffer.destroy.bind(buffer);
    let destroyed = false;
    alive++;
    bytes += buffer.size;
    peakBytes = Math.max(peakBytes, bytes);
    buffer.destroy = () => {
      if (!destroyed) {
        alive--; // a second time does nothing
        bytes -= buffer.size;
      }
      destroyed = true;
      return destroy();
    };
    return buffer;
  };
  return {
    alive: () => alive,
    peakBytes: () => peakBytes,
    restore() {
      gpu.createBuffer = create;
    },
  };
}

/** The shared device; skips the test, saying so, where it cannot store f16. */
export async function f16Device(context: { skip(note: string): never }): Promise<Device> {
  const device = await testDevice();
  if (!device.gpu.features.has('shader-f16')) {
    context.skip(`no shader-f16 on this adapter (${device.description}); Mesa's lavapipe has it`);
  }
  return device;
}
