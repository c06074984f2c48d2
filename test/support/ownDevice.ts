import { expect } from 'vitest';
import { type Device, requestDevice } from '../../src/index.ts';

/** Uses a device of its own, whose errors and loss are nobody else's. */
export async function onOwnDevice<T>(use: (device: Device) => Promise<T>): Promise<T> {
  const device = await requestDevice();
  try {
    return await use(device);
  } finally {
    device.destroy();
  }
}

/** Replaces a text in the shaders whose `file.entryPoint` begins so, before they are compiled. */
export function plant(device: Device, shader: string, text: string, other: string): void {
  const { gpu } = device;
  const create = gpu.createShaderModule.bind(gpu);
  gpu.createShaderModule = (descriptor) => {
    if (!descriptor.label?.startsWith(shader)) return create(descriptor);
    expect(descriptor.code).toContain(text);
    return create({ ...descriptor, code: descriptor.code.replaceAll(text, other) });
  };
}
