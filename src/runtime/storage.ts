import { ArgumentError, StateError } from '../errors.ts';
import { byteLength, elements, type HostArray, type Variable } from '../tensor.ts';
import type { Device } from './device.ts';
import { readBuffer } from './readback.ts';

const STORAGE_USAGE = () => GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;

/** Buffers of variables: made at first use with their initial values, kept until the store is destroyed. */
export class VariableStore {
  readonly #device: Device;
  readonly #buffers = new Map<Variable, GPUBuffer>();
  #destroyed = false;

  constructor(device: Device) {
    this.#device = device;
  }

  /** @throws StateError once the store was destroyed */
  checkAlive(): void {
    if (this.#destroyed) throw new StateError('the model was disposed.');
  }

  /** The variable's buffer. */
  buffer(variable: Variable): GPUBuffer {
    this.checkAlive();
    let buffer = this.#buffers.get(variable);
    if (!buffer) {
      buffer = this.#device.createBuffer(variable.name, byteLength(variable), STORAGE_USAGE());
      this.#buffers.set(variable, buffer);
      // A new buffer holds zeros, which is what no initial value means.
      if (variable.initial) this.write(variable, variable.initial());
    }
    return buffer;
  }

  /** Overwrites a variable. @throws ArgumentError where the length does not fit */
  write(variable: Variable, data: HostArray): void {
    if (data.length !== elements(variable.shape)) {
      throw new ArgumentError(`${variable.name} has ${elements(variable.shape)} elements, got ${data.length}.`);
    }
    this.#device.gpu.queue.writeBuffer(this.buffer(variable), 0, data as Float32Array<ArrayBuffer>);
  }

  /** Sets a variable to zeros. */
  clear(encoder: GPUCommandEncoder, variable: Variable): void {
    encoder.clearBuffer(this.buffer(variable));
  }

  read(variable: Variable): Promise<HostArray> {
    return readBuffer(this.#device, this.buffer(variable), variable.dtype, elements(variable.shape));
  }

  /** Frees one variable's buffer, e.g. a dataset's. */
  release(variable: Variable): void {
    this.#buffers.get(variable)?.destroy();
    this.#buffers.delete(variable);
  }

  destroy(): void {
    this.#destroyed = true;
    for (const buffer of this.#buffers.values()) buffer.destroy();
    this.#buffers.clear();
  }
}

/**
 * Buffers that sessions of one model share. Sessions never run at the same time, so the training, the evaluation and
 * the prediction plan may all lie in the same memory: it holds the largest of them, not their sum. A buffer that no session
 * uses any more is freed.
 */
export class Arena {
  readonly #device: Device;
  /** Each buffer, with the number of sessions that have taken it. */
  readonly #users = new Map<GPUBuffer, number>();
  #destroyed = false;

  constructor(device: Device) {
    this.#device = device;
  }

  /** A buffer for each slot, reusing the arena's, each the smallest that fits; what is missing is created. To `release`. */
  take(slots: readonly number[]): GPUBuffer[] {
    if (this.#destroyed) throw new StateError('the arena was destroyed.');
    const free = [...this.#users.keys()].sort((p, q) => p.size - q.size);
    const result = new Array<GPUBuffer>(slots.length);
    const largestFirst = slots.map((bytes, slot) => ({ bytes, slot })).sort((p, q) => q.bytes - p.bytes);
    for (const { bytes, slot } of largestFirst) {
      const fit = free.findIndex((buffer) => buffer.size >= bytes);
      const buffer = fit >= 0 ? free.splice(fit, 1)[0]! : this.#create(bytes);
      result[slot] = buffer;
    }
    for (const buffer of result) this.#users.set(buffer, this.#users.get(buffer)! + 1);
    return result;
  }

  /** Bytes of all buffers in the arena. */
  get bytes(): number {
    return [...this.#users.keys()].reduce((sum, buffer) => sum + buffer.size, 0);
  }

  /** Gives back what one `take` gave, and frees what nobody else uses. */
  release(buffers: readonly GPUBuffer[]): void {
    if (this.#destroyed) return;
    for (const buffer of buffers) this.#users.set(buffer, this.#users.get(buffer)! - 1);
    for (const [buffer, users] of this.#users) {
      if (users > 0) continue;
      buffer.destroy();
      this.#users.delete(buffer);
    }
  }

  destroy(): void {
    this.#destroyed = true;
    for (const buffer of this.#users.keys()) buffer.destroy();
    this.#users.clear();
  }

  #create(bytes: number): GPUBuffer {
    const buffer = this.#device.createBuffer(`arena#${this.#users.size}`, bytes, STORAGE_USAGE());
    this.#users.set(buffer, 0);
    return buffer;
  }
}

/** A buffer that the host writes before a step. */
export function createInputBuffer(device: Device, label: string, bytes: number): GPUBuffer {
  return device.createBuffer(label, bytes, STORAGE_USAGE());
}
