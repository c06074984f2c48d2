/**
 * Copies variables from the GPU to the host while training runs, for snapshots. The buffers are created once and used
 * again for every snapshot.
 */
import { elements, type HostArray, type Variable } from '../tensor.ts';
import type { Device } from './device.ts';
import { ownerOf, type VariableStore } from './storage.ts';

/** Values on the host, by variable; packed variables by the one that they are parts of. */
export type Values = Map<Variable, HostArray>;

/**
 * Staging buffers for a copy of variables. The GPU copies the variables between two steps; the buffers are mapped when
 * the steps before are finished, while later steps run. Only one copy can be under way at a time.
 */
export class SnapshotBuffers {
  readonly #device: Device;
  readonly #copies: readonly { readonly owner: Variable; readonly source: GPUBuffer; readonly staging: GPUBuffer }[];
  #destroyed = false;

  /** @throws DeviceError if the device was lost */
  constructor(device: Device, store: VariableStore, variables: readonly Variable[]) {
    this.#device = device;
    const usage = GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST;
    const sources = new Map(variables.map((variable) => [ownerOf(variable), store.place(variable).buffer]));
    this.#copies = [...sources].map(([owner, source]) => {
      return { owner, source, staging: device.createBuffer(`snapshot:${owner.name}`, source.size, usage) };
    });
  }

  /** Copies the variables with the values that the steps submitted so far give them. Resolves when the copy can be read. */
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
   * Puts the copied values into host arrays, into those that `into` has already if there are any. To be called after `copy`.
   * @returns whether it did so for all; false, and none is changed, if the device was lost
   */
  read(into: Values): boolean {
    let mapped: Float32Array[];
    try {
      // A buffer may be larger than its variable.
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

  /** Drops the copied values. To be called after `copy`, instead of `read`. */
  unmap(): void {
    for (const { staging } of this.#copies) staging.unmap();
  }

  destroy(): void {
    this.#destroyed = true;
    for (const { staging } of this.#copies) staging.destroy();
  }
}
