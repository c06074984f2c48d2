/**
 * Copies data from the GPU to the host through staging buffers: one tensor, several tensors of the same step, or a few
 * numbers of each step while later steps run.
 */
import { StateError } from '../errors.ts';
import { type DType, elements, type HostArray, type Tensor } from '../tensor.ts';
import type { Device } from './device.ts';
import type { BufferRange } from './storage.ts';

/**
 * Maps a staging buffer, reads it, and unmaps it. It is read in the callback of the map itself: if the device is lost,
 * a browser may unmap its buffers before it reports the loss.
 * @param freed as for `Device.ended`
 */
export function readStaging<T>(
  device: Device,
  staging: GPUBuffer,
  read: (bytes: ArrayBuffer) => T,
  freed?: () => boolean,
): Promise<T> {
  const values = staging.mapAsync(GPUMapMode.READ).then(() => {
    const result = read(staging.getMappedRange());
    staging.unmap();
    return result;
  });
  return device.ended(values, freed);
}

/** Copies a part of a GPU buffer into a new host array. It creates a buffer each time, so it is not for every step. */
export async function readBuffer(
  device: Device,
  source: BufferRange,
  dtype: DType,
  length: number,
): Promise<HostArray> {
  const bytes = length * 4;
  const staging = device.createBuffer('readback', bytes, GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST);
  try {
    const encoder = device.gpu.createCommandEncoder({ label: 'readback' });
    encoder.copyBufferToBuffer(source.buffer, source.offset, staging, 0, bytes);
    device.gpu.queue.submit([encoder.finish()]);
    return await readStaging(device, staging, (mapped) => arrayOver(dtype, mapped.slice(0)));
  } finally {
    staging.destroy();
  }
}

function arrayOver(dtype: DType, bytes: ArrayBuffer): HostArray {
  if (dtype === 'f32') return new Float32Array(bytes);
  return dtype === 'i32' ? new Int32Array(bytes) : new Uint32Array(bytes);
}

/** Copies several tensors to the host through one staging buffer, all with their values at the same moment. */
export class JointReadback {
  readonly #device: Device;
  readonly #tensors: readonly Tensor[];
  readonly #staging: GPUBuffer;
  #destroyed = false;

  constructor(device: Device, tensors: readonly Tensor[]) {
    this.#device = device;
    this.#tensors = tensors;
    const bytes = tensors.reduce((sum, { shape }) => sum + 4 * elements(shape), 0);
    this.#staging = device.createBuffer('readback', bytes, GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST);
  }

  get bytes(): number {
    return this.#staging.size;
  }

  /** Records the copies. @param sources where the tensors lie, in the order of the constructor's `tensors` */
  copy(encoder: GPUCommandEncoder, sources: readonly BufferRange[]): void {
    let offset = 0;
    this.#tensors.forEach(({ shape }, i) => {
      const bytes = 4 * elements(shape);
      encoder.copyBufferToBuffer(sources[i]!.buffer, sources[i]!.offset, this.#staging, offset, bytes);
      offset += bytes;
    });
  }

  /** Reads the values into new arrays. To be called after the submit. */
  collect(): Promise<HostArray[]> {
    const read = (bytes: ArrayBuffer) => {
      let offset = 0;
      return this.#tensors.map(({ dtype, shape }) => {
        const end = offset + 4 * elements(shape);
        const array = arrayOver(dtype, bytes.slice(offset, end));
        offset = end;
        return array;
      });
    };
    return readStaging(this.#device, this.#staging, read, () => this.#destroyed);
  }

  destroy(): void {
    this.#destroyed = true;
    this.#staging.destroy();
  }
}

interface RingSlot {
  readonly staging: GPUBuffer;
  /** Values as of the last completed copy. */
  readonly values: Float32Array;
  pending: Promise<Float32Array> | undefined;
}

/**
 * A ring of staging buffers, through which a step's numbers travel to the host while later steps run. The number of
 * slots limits the steps in flight, because `acquire` waits for the copy that used the slot before.
 */
export class ReadbackRing {
  readonly #device: Device;
  readonly #length: number;
  readonly #slots: RingSlot[];
  #next = 0;
  #destroyed = false;

  constructor(device: Device, label: string, length: number, slots: number) {
    this.#device = device;
    this.#length = length;
    this.#slots = Array.from({ length: slots }, (_, i) => ({
      staging: device.createBuffer(`${label}:ring${i}`, length * 4, GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST),
      values: new Float32Array(length),
      pending: undefined,
    }));
  }

  get bytes(): number {
    return 4 * this.#length * this.#slots.length;
  }

  /** Resolves when the next slot is free, that is, when the step that used it last has finished. */
  async acquire(): Promise<void> {
    const slot = this.#slots[this.#next]!;
    if (slot.pending) await slot.pending;
  }

  /**
   * Records a copy into the acquired slot.
   * @param length count of numbers, by default as many as fit
   * @param at index in the slot where the copy begins
   */
  copy(encoder: GPUCommandEncoder, source: BufferRange, length = this.#length, at = 0): void {
    const slot = this.#slots[this.#next]!;
    if (slot.pending) throw new StateError('readback ring: the slot is still in use; acquire() comes first.');
    encoder.copyBufferToBuffer(source.buffer, source.offset, slot.staging, 4 * at, 4 * length);
  }

  /** Resolves to the copied values. To be called after the submit. The next use of the same slot overwrites the array. */
  collect(): Promise<Float32Array> {
    const slot = this.#slots[this.#next]!;
    this.#next = (this.#next + 1) % this.#slots.length;
    const read = async () => {
      try {
        const { staging, values } = slot;
        const copied = (bytes: ArrayBuffer) => values.set(new Float32Array(bytes));
        await readStaging(this.#device, staging, copied, () => this.#destroyed);
        return values;
      } finally {
        slot.pending = undefined;
      }
    };
    slot.pending = read();
    // The caller of collect() gets a failure. Without this line it would be reported again, as an unhandled rejection.
    slot.pending.catch(() => {});
    return slot.pending;
  }

  destroy(): void {
    this.#destroyed = true;
    for (const slot of this.#slots) slot.staging.destroy();
  }
}
