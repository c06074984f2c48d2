/**
 * GPU memory: the store keeps variables from step to step, and the arena lends memory for values within a step to the
 * sessions of a model.
 */
import { ArgumentError, StateError } from '../errors.ts';
import { kindOf } from '../shown.ts';
import { byteLength, type DType, elements, type HostArray, hasElements, type Shape, type Variable } from '../tensor.ts';
import type { Device } from './device.ts';
import { readBuffer } from './readback.ts';

const STORAGE_USAGE = () => GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;

/** A place in a buffer. */
export interface BufferRange {
  readonly buffer: GPUBuffer;
  /** In bytes. */
  readonly offset: number;
}

/** The store that keeps a model's variable, by the variable that has the buffer. */
const homes = new WeakMap<Variable, VariableStore>();

/** Whether a model keeps the variable. */
export function isOfModel(variable: Variable): boolean {
  return homes.has(ownerOf(variable));
}

/** The variable that has the buffer: for a packed variable the one that it is a part of, otherwise itself. */
export function ownerOf(variable: Variable): Variable {
  return variable.part?.of ?? variable;
}

/**
 * The buffers of variables. Each is created at its first use with its initial values, and kept until the store is
 * destroyed. As long as a store exists, the device keeps unused kernels (see `PipelineCache`).
 */
export class VariableStore {
  readonly device: Device;
  /** By variable; packed variables by the one that they are parts of. */
  readonly #buffers = new Map<Variable, GPUBuffer>();
  /** Variables that have received their initial values. */
  readonly #placed = new Set<Variable>();
  #destroyed = false;

  constructor(device: Device) {
    this.device = device;
    device.pipelines.retainUnused();
  }

  /** @throws StateError if the store was destroyed */
  checkAlive(): void {
    if (this.#destroyed) throw new StateError('the model was disposed.');
  }

  /** Makes this the store in which all sessions look for some variables. */
  keep(variables: readonly Variable[]): void {
    for (const variable of variables) homes.set(ownerOf(variable), this);
  }

  /** Where the variable lies. */
  place(variable: Variable): BufferRange {
    this.checkAlive();
    const owner = ownerOf(variable);
    let buffer = this.#buffers.get(owner);
    if (!buffer) {
      buffer = this.device.createBuffer(owner.name, byteLength(owner), STORAGE_USAGE());
      this.#buffers.set(owner, buffer);
    }
    if (!this.#placed.has(variable)) {
      this.#placed.add(variable);
      for (const part of variable.spans ?? []) this.place(part);
      // A new buffer contains zeros, so a variable without `initial` needs no write.
      if (variable.initial) this.write(variable, variable.initial());
    }
    return { buffer, offset: variable.part?.offset ?? 0 };
  }

  /** Overwrites a variable. @throws ArgumentError if the data are not a typed array of its dtype and length */
  write(variable: Variable, data: HostArray): void {
    checkHostArray(variable.name, variable, data);
    const { buffer, offset } = this.place(variable);
    this.device.write(buffer, offset, data);
  }

  read(variable: Variable): Promise<HostArray> {
    return readBuffer(this.device, this.place(variable), variable.dtype, elements(variable.shape));
  }

  /** Size of all buffers, in bytes. */
  get bytes(): number {
    return [...this.#buffers.values()].reduce((sum, { size }) => sum + size, 0);
  }

  /** Size in bytes of the buffers that the first use of these variables would create. */
  missing(variables: readonly Variable[]): number {
    const owners = new Set(variables.map(ownerOf).filter((owner) => !this.#buffers.has(owner)));
    return [...owners].reduce((sum, owner) => sum + byteLength(owner), 0);
  }

  /** Frees a variable's buffer, e.g. a dataset's. For a packed variable, this frees all variables in the same buffer. */
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
    this.device.pipelines.releaseUnused();
  }
}

/**
 * The stores in which models keep some of these variables, by the variable that has the buffer.
 * @throws StateError if a model was disposed; ArgumentError if one is on another device
 */
export function homesOf(variables: readonly Variable[], device: Device): Map<Variable, VariableStore> {
  const found = new Map<Variable, VariableStore>();
  for (const variable of variables) {
    const home = homes.get(ownerOf(variable));
    if (!home) continue;
    home.checkAlive();
    if (home.device !== device) {
      throw new ArgumentError(
        `session: ${variable.name} belongs to a model on another device. Make one device by requestDevice(), and give it to ` +
          'compile() of each model and to the session.',
      );
    }
    found.set(ownerOf(variable), home);
  }
  return found;
}

/**
 * Buffers that the sessions of one model share. Sessions never run at the same time, so the plans for training,
 * evaluation and prediction can use the same memory: its size is that of the largest plan, not the sum. A buffer
 * without a session is freed.
 */
export class Arena {
  readonly #device: Device;
  /** Each buffer with the number of sessions that use it. */
  readonly #users = new Map<GPUBuffer, number>();
  #destroyed = false;

  constructor(device: Device) {
    this.#device = device;
  }

  /** @throws StateError if the arena was destroyed */
  checkAlive(): void {
    if (this.#destroyed) throw new StateError('the model was disposed, or compiled again.');
  }

  /**
   * A buffer for each slot: the smallest one of the arena that fits, or a new one. The caller passes them to `release`
   * in the end.
   */
  take(slots: readonly number[]): GPUBuffer[] {
    this.checkAlive();
    const found = this.#fit(slots);
    const result = slots.map((bytes, slot) => found[slot] ?? this.#create(bytes));
    for (const buffer of result) this.#users.set(buffer, this.#users.get(buffer)! + 1);
    return result;
  }

  /** Size in bytes of the buffers that `take` would create. */
  missing(slots: readonly number[]): number {
    const found = this.#fit(slots);
    return slots.reduce((sum, bytes, slot) => sum + (found[slot] ? 0 : bytes), 0);
  }

  /** For each slot its buffer; undefined if no buffer that is large enough is left. */
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

  /** Size of all buffers in the arena, in bytes. */
  get bytes(): number {
    return [...this.#users.keys()].reduce((sum, buffer) => sum + buffer.size, 0);
  }

  /** Ends the use of the buffers of one `take`, and frees those that no other session uses. */
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

/** @throws ArgumentError if the data are not a typed array of the given dtype and length */
export function checkHostArray(what: string, { dtype, shape }: { dtype: DType; shape: Shape }, data: HostArray): void {
  const wanted = HOST_ARRAYS[dtype];
  const given = kindOf(data); // instanceof fails for an array from another realm, e.g. an iframe
  if (given !== wanted) throw new ArgumentError(`${what} takes a ${wanted}, got ${given}.`);
  if (hasElements(data, elements(shape))) return;
  throw new ArgumentError(`${what} has ${elements(shape)} elements, got ${data.length}.`);
}

/** A buffer that the host writes before a step. */
export function createInputBuffer(device: Device, label: string, bytes: number): GPUBuffer {
  return device.createBuffer(label, bytes, STORAGE_USAGE());
}
