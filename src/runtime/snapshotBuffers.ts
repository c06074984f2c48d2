import { elements, type HostArray, type Variable } from '../tensor.ts';
import type { Device } from './device.ts';
import { ownerOf, type VariableStore } from './storage.ts';

/** Values on the host, by variable, or by what packed variables are parts of. */
export type Values = Map<Variable, HostArray>;

/**
 * Staging buffers that variables travel to the host through while later steps run: copied on the GPU between two steps,
 * mapped whenever those before are done. They are made once; one copy at a time.
 */
export class SnapshotBuffers {
  readonly #device: Device;
  readonly #copies: readonly { readonly owner: Variable; readonly source: GPUBuffer; readonly staging: GPUBuffer }[];
  #destroyed = false;

  /** @throws DeviceError where the device was lost */
  constructor(device: Device, store: VariableStore, variables: readonly Variable[]) {
    this.#device = device;
    const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
    const sources = new Map(variables.map((variable) => [ownerOf(variable), store.place(variable).buffer]));
    this.#copies = [...sources].map(([owner, source]) => {
      return { owner, source, staging: device.createBuffer(`snapshot:${owner.name}`, source.size, usage) };
    });
  }

  /** Copies the variables as the steps submitted so far leave them. Resolves when the copy can be read. */
  async copy(): Promise<void> {
    this.#device.checkAlive();
    const encoder = this.#device.gpu.createCommandEncoder({ label: 'snapshot' });
    for (const { source, staging } of this.#copies) {
      encoder.copyBufferToBuffer(source, 0, staging, 0, staging.size);
    }
    this.#device.gpu.queue.submit([encoder.finish()]);
    const mapped = Promise.all(this.#copies.map(({ staging }) => staging.mapAsync(GPUMapMode.READ)));
    await this.#device.ended(mapped, () => this.#destroyed);
  }

  /**
   * After `copy`: puts the values into arrays of the host, those that are there already where there are any.
   * @returns whether it did: all of them, or none where the device was lost meanwhile
   */
  read(into: Values): boolean {
    let mapped: Float32Array[];
    try {
      // A buffer may be larger than what it holds.
      mapped = this.#copies.map(
        ({ owner, staging }) => new Float32Array(staging.getMappedRange(), 0, elements(owner.shape)),
      );
    } catch {
      return false;
    }
    this.#copies.forEach(({ owner, staging }, i) => {
      const known = into.get(owner);
      if (known) known.set(mapped[i]!);
      else into.set(owner, mapped[i]!.slice());
      staging.unmap();
    });
    return true;
  }

  /** After `copy`: the values are not wanted. */
  unmap(): void {
    for (const { staging } of this.#copies) staging.unmap();
  }

  destroy(): void {
    this.#destroyed = true;
    for (const { staging } of this.#copies) staging.destroy();
  }
}
