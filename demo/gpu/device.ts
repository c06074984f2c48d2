/** The GPU device of a worker or a page: asked for once, and again when it was lost. */
import { type Device, requestDevice } from 'neurite';
import type { Machine } from './machine.ts';

const TRIES = 5;
const PAUSE_MS = 300;

/**
 * A device where there was one before: after the GPU process died, the browser needs a moment to start another one. The engine
 * asks several times only for a model that is training; the page has no GPU to show and no self-test to run without this.
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
  readonly #send: (machine: Machine) => void;
  #device: Promise<Device> | undefined;

  constructor(send: (machine: Machine) => void) {
    this.#send = send;
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
      this.#send(machineOf(device));
      device.gpu.lost.then(() => {
        this.#send({ state: 'asking' });
        this.get().catch(() => {}); // sent as a machine that is missing
      });
      return device;
    } catch (error) {
      const what = navigator.gpu ? 'adapter' : 'webgpu';
      this.#send({ state: 'missing', what, message: (error as Error).message });
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
