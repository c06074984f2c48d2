import { ArrayDataset, checkClasses, checkFinite, type Dataset, type TargetArray } from '../data/dataset.ts';
import type { Plan } from '../plan.ts';
import type { Device } from '../runtime/device.ts';
import { type DispatchTime, DispatchTimer } from '../runtime/profile.ts';
import { ReadbackRing } from '../runtime/readback.ts';
import { Session } from '../runtime/session.ts';
import type { Arena, Place, VariableStore } from '../runtime/storage.ts';
import { elements, hostArray } from '../tensor.ts';
import type { StepPlan } from './step.ts';

/** Steps that may be under way at once: enough to keep the GPU busy, few enough to react at once. */
export const STEPS_IN_FLIGHT = 3;

/** Where a model's runners keep their memory, and whom they tell of progress. */
export interface RunnerContext {
  readonly device: Device;
  readonly variables: VariableStore;
  readonly arena: Arena;
  readonly onProgress?: ((compiled: number, total: number) => void) | undefined;
  /** Asked before each step: whoever wants it timed. */
  readonly takeProfile?: () => ProfileRequest | undefined;
}

/** Times of a training step's dispatches, in the order of its plan. */
export interface Profile {
  readonly plan: Plan;
  readonly dispatches: readonly DispatchTime[];
}

/** A wish for a profile, which the next step fulfils. */
export class ProfileRequest {
  readonly result: Promise<Profile>;
  resolve!: (profile: Promise<Profile>) => void;
  reject!: (error: Error) => void;

  constructor() {
    this.result = new Promise<Profile>((resolve, reject) => {
      this.resolve = resolve;
      this.reject = reject;
    });
    this.result.catch(() => {}); // told to whoever asked
  }
}

/** How much examples count in the loss. Absent: 1. */
export interface RowWeights {
  /** Weight of each example of the dataset. */
  readonly byExample?: Float32Array | undefined;
  /** Weight of each class, where labels are known only once a batch was read. */
  readonly byClass?: Float32Array | undefined;
}

/**
 * Runs a planned step on batch after batch: host arrays, staging and bind groups are made once; a step writes the batch,
 * records one pass and the copy of its numbers, and submits.
 */
export class BatchRunner {
  readonly step: StepPlan;
  readonly #session: Session;
  readonly #ring: ReadbackRing;
  readonly #result: Place;
  readonly #x: Float32Array | undefined;
  readonly #y: TargetArray | undefined;
  readonly #indices: Uint32Array;
  readonly #rows = new Uint32Array(1);
  readonly #seed = new Uint32Array(1);
  readonly #hyper: Float32Array;
  readonly #weights: Float32Array;
  readonly #takeProfile: RunnerContext['takeProfile'];
  #clear = true;
  #weighted = false;

  private constructor(session: Session, step: StepPlan, takeProfile: RunnerContext['takeProfile']) {
    this.#session = session;
    this.#takeProfile = takeProfile;
    this.step = step;
    const result = (step.totals ?? step.prediction)!;
    this.#result = session.place(result);
    this.#ring = new ReadbackRing(session.device, `${step.mode}:result`, elements(result.shape), STEPS_IN_FLIGHT);
    this.#x = step.x && new Float32Array(elements(step.x.shape));
    this.#y = step.y && (hostArray(step.y.dtype, elements(step.y.shape)) as TargetArray);
    this.#indices = new Uint32Array(step.batchSize);
    this.#weights = new Float32Array(step.batchSize);
    this.#hyper = new Float32Array(elements(step.hyper.shape));
  }

  static async create(step: StepPlan, context: RunnerContext): Promise<BatchRunner> {
    const { device, variables, arena, onProgress, takeProfile } = context;
    const session = await Session.create(device, step.plan, {
      variables,
      arena,
      ...(onProgress ? { onProgress } : {}),
    });
    try {
      return new BatchRunner(session, step, takeProfile);
    } catch (error) {
      session.destroy(); // the model was disposed just now
      throw error;
    }
  }

  /** The next step starts the running totals from zero. */
  clearTotals(): void {
    this.#clear = true;
  }

  /** The next step adds to these totals. */
  setTotals(totals: Float32Array): void {
    this.#session.variables.write(this.step.totals!.variable!, totals);
    this.#clear = false;
  }

  /**
   * Puts a batch in place: gathers by index on the GPU, or reads it from the dataset and sends it.
   * @param indices examples of the batch, at most the batch size
   */
  async feed(dataset: Dataset, indices: Uint32Array, weights: RowWeights = {}): Promise<void> {
    if (this.step.indices) {
      this.#indices.fill(0);
      this.#indices.set(indices);
      this.#session.write(this.step.indices, this.#indices);
    } else {
      const reading = dataset.read(indices, this.#x!, this.#y);
      if (reading) await reading;
      this.#send(dataset, indices.length);
    }
    this.#weigh(indices, weights);
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
    if (session.uses(step.seed)) {
      this.#seed[0] = seed;
      session.write(step.seed, this.#seed);
    }
    if (hyper && session.uses(step.hyper)) {
      this.#hyper.set(hyper);
      session.write(step.hyper, this.#hyper);
    }
    const encoder = session.device.gpu.createCommandEncoder();
    if (this.#clear && step.totals) encoder.clearBuffer(this.#result.buffer);
    this.#clear = false;
    const request = this.#takeProfile?.();
    const timer = request && this.#timer(request);
    session.encode(encoder, timer);
    this.#ring.copy(encoder, this.#result);
    session.device.gpu.queue.submit([encoder.finish()]);
    if (timer) request.resolve(this.#profile(timer));
    return this.#ring.collect();
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
    const totals = this.step.totals?.variable;
    if (totals) this.#session.variables.release(totals);
    this.#session.destroy();
  }

  /** Checks and sends the batch that was read into the host arrays; rows beyond it are zeros. */
  #send(dataset: Dataset, rows: number): void {
    const { x, y, batchSize } = this.step;
    const [xEnd, yEnd] = [(rows * this.#x!.length) / batchSize, (rows * (this.#y?.length ?? 0)) / batchSize];
    if (!(dataset instanceof ArrayDataset)) {
      checkFinite('a batch of the dataset', this.#x!.subarray(0, xEnd), dataset.xShape);
      const labels = this.#y?.subarray(0, yEnd);
      if (labels instanceof Int32Array) checkClasses(labels, this.step.classes);
      else if (labels) checkFinite('a batch of targets', labels, [labels.length / rows]);
    }
    this.#session.write(x!, this.#x!.fill(0, xEnd));
    if (y) this.#session.write(y, this.#y!.fill(0, yEnd));
  }

  /** Sends the number of real rows and what each counts; both only where they changed. */
  #weigh(indices: Uint32Array, { byExample, byClass }: RowWeights): void {
    const rows = indices.length;
    const { step } = this;
    const weighted = byExample !== undefined || byClass !== undefined;
    if (this.#rows[0] === rows && !weighted && !this.#weighted) return;
    this.#rows[0] = rows;
    this.#weighted = weighted;
    this.#weights.fill(1, 0, rows).fill(0, rows);
    for (let i = 0; weighted && i < rows; i++) {
      this.#weights[i] = (byExample?.[indices[i]!] ?? 1) * (byClass && this.#y ? classWeight(byClass, this.#y, i) : 1);
    }
    if (this.#session.uses(step.rows)) this.#session.write(step.rows, this.#rows);
    if (this.#session.uses(step.weights)) this.#session.write(step.weights, this.#weights);
  }
}

/** Weight of the class of row `i`: the label itself, or the largest entry of its one-hot row. */
export function classWeight(weights: Float32Array, y: TargetArray, i: number): number {
  if (y instanceof Int32Array) return weights[y[i]!]!;
  const row = y.subarray(i * weights.length, (i + 1) * weights.length);
  return weights[row.indexOf(Math.max(...row))]!;
}
