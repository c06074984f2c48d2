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

/** Steps that may be under way at once: enough for steps of a millisecond where ends are told every few. */
export const STEPS_IN_FLIGHT = 8;
/** Predictions may be large, and each that is under way has staging of its own. */
const PREDICTIONS_IN_FLIGHT = 3;

/** Steps that may be under way at once; of long ones, whose micro-batches each send numbers, two keep the GPU busy. */
export const mostUnderWay = ({ totals, plan }: StepPlan) =>
  totals ? Math.max(Math.floor(STEPS_IN_FLIGHT / (plan.microBatches?.count ?? 1)), 2) : PREDICTIONS_IN_FLIGHT;

/** Numbers that a step sends to the host: the result, of each micro-batch where there are several, and what a watch has entered. */
export const numbersOf = ({ totals, prediction, plan, checkState }: StepPlan) =>
  elements((totals ?? prediction)!.shape) * (plan.microBatches?.count ?? 1) + (checkState ? NON_FINITE_STATE : 0);

/** Where a model's runners keep their memory, and whom they tell of progress. */
export interface RunnerContext {
  readonly device: Device;
  readonly variables: VariableStore;
  readonly arena: Arena;
  readonly onProgress?: ((compiled: number, total: number) => void) | undefined;
  /** Asked before each step: whoever wants it timed. */
  readonly takeProfile?: () => ProfileRequest | undefined;
  /** Told when the runner has given its memory back. */
  readonly onDestroy?: (runner: StepRunner) => void;
}

/**
 * Runs a planned step on batch after batch: host arrays, staging and bind groups are made once; a step writes the batch,
 * records one pass and the copy of its numbers, and submits. A step over micro-batches does so for each of them, one after
 * another without waiting, so that nothing comes in between.
 */
export class StepRunner {
  readonly step: StepPlan;
  /** Steps that may be under way at once. */
  readonly mostUnderWay: number;
  readonly #session: Session;
  readonly #ring: ReadbackRing;
  readonly #result: BufferRange;
  /** Numbers of the result; those of a watch travel behind them. */
  readonly #length: number;
  readonly #host: HostBatch;
  readonly #indices: Uint32Array;
  readonly #rows = new Uint32Array(1);
  readonly #seed = new Uint32Array(1);
  readonly #hyper: Float32Array;
  readonly #share = new Float32Array(1);
  /** Of the batch, and of a micro-batch as it is sent. */
  readonly #weights: Float32Array;
  readonly #sent: Float32Array;
  readonly #sums: readonly GPUBuffer[];
  readonly #copies: readonly { readonly from: BufferRange; readonly to: BufferRange; readonly bytes: number }[];
  readonly #context: RunnerContext;
  /** Rows of the batch that was fed. */
  #fed = 0;
  #weighted = false;
  /** What rows count has changed since it was sent. */
  #stale = true;

  private constructor(session: Session, step: StepPlan, context: RunnerContext) {
    this.#session = session;
    this.#context = context;
    this.step = step;
    const result = (step.totals ?? step.prediction)!;
    this.#result = session.place(result);
    this.mostUnderWay = mostUnderWay(step);
    this.#length = elements(result.shape);
    this.#ring = new ReadbackRing(session.device, `${step.mode}:result`, numbersOf(step), this.mostUnderWay);
    // With room for the last of several micro-batches, however few rows of it are real.
    const parts = Math.ceil(step.batchSize / step.rowsAtOnce);
    this.#indices = new Uint32Array(parts * step.rowsAtOnce);
    this.#host = new HostBatch(step, this.#indices.length);
    this.#weights = new Float32Array(parts * step.rowsAtOnce);
    this.#sent = new Float32Array(step.rowsAtOnce);
    this.#hyper = new Float32Array(HYPER_LENGTH);
    const place = (variable: Variable) => session.variables.place(variable);
    this.#sums = [...new Set(step.sums.map((sum) => place(sum).buffer))];
    this.#copies = (step.copies ?? []).map(([from, to]) => ({
      ...{ from: place(from), to: place(to), bytes: byteLength(to) },
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
      session.destroy(); // the model was disposed just now
      throw error;
    }
  }

  /** Bytes of buffers that are the runner's own: inputs and staging. */
  get bytes(): number {
    return this.#session.bytes + this.#ring.bytes;
  }

  /**
   * Gets a batch ready: its indices, where it is gathered on the GPU, or its examples, read from the dataset.
   * @param indices examples of the batch, at most the batch size
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
   * @param seed any number that no other step of the run has
   * @param hyper the optimizer's numbers
   * @returns the totals or the prediction, once the step is done; to be read before the ring comes round
   */
  run(seed = 0, hyper?: readonly number[]): Promise<Float32Array> {
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
        this.#seed[0] = partSeed(seed, part);
        session.write(step.seed, this.#seed);
      }
      const encoder = session.device.gpu.createCommandEncoder();
      if (part === 0) this.#begin(encoder);
      const last = part === parts - 1;
      const request = last ? this.#context.takeProfile?.() : undefined;
      const timer = request && this.#timer(request);
      session.encode(encoder, timer, last ? undefined : microBatches!.once);
      this.#copyResult(encoder, (microBatches?.count ?? 1) - parts + part, last);
      session.device.gpu.queue.submit([encoder.finish()]);
      if (timer) request!.resolve(this.#profile(timer));
    }
    let values = this.#ring.collect();
    if (microBatches) values = values.then((all) => this.#sum(all, parts));
    else if (step.checkState) values = values.then((all) => all.subarray(0, this.#length));
    values.catch(() => {}); // whoever awaits it hears of a failure
    return values;
  }

  /** What the micro-batches of a step begin with. */
  #begin(encoder: GPUCommandEncoder): void {
    for (const buffer of this.#sums) encoder.clearBuffer(buffer);
    for (const { from, to, bytes } of this.#copies) {
      encoder.copyBufferToBuffer(from.buffer, from.offset, to.buffer, to.offset, bytes);
    }
  }

  /** @param at which of the results that travel together, counted from the first */
  #copyResult(encoder: GPUCommandEncoder, at: number, last: boolean): void {
    const { checkState } = this.step;
    this.#ring.copy(encoder, this.#result, this.#length, at * this.#length);
    if (checkState && last)
      this.#ring.copy(encoder, this.#session.place(checkState), NON_FINITE_STATE, (at + 1) * this.#length);
  }

  /** The totals of the last `parts` micro-batches, added up in place of the last one's, behind which a watch's numbers lie. */
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

  /** Undefined where times cannot be taken: then the profile fails, and the step is made without. */
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

  /** Sends rows of the batch, and of weights and numbers those that the last step did not leave as they are. */
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

  /** What each row of the batch counts. */
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
