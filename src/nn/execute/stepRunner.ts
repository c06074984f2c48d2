/**
 * Runs a planned step on one batch after another: sends the batch to the GPU, submits the step, and reads its totals or its
 * prediction back. Several steps may be in flight at once.
 */
import type { Dataset } from '../../data/dataset.ts';
import { NON_FINITE_STATE } from '../../ops/nonFinite.ts';
import type { Device } from '../../runtime/device.ts';
import { DispatchTimer } from '../../runtime/profile.ts';
import { ReadbackRing } from '../../runtime/readback.ts';
import { Session } from '../../runtime/session.ts';
import type { Arena, BufferRange, VariableStore } from '../../runtime/storage.ts';
import { byteLength, elements, type HostArray, type Tensor, type Variable } from '../../tensor.ts';
import { evenly, partSeed } from '../step/microBatches.ts';
import { HYPER_LENGTH, type StepPlan } from '../step/step.ts';
import { classWeight, type RowWeights } from '../train/rowWeights.ts';
import { HostBatch } from './hostBatch.ts';
import type { Profile, ProfileRequest } from './profile.ts';

/**
 * Most steps in flight. It keeps the GPU busy with steps of one millisecond even if the browser reports their ends only every
 * few milliseconds.
 */
export const STEPS_IN_FLIGHT = 8;
/** Most predictions in flight. They may be large, and each has a staging buffer. */
const PREDICTIONS_IN_FLIGHT = 3;

/**
 * Most steps of a plan in flight. Steps over micro-batches are long and read more numbers back; two of them keep the GPU
 * busy.
 */
export const maxStepsInFlight = ({ totals, plan }: StepPlan) =>
  totals ? Math.max(Math.floor(STEPS_IN_FLIGHT / (plan.microBatches?.count ?? 1)), 2) : PREDICTIONS_IN_FLIGHT;

/** Numbers that a step sends to the host: the result of each micro-batch, and the state of the finite checks. */
export const readbackLength = ({ totals, prediction, plan, checkState }: StepPlan) =>
  elements((totals ?? prediction)!.shape) * (plan.microBatches?.count ?? 1) + (checkState ? NON_FINITE_STATE : 0);

/** What a runner needs: the device, the memory that it shares, and callbacks. */
export interface RunnerContext {
  readonly device: Device;
  readonly variables: VariableStore;
  readonly arena: Arena;
  readonly onProgress?: ((compiled: number, total: number) => void) | undefined;
  /** Called in each step. Returns a request if the step is to be timed. */
  readonly takeProfile?: () => ProfileRequest | undefined;
  /** Called once the runner has freed its memory. */
  readonly onDestroy?: (runner: StepRunner) => void;
}

/**
 * Runs a planned step. Host arrays, staging buffers and bind groups are made once. Each step then writes its batch, records one
 * compute pass and the copy of its result, and submits. A step over micro-batches does this for each micro-batch without waiting
 * in between, so that no other work can come between them.
 */
export class StepRunner {
  readonly step: StepPlan;
  /** Most steps in flight. */
  readonly mostUnderWay: number;
  readonly #session: Session;
  readonly #ring: ReadbackRing;
  readonly #result: BufferRange;
  /** Length of the result. The state of the finite checks follows it in the staging buffer. */
  readonly #length: number;
  readonly #host: HostBatch;
  readonly #indices: Uint32Array;
  readonly #rows = new Uint32Array(1);
  readonly #seed = new Uint32Array(1);
  readonly #exampleSeed = new Uint32Array(2);
  readonly #hyper: Float32Array;
  readonly #share = new Float32Array(1);
  /** Row weights of the batch. */
  readonly #weights: Float32Array;
  /** Row weights of the micro-batch that is sent. */
  readonly #sent: Float32Array;
  readonly #sums: readonly GPUBuffer[];
  readonly #copies: readonly { readonly from: BufferRange; readonly to: BufferRange; readonly bytes: number }[];
  readonly #context: RunnerContext;
  /** Number of rows of the current batch. */
  #fed = 0;
  #weighted = false;
  /** Whether the number of rows or their weights must be sent again. */
  #stale = true;

  private constructor(session: Session, step: StepPlan, context: RunnerContext) {
    this.#session = session;
    this.#context = context;
    this.step = step;
    const result = (step.totals ?? step.prediction)!;
    this.#result = session.place(result);
    this.mostUnderWay = maxStepsInFlight(step);
    this.#length = elements(result.shape);
    this.#ring = new ReadbackRing(session.device, `${step.mode}:result`, readbackLength(step), this.mostUnderWay);
    // Room for whole micro-batches, even if the last one is partly padding.
    const parts = Math.ceil(step.batchSize / step.rowsAtOnce);
    this.#indices = new Uint32Array(parts * step.rowsAtOnce);
    this.#host = new HostBatch(step, this.#indices.length);
    this.#weights = new Float32Array(parts * step.rowsAtOnce);
    this.#sent = new Float32Array(step.rowsAtOnce);
    this.#hyper = new Float32Array(HYPER_LENGTH);
    const place = (variable: Variable) => session.variables.place(variable);
    this.#sums = [...new Set(step.sums.map((sum) => place(sum).buffer))];
    this.#copies = (step.copies ?? []).map(([from, to]) => ({
      from: place(from),
      to: place(to),
      bytes: byteLength(to),
    }));
  }

  static async create(step: StepPlan, context: RunnerContext): Promise<StepRunner> {
    const { device, variables, arena, onProgress } = context;
    const session = await Session.create(device, step.plan, {
      variables,
      arena,
      ...(onProgress ? { onProgress } : {}),
    });
    try {
      return new StepRunner(session, step, context);
    } catch (error) {
      session.destroy(); // the model was disposed in the meantime
      throw error;
    }
  }

  /** Bytes of the buffers that belong to this runner alone: inputs and staging buffers. */
  get bytes(): number {
    return this.#session.bytes + this.#ring.bytes;
  }

  /**
   * Prepares a batch: copies its indices if the GPU gathers it, or else reads its examples from the dataset.
   * @param indices numbers of the examples in the batch, at most the batch size
   */
  async feed(dataset: Dataset, indices: Uint32Array, weights: RowWeights = {}): Promise<void> {
    if (this.step.indices) {
      this.#indices.fill(0);
      this.#indices.set(indices);
    } else {
      await this.#host.read(dataset, indices);
    }
    this.#weigh(indices, weights);
    this.#fed = indices.length;
  }

  /**
   * Submits the step.
   * @param seed another number for each step of the run
   * @param hyper the optimizer's numbers
   * @param from of a batch that is a piece of another one: the number of its part there, and that of its first row
   * @returns the totals or the prediction, once the step is done; a later step reuses the array, so read it at once
   */
  run(seed = 0, hyper?: readonly number[], from = { part: 0, row: 0 }): Promise<Float32Array> {
    const { step } = this;
    const session = this.#session;
    session.device.checkAlive();
    if (hyper && session.uses(step.hyper)) {
      this.#hyper.set(hyper);
      session.write(step.hyper, this.#hyper);
    }
    const { microBatches } = step.plan;
    const rows = this.#fed;
    const parts = Math.ceil(rows / step.rowsAtOnce);
    const each = evenly(rows, step.rowsAtOnce);
    for (let part = 0; part < parts; part++) {
      const start = part * each;
      this.#send(start, Math.min(each, rows - start));
      if (session.uses(step.seed)) {
        this.#seed[0] = partSeed(seed, from.part + part);
        session.write(step.seed, this.#seed);
      }
      if (session.uses(step.exampleSeed)) {
        this.#exampleSeed.set([seed, from.row + start]);
        session.write(step.exampleSeed, this.#exampleSeed);
      }
      const encoder = session.device.gpu.createCommandEncoder();
      if (part === 0) this.#begin(encoder);
      const last = part === parts - 1;
      const request = last ? this.#context.takeProfile?.() : undefined;
      const timer = request && this.#timer(request);
      session.encode(encoder, timer, last ? undefined : microBatches!.wholeBatchFrom);
      this.#copyResult(encoder, (microBatches?.count ?? 1) - parts + part, last);
      session.device.gpu.queue.submit([encoder.finish()]);
      if (timer) request!.resolve(this.#profile(timer));
    }
    let values = this.#ring.collect();
    if (microBatches) values = values.then((all) => this.#sum(all, parts));
    else if (step.checkState) values = values.then((all) => all.subarray(0, this.#length));
    values.catch(() => {}); // the caller handles a rejection
    return values;
  }

  /** Clears the gradient sums and copies the moving averages, before the first micro-batch. */
  #begin(encoder: GPUCommandEncoder): void {
    for (const buffer of this.#sums) encoder.clearBuffer(buffer);
    for (const { from, to, bytes } of this.#copies) {
      encoder.copyBufferToBuffer(from.buffer, from.offset, to.buffer, to.offset, bytes);
    }
  }

  /** @param at position of this result among those that share the staging buffer, from 0 */
  #copyResult(encoder: GPUCommandEncoder, at: number, last: boolean): void {
    const { checkState } = this.step;
    this.#ring.copy(encoder, this.#result, this.#length, at * this.#length);
    if (checkState && last)
      this.#ring.copy(encoder, this.#session.place(checkState), NON_FINITE_STATE, (at + 1) * this.#length);
  }

  /**
   * Sums the totals of the last `parts` micro-batches. The sum replaces the totals of the last one, so that the state of the
   * finite checks still follows it.
   */
  #sum(all: Float32Array, parts: number): Float32Array {
    const end = this.#length * this.step.plan.microBatches!.count;
    const result = all.subarray(end - this.#length, end);
    for (let k = 0; k < this.#length; k++) {
      let total = 0;
      for (let part = 0; part < parts; part++) total += all[end - this.#length * (part + 1) + k]!;
      result[k] = total;
    }
    return result;
  }

  /** A timer for the step. If times cannot be measured, it rejects the request and returns undefined: the step runs untimed. */
  #timer(request: ProfileRequest): DispatchTimer | undefined {
    try {
      return new DispatchTimer(this.#session.device, this.step.plan);
    } catch (error) {
      request.reject(error as Error);
      return undefined;
    }
  }

  async #profile(timer: DispatchTimer): Promise<Profile> {
    try {
      return { plan: this.step.plan, dispatches: await timer.read() };
    } finally {
      timer.destroy();
    }
  }

  destroy(): void {
    this.#ring.destroy();
    const { totals, sums, copies = [] } = this.step;
    const own = [...(totals ? [totals.variable!] : []), ...sums, ...copies.map(([, copy]) => copy)];
    for (const variable of own) this.#session.variables.release(variable);
    this.#session.destroy();
    this.#context.onDestroy?.(this);
  }

  /** Sends rows of the batch, and their weights and number if these have changed since the last step. */
  #send(start: number, rows: number): void {
    const session = this.#session;
    const { step } = this;
    const { x, y, indices, rowsAtOnce } = step;
    const [from, to] = [start, start + rowsAtOnce];
    const part = <T extends HostArray>(tensor: Tensor, all: T) => {
      const length = elements(tensor.shape) / rowsAtOnce;
      return from === 0 && to === this.#indices.length ? all : all.subarray(from * length, to * length);
    };
    if (indices) session.write(indices, part(indices, this.#indices));
    else {
      session.write(x!, part(x!, this.#host.x!));
      if (y) session.write(y, part(y, this.#host.y!));
    }
    if (session.uses(step.share)) session.write(step.share, this.#share.fill(rows / this.#fed));
    if (!this.#stale && rows === this.#fed) return;
    this.#stale = false;
    this.#rows[0] = rows;
    this.#sent.set(this.#weights.subarray(start, start + rows));
    this.#sent.fill(0, rows);
    if (session.uses(step.rows)) session.write(step.rows, this.#rows);
    if (session.uses(step.weights)) session.write(step.weights, this.#sent);
  }

  /** Computes the weight of each row of the batch. */
  #weigh(indices: Uint32Array, { byExample, byClass }: RowWeights): void {
    const rows = indices.length;
    const weighted = byExample !== undefined || byClass !== undefined;
    if (this.#fed === rows && !weighted && !this.#weighted) return;
    this.#stale = true;
    this.#weighted = weighted;
    this.#weights.fill(1, 0, rows);
    const y = byClass && this.#host.y;
    const width = y ? y.length / this.#indices.length : 1;
    for (let i = 0; weighted && i < rows; i++) {
      this.#weights[i] = (byExample?.[indices[i]!] ?? 1) * (y ? classWeight(byClass, y, i, width, indices[i]!) : 1);
    }
  }
}
