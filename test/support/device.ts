import { type Device, requestDevice } from '../../src/index.ts';
import { DevicePolling } from '../../src/runtime/devicePolling.ts';

let shared: Promise<Device> | undefined;

/** The device that the tests of a file share. No adapter is an error, never a skip. */
export function testDevice(): Promise<Device> {
  shared ??= requestDevice();
  return shared;
}

/** Errors of all devices, and those that live; several test files may share a process. */
const watched = globalThis as { neuriteDevices?: { errors: string[]; alive: Set<GPUDevice> } | undefined };

/** From now on the errors of every device that is made are collected for `takeErrors`. */
export function watchDevices(): void {
  if (watched.neuriteDevices) return;
  const errors: string[] = [];
  const alive = new Set<GPUDevice>();
  watched.neuriteDevices = { errors, alive };
  const { requestDevice } = GPUAdapter.prototype;
  GPUAdapter.prototype.requestDevice = async function (descriptor) {
    const device = await requestDevice.call(this, descriptor);
    alive.add(device);
    const hear = ({ error }: GPUUncapturedErrorEvent) => {
      // Memory that runs out is the loss of a device, which a test may provoke; all else is the engine's own mistake.
      const provoked = typeof GPUOutOfMemoryError !== 'undefined' && error instanceof GPUOutOfMemoryError;
      if (!provoked) errors.push(error.message);
    };
    device.addEventListener('uncapturederror', hear);
    const leave = () => {
      alive.delete(device); // Firefox reports what is asked of it from here until the loss is reported
      device.removeEventListener('uncapturederror', hear); // Dawn under Node would keep it, and the device, for ever
    };
    device.lost.then(leave);
    const { destroy } = device;
    device.destroy = () => {
      leave();
      return destroy.call(device);
    };
    return device;
  };
}

/** What WebGPU has reported since the last call, on whatever device of this page or process. */
export async function takeErrors(): Promise<string[]> {
  const { errors, alive } = watched.neuriteDevices!;
  const ended = ({ queue, lost }: GPUDevice) => {
    const end = Promise.race<unknown>([queue.onSubmittedWorkDone(), lost]); // a lost device never answers some promises
    return DevicePolling.needed ? new DevicePolling(queue).until(end) : end;
  };
  await Promise.all([...alive].map(ended));
  return errors.splice(0);
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
