import { ArgumentError, StateError } from '../errors.ts';
import { kindOf } from '../shown.ts';
import { byteLength, type DType, elements, type HostArray, holds, type Shape, type Variable } from '../tensor.ts';
import type { Device } from './device.ts';
import { readBuffer } from './readback.ts';

const STORAGE_USAGE = () => GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;

/** A range of a buffer: it begins at so many bytes. */
export interface BufferRange {
  readonly buffer: GPUBuffer;
  readonly offset: number;
}

/** What has the buffer that the variable lies in. */
export function ownerOf(variable: Variable): Variable {
  return variable.part?.of ?? variable;
}

/** Buffers of variables: made at first use with their initial values, kept until the store is destroyed; so long kernels are kept, too. */
export class VariableStore {
  readonly #device: Device;
  /** By variable, or by what packed variables are parts of. */
  readonly #buffers = new Map<Variable, GPUBuffer>();
  /** Variables that have got their first value. */
  readonly #placed = new Set<Variable>();
  #destroyed = false;

  constructor(device: Device) {
    this.#device = device;
    device.pipelines.enter();
  }

  /** @throws StateError once the store was destroyed */
  checkAlive(): void {
    if (this.#destroyed) throw new StateError('the model was disposed.');
  }

  /** Where the variable lies. */
  place(variable: Variable): BufferRange {
    this.checkAlive();
    const owner = ownerOf(variable);
    let buffer = this.#buffers.get(owner);
    if (!buffer) {
      buffer = this.#device.createBuffer(owner.name, byteLength(owner), STORAGE_USAGE());
      this.#buffers.set(owner, buffer);
    }
    if (!this.#placed.has(variable)) {
      this.#placed.add(variable);
      for (const part of variable.spans ?? []) this.place(part);
      // A new buffer holds zeros, which is what no initial value means.
      if (variable.initial) this.write(variable, variable.initial());
    }
    return { buffer, offset: variable.part?.offset ?? 0 };
  }

  /** Overwrites a variable. @throws ArgumentError where data are no typed array of its dtype and length */
  write(variable: Variable, data: HostArray): void {
    checkHostArray(variable.name, variable, data);
    const { buffer, offset } = this.place(variable);
    this.#device.write(buffer, offset, data);
  }

  read(variable: Variable): Promise<HostArray> {
    return readBuffer(this.#device, this.place(variable), variable.dtype, elements(variable.shape));
  }

  /** Bytes of all buffers. */
  get bytes(): number {
    return [...this.#buffers.values()].reduce((sum, { size }) => sum + size, 0);
  }

  /** Bytes of buffers that the first use of these variables would create. */
  missing(variables: readonly Variable[]): number {
    const owners = new Set(variables.map(ownerOf).filter((owner) => !this.#buffers.has(owner)));
    return [...owners].reduce((sum, owner) => sum + byteLength(owner), 0);
  }

  /** Frees a variable's buffer, e.g. a dataset's; with one that is packed, all that lie with it. */
  release(variable: Variable): void {
    const owner = ownerOf(variable);
    this.#buffers.get(owner)?.destroy();
    this.#buffers.delete(owner);
    for (const placed of this.#placed) if (ownerOf(placed) === owner) this.#placed.delete(placed);
  }

  destroy(): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    for (const buffer of this.#buffers.values()) buffer.destroy();
    this.#buffers.clear();
    this.#device.pipelines.leave();
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

  /** @throws StateError once the arena was destroyed */
  checkAlive(): void {
    if (this.#destroyed) throw new StateError('the model was disposed, or compiled again.');
  }

  /** A buffer for each slot, reusing the arena's, each the smallest that fits; what is missing is created. To `release`. */
  take(slots: readonly number[]): GPUBuffer[] {
    this.checkAlive();
    const found = this.#fit(slots);
    const result = slots.map((bytes, slot) => found[slot] ?? this.#create(bytes));
    for (const buffer of result) this.#users.set(buffer, this.#users.get(buffer)! + 1);
    return result;
  }

  /** Bytes of the buffers that `take` would create. */
  missing(slots: readonly number[]): number {
    const found = this.#fit(slots);
    return slots.reduce((sum, bytes, slot) => sum + (found[slot] ? 0 : bytes), 0);
  }

  /** For each slot the buffer that it gets; undefined where none is left that is large enough. */
  #fit(slots: readonly number[]): (GPUBuffer | undefined)[] {
    const free = [...this.#users.keys()].sort((p, q) => p.size - q.size);
    const result = new Array<GPUBuffer | undefined>(slots.length);
    const largestFirst = slots.map((bytes, slot) => ({ bytes, slot })).sort((p, q) => q.bytes - p.bytes);
    for (const { bytes, slot } of largestFirst) {
      const fit = free.findIndex((buffer) => buffer.size >= bytes);
      if (fit >= 0) result[slot] = free.splice(fit, 1)[0]!;
    }
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

const HOST_ARRAYS = { f32: 'Float32Array', i32: 'Int32Array', u32: 'Uint32Array' } as const;

/** @throws ArgumentError where data are no typed array of a tensor's dtype and length */
export function checkHostArray(what: string, { dtype, shape }: { dtype: DType; shape: Shape }, data: HostArray): void {
  const wanted = HOST_ARRAYS[dtype];
  const given = kindOf(data); // not instanceof: it may come from another realm
  if (given !== wanted) throw new ArgumentError(`${what} takes a ${wanted}, got ${given}.`);
  if (holds(data, elements(shape))) return;
  throw new ArgumentError(`${what} has ${elements(shape)} elements, got ${data.length}.`);
}

/** A buffer that the host writes before a step. */
export function createInputBuffer(device: Device, label: string, bytes: number): GPUBuffer {
  return device.createBuffer(label, bytes, STORAGE_USAGE());
}
