/** The GPU device of the worker: asked for once, and again when it was lost. */
import { type Device, requestDevice } from 'neurite';
import type { Machine } from '../protocol/index.ts';

const TRIES = 5;
const PAUSE_MS = 300;

/**
 * Where there was a GPU: after its process died, the browser needs a moment to start another one.
 * @throws DeviceError where none comes
 */
export async function requestAgain(): Promise<Device> {
  for (let left = TRIES; ; left--) {
    try {
      return await requestDevice();
    } catch (error) {
      if (left === 1) throw error;
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
  }
}

export class DeviceSource {
  readonly #tell: (machine: Machine) => void;
  #device: Promise<Device> | undefined;

  constructor(tell: (machine: Machine) => void) {
    this.#tell = tell;
  }

  /** A device that is alive. @throws DeviceError without WebGPU or an adapter */
  async get(): Promise<Device> {
    const seen = this.#device;
    const known = await seen?.catch(() => undefined);
    if (known && known.lost === undefined) return known;
    // Of those who wait for the same one, the first asks for another. Where there was none, one try is enough: who needs it asks again.
    if (this.#device === seen) this.#device = this.#request(known !== undefined);
    return this.#device!;
  }

  async #request(again: boolean): Promise<Device> {
    try {
      const device = await (again ? requestAgain() : requestDevice());
      this.#tell(machineOf(device));
      device.gpu.lost.then(() => {
        this.#tell({ state: 'asking' });
        this.get().catch(() => {}); // told as a machine that is missing
      });
      return device;
    } catch (error) {
      const what = navigator.gpu ? 'adapter' : 'webgpu';
      this.#tell({ state: 'missing', what, message: (error as Error).message });
      throw error;
    }
  }
}

function machineOf(device: Device): Machine {
  const { vendor, architecture } = device.gpu.adapterInfo;
  const limits: Record<string, number> = {};
  // Limits are getters of the prototype, which only for-in finds.
  for (const name in device.gpu.limits) {
    const value = (device.gpu.limits as unknown as Record<string, unknown>)[name];
    if (typeof value === 'number') limits[name] = value;
  }
  return {
    state: 'ready',
    description: device.description,
    software: device.isSoftware,
    vendor,
    architecture,
    features: [...device.gpu.features].sort(),
    limits,
    timestamps: device.gpu.features.has('timestamp-query'),
  };
}
