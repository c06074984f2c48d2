/**
 * A session makes a plan ready to run on a device: it compiles the pipelines and creates buffers and bind groups once.
 * A step then only records these dispatches and submits them.
 */
import { ArgumentError, StateError } from '../errors.ts';
import { expectTensors, graphOf } from '../graph.ts';
import { check, checkOptions, type Kind } from '../options.ts';
import { plan } from '../plan/plan.ts';
import type { Plan, PlannedBinding, PlannedDispatch } from '../plan/types.ts';
import { isHalf } from '../shader/f16.ts';
import { piecesOf } from '../shader/split.ts';
import { byteLength, elements, type HostArray, type Tensor, type Variable } from '../tensor.ts';
import { Device } from './device.ts';
import { inPieces, launch, type PreparedDispatch } from './launch.ts';
import { measuredPieces, type PieceCount } from './pieces.ts';
import type { Kernel, Lease } from './pipelines.ts';
import type { DispatchTimer } from './profile.ts';
import { JointReadback, readBuffer } from './readback.ts';
import {
  Arena,
  type BufferRange,
  checkHostArray,
  createInputBuffer,
  homesOf,
  ownerOf,
  VariableStore,
} from './storage.ts';

export interface SessionOptions {
  /**
   * Storage of variables to share with other sessions. Absent: the session creates its own. Variables of models are always
   * those of the models.
   */
  readonly variables?: VariableStore;
  /** Memory for values to share with other sessions. Absent: the session creates its own. */
  readonly arena?: Arena;
  /**
   * Says into how many pieces each dispatch is split. Default: long dispatches are split, as measured by
   * `measuredPieces`.
   */
  readonly pieces?: PieceCount;
  /** Called each time a pipeline has been compiled. */
  readonly onProgress?: (compiled: number, total: number) => void;
}

/** The kind of value that each option takes. */
export const SESSION_OPTIONS = {
  variables: 'object',
  arena: 'object',
  pieces: 'function',
  onProgress: 'function',
} as const satisfies Record<keyof SessionOptions, Kind>;

/** A plan that is ready to run on a device: its pipelines, buffers and bind groups exist. */
export class Session {
  readonly device: Device;
  readonly plan: Plan;
  readonly variables: VariableStore;
  /** The stores of models whose variables the plan uses, by the variable that has the buffer. */
  readonly #homes: ReadonlyMap<Variable, VariableStore>;
  readonly #arena: Arena;
  readonly #owned: { destroy(): void }[];
  readonly #inputs = new Map<Tensor, GPUBuffer>();
  #slots: readonly GPUBuffer[] = [];
  readonly #steps: PreparedDispatch[] = [];
  readonly #leases: Lease[] = [];
  /** Buffers that belong to the session, other than those of inputs. */
  readonly #own: GPUBuffer[] = [];
  #readback: JointReadback | undefined;
  #destroyed = false;

  private constructor(device: Device, plan: Plan, options: SessionOptions) {
    this.device = device;
    this.plan = plan;
    this.#homes = homesOf(plan.variables, device);
    this.variables = options.variables ?? new VariableStore(device);
    this.#arena = options.arena ?? new Arena(device);
    this.#owned = [...(options.variables ? [] : [this.variables]), ...(options.arena ? [] : [this.#arena])];
  }

  /**
   * Creates the buffers and compiles all pipelines, concurrently.
   * @throws DeviceError if a buffer exceeds the device's limits or a shader does not compile
   */
  static async create(device: Device, plan: Plan, options: SessionOptions = {}): Promise<Session> {
    checkOptions('session', options, SESSION_OPTIONS);
    const session = new Session(device, plan, options);
    try {
      session.#allocate();
      await session.#prepare(options);
      return session;
    } catch (error) {
      session.destroy();
      throw error;
    }
  }

  /** Makes the buffers. If it fails, `destroy` frees those that were made before. */
  #allocate(): void {
    for (const input of this.plan.inputs) {
      this.#inputs.set(input, createInputBuffer(this.device, `input:${input.name}`, byteLength(input)));
    }
    this.#slots = this.#arena.take(this.plan.slots);
  }

  async #prepare({ onProgress, pieces }: SessionOptions): Promise<void> {
    const { dispatches } = this.plan;
    let compiled = 0;
    const kernels = await this.device.whileAlive(
      Promise.all(
        dispatches.map(async (dispatch) => {
          const kernel = await this.device.pipelines.get(dispatch, false, this.#leases);
          onProgress?.(++compiled, dispatches.length);
          return kernel;
        }),
      ),
    );
    dispatches.forEach((dispatch, i) => {
      this.#steps.push(this.#step(dispatch, kernels[i]!));
    });
    const part = (pass: GPUComputePassEncoder, i: number, share: number) => {
      this.#checkUsable(); // the model may be disposed between two runs of a dispatch that is timed
      launch(pass, this.#steps[i]!, share);
    };
    const count = pieces ?? (await measuredPieces(this.device, dispatches, part));
    await this.device.whileAlive(
      Promise.all(
        dispatches.map(async (dispatch, i) => {
          const split = piecesOf(dispatch.workgroups, count(dispatch));
          if (split.length < 2) return;
          const kernel = await this.device.pipelines.get(dispatch, true, this.#leases);
          if (this.#destroyed) return;
          const { buffer, ...pieces } = inPieces(this.device, dispatch.label, kernel, split);
          this.#own.push(buffer);
          this.#steps[i] = { ...this.#step(dispatch, kernel), ...pieces };
        }),
      ),
    );
    this.#checkUsable();
  }

  #step({ label, bindings, workgroups }: PlannedDispatch, { pipeline, layout }: Kernel): PreparedDispatch {
    const entries = bindings.map((binding) => ({ binding: binding.binding, resource: this.#resource(binding) }));
    return { pipeline, bindGroup: this.device.gpu.createBindGroup({ label, layout, entries }), workgroups };
  }

  #resource({ tensor, storage }: PlannedBinding): GPUBufferBinding {
    return { ...this.place(tensor), size: byteLength(tensor, isHalf(storage)) };
  }

  /** Where a planned tensor lies. Other tensors may follow it in the same buffer. */
  place(tensor: Tensor): BufferRange {
    expectTensors('session', [tensor]);
    const storage = this.plan.storage.get(tensor);
    if (!storage) throw new ArgumentError(`session: ${tensor.name} is not in the plan; name it as an output.`);
    if (storage.kind === 'input') return { buffer: this.#inputs.get(storage.input)!, offset: 0 };
    if (storage.kind === 'variable') {
      return (this.#homes.get(ownerOf(storage.variable)) ?? this.variables).place(storage.variable);
    }
    return { buffer: this.#slots[storage.slot]!, offset: storage.offset };
  }

  /** Whether the plan reads this input. An unused input has no buffer. */
  uses(input: Tensor): boolean {
    return this.#inputs.has(input);
  }

  /**
   * Sets an input for the steps that follow. The data may lie in any kind of memory; the caller may change them as soon
   * as this returns.
   * @throws ArgumentError if the data are not a typed array of the input's dtype and length
   * @throws StateError if the session was destroyed
   */
  write(input: Tensor, data: HostArray): void {
    this.#checkUsable();
    expectTensors('session', [input]);
    const buffer = this.#inputs.get(input);
    if (!buffer) throw new ArgumentError(`session: ${input.name} is no input of the plan.`);
    checkHostArray(`session: input ${input.name}`, input, data);
    this.device.write(buffer, 0, data);
  }

  /**
   * Records the step into an encoder: as one compute pass, or with a timer as one pass for each dispatch.
   * @param count number of dispatches to record, from the first one on; default all
   */
  encode(encoder: GPUCommandEncoder, timer?: DispatchTimer, count?: number): void {
    this.#checkUsable();
    if (timer) {
      this.#steps.forEach((step, i) => {
        const pass = encoder.beginComputePass(timer.pass(i));
        launch(pass, step);
        pass.end();
      });
      timer.resolve(encoder);
      return;
    }
    const pass = encoder.beginComputePass();
    this.record(pass, 1, count);
    pass.end();
  }

  /**
   * Records the step into a pass.
   * @param share fraction of each dispatch's workgroups to launch: the time of a fraction is enough to compute that of
   *   the whole
   * @param count number of dispatches to record, from the first one on
   */
  record(pass: GPUComputePassEncoder, share = 1, count = this.#steps.length): void {
    for (let i = 0; i < count; i++) launch(pass, this.#steps[i]!, share);
  }

  /** Into how many pieces each dispatch of the plan is split. */
  get pieces(): readonly number[] {
    return this.#steps.map(({ pieces }) => pieces?.length ?? 1);
  }

  /** Size in bytes of the buffers that belong to the session. */
  get bytes(): number {
    return [...this.#inputs.values(), ...this.#own].reduce((sum, { size }) => sum + size, this.#readback?.bytes ?? 0);
  }

  /** Runs one step: one encoder, one pass, one submit. Does not wait for the GPU. */
  run(): void {
    this.device.checkAlive();
    const encoder = this.device.gpu.createCommandEncoder();
    this.encode(encoder);
    this.device.gpu.queue.submit([encoder.finish()]);
  }

  /**
   * Runs one step and returns its values of some tensors. They are copied in the same submit, so steps that other
   * sessions run in the same memory do not change them. One call at a time, with the same tensors each time.
   */
  async runAndRead(tensors: readonly Tensor[]): Promise<HostArray[]> {
    this.device.checkAlive();
    this.#checkUsable(); // a readback that is made after the session's end would never be freed
    this.#readback ??= new JointReadback(this.device, tensors);
    const encoder = this.device.gpu.createCommandEncoder();
    this.encode(encoder);
    this.#readback.copy(
      encoder,
      tensors.map((tensor) => this.place(tensor)),
    );
    this.device.gpu.queue.submit([encoder.finish()]);
    return this.#readback.collect();
  }

  /** Waits for the steps submitted so far and returns the values of an output, an input or a variable. */
  read(tensor: Tensor): Promise<HostArray> {
    const storage = this.plan.storage.get(tensor);
    if (storage && isHalf(storage)) {
      throw new ArgumentError(`session: ${tensor.name} is stored as f16; name it as an output to read it.`);
    }
    return readBuffer(this.device, this.place(tensor), tensor.dtype, elements(tensor.shape));
  }

  #checkUsable(): void {
    if (this.#destroyed) throw new StateError('session: it was destroyed.');
    this.variables.checkAlive();
    for (const store of this.#homes.values()) store.checkAlive();
    this.#arena.checkAlive();
  }

  /**
   * Frees the session's own buffers, and releases its kernels and its buffers of a shared arena.
   * @param forget whether to drop its kernels from the cache, because they will not be used again
   */
  destroy(forget = false): void {
    if (this.#destroyed) return;
    this.#destroyed = true;
    this.#steps.length = 0;
    this.device.pipelines.release(this.#leases, forget);
    this.#arena.release(this.#slots);
    this.#readback?.destroy();
    for (const buffer of [...this.#inputs.values(), ...this.#own]) buffer.destroy();
    for (const owned of this.#owned) owned.destroy();
  }
}

/**
 * Plans and compiles the graph that some tensors belong to.
 * @param outputs tensors to read after a step. In-place updates of the graph are always part of the step.
 * @returns a session that is ready to `run`
 */
export async function session(
  device: Device | GPUDevice,
  outputs: readonly Tensor[],
  options: SessionOptions = {},
): Promise<Session> {
  check('session', 'outputs', outputs, 'list');
  if (!outputs.length) throw new ArgumentError('session: name at least one output.');
  expectTensors('session', outputs);
  Device.check('session', device ?? null);
  const used = Device.of(device);
  return Session.create(used, plan(graphOf(outputs[0]!), outputs, { target: used.target }), options);
}
