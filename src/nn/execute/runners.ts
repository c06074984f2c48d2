/**
 * Makes and keeps what runs a model's steps on one device: step runners and inspectors. They share an arena. Under a memory limit
 * they are made one after another and destroyed early.
 */
import type { TensorData } from '../../data/dataset.ts';
import { StateError } from '../../errors.ts';
import type { KernelChoice } from '../../plan/kernels.ts';
import type { PlanOptions } from '../../plan/types.ts';
import type { Device } from '../../runtime/device.ts';
import { Arena, type VariableStore } from '../../runtime/storage.ts';
import { type TuneOptions, Tuner } from '../../runtime/tuning.ts';
import type { Network } from '../network.ts';
import { buildDiagnosticStep, type DiagnosticRequest } from '../nonFinite/diagnosticStep.ts';
import { rowsAtOnce } from '../step/microBatches.ts';
import type { Mode, StepPlan, StepRequest, StepSpec } from '../step/step.ts';
import { type Inspection, Inspector } from './inspector.ts';
import { InspectorCache } from './inspectorCache.ts';
import { MemoryBudget } from './memoryBudget.ts';
import type { ProfileRequest } from './profile.ts';
import { RunnerCache } from './runnerCache.ts';
import type { StepSizePolicies } from './sizes.ts';
import { StepRunner } from './stepRunner.ts';

/** What runners need from the compiled model. */
export interface RunnersContext {
  readonly spec: StepSpec;
  readonly device: Device;
  readonly variables: VariableStore;
  readonly tune: boolean | TuneOptions;
  /** The kernels chosen so far. Undefined: nothing is measured. */
  readonly kernels: Map<string, string> | undefined;
  readonly memoryLimit: number | undefined;
  readonly onProgress: ((compiled: number, total: number) => void) | undefined;
  /** Called in each training step. Returns a profile request if there is one. */
  readonly takeProfile: () => ProfileRequest | undefined;
  /** Settles when the last of the evaluations, predictions and inspections so far has ended. They run one at a time. */
  readonly turns: () => Promise<unknown>;
  readonly lifetime: AbortSignal;
  /** Sizes of the prepared steps. They may come from a lost device. */
  readonly sizes: StepSizePolicies;
}

/** What a function beside the model keeps on the device between its calls. It can be made again at any time. */
export interface Kept {
  /** Bytes of the buffers that belong to it alone. */
  readonly bytes: number;
  destroy(): void;
}

/** What such a thing is made from. */
export interface KeptContext {
  readonly network: Network;
  readonly device: Device;
  readonly variables: VariableStore;
  readonly arena: Arena;
  readonly memoryBudget: MemoryBudget;
  readonly planOptions: PlanOptions;
}

/** The step runners and inspectors of a model on one device, with the memory that they share. */
export class Runners {
  readonly memoryBudget: MemoryBudget;
  readonly #context: RunnersContext;
  readonly #arena: Arena;
  readonly #tuner: Tuner | undefined;
  readonly #runners: RunnerCache;
  readonly #inspectors: InspectorCache;
  readonly #kept = new Map<object, Promise<Kept>>();
  #making: Promise<unknown> = Promise.resolve();

  constructor(context: RunnersContext) {
    const { spec, device, variables, memoryLimit, tune, kernels, sizes } = context;
    this.#context = context;
    this.#runners = new RunnerCache(sizes, (mode, batchSize) => this.#cached(mode, batchSize));
    this.#inspectors = new InspectorCache(sizes.inspect, (size) => this.#makeInspector(size));
    this.#arena = new Arena(device);
    this.memoryBudget = new MemoryBudget(spec, device, memoryLimit, { variables, arena: this.#arena });
    const free = () => this.memoryBudget.free;
    this.#tuner = kernels && new Tuner(device, typeof tune === 'object' ? tune : {}, kernels, free);
  }

  /** Resolves once the kernels measured in earlier sessions are loaded. */
  async loaded(): Promise<void> {
    await this.#tuner?.loaded();
  }

  /** The plan of a step with the kernels measured so far. Nothing is measured for it. */
  plannedStep(mode: Mode, batchSize: number): StepPlan {
    return this.memoryBudget.steps({ mode, batchSize })(this.#tuner?.choose);
  }

  /** Builds a plan whose kernels are chosen as those of the model's own steps: see `Tuner.tuned`. */
  async tuned<T>(build: (choose: KernelChoice | undefined) => T): Promise<T> {
    return this.#tuner ? this.#tuner.tuned(build) : build(undefined);
  }

  /** A runner, from the cache if possible, for batches that the host sends: see `StepSizePolicy.choose`. */
  get(...asked: Parameters<RunnerCache['get']>): Promise<StepRunner> {
    return this.#runners.get(...asked);
  }

  /** A runner that is not cached. The caller destroys it. */
  async make(request: StepRequest): Promise<StepRunner> {
    if (this.memoryBudget.limited && request.mode === 'train') await this.#runners.evict('train');
    return this.#make(request);
  }

  /**
   * A runner of a step that checks every tensor for values that are not finite and changes nothing. The caller destroys it.
   * It may take fewer examples at once than requested.
   * @throws DeviceError, MemoryLimitError if its memory does not fit
   */
  makeDiagnostic(request: DiagnosticRequest): Promise<StepRunner> {
    const { device, spec } = this.#context;
    const options = { target: device.target, choose: this.#tuner?.choose };
    return this.#oneByOne(async () => {
      const at = (rows: number) => buildDiagnosticStep(spec, { ...request, batchSize: rows }, options);
      const rows = rowsAtOnce(request.batchSize, (count) => this.memoryBudget.misfitBeside(at(count).plan, 0, 1));
      return this.#runnerOf(at(rows), () => undefined);
    });
  }

  /** Outputs of every layer for examples. @param x `[n, ...inputShape]` */
  async inspect(x: TensorData): Promise<Inspection> {
    const makeRoom = async () => {
      if (!this.memoryBudget.limited) return;
      await Promise.all([this.#drop(...this.#kept.keys()), this.#runners.evict('evaluate', 'predict')]);
    };
    return (await this.#inspectors.get(x.shape[0]!, makeRoom)).run(x);
  }

  /**
   * What was made before for the same key, if it fits the call, or else a new one. For functions that are not methods of the
   * model, so that a page which does not import them does not load them. The calls run in turn.
   */
  async keep<T extends Kept>(
    key: object,
    fits: (kept: T) => boolean,
    make: (context: KeptContext) => Promise<T>,
  ): Promise<T> {
    const known = (await this.#kept.get(key)) as T | undefined;
    if (known && fits(known)) return known;
    await this.#drop(key);
    if (this.memoryBudget.limited) await this.#leaveTurn();
    const { memoryBudget } = this;
    const { device, variables, spec, lifetime } = this.#context;
    const planOptions = { target: device.target, choose: this.#tuner?.choose };
    const making = this.#oneByOne(async () => {
      const context = { network: spec.network, device, variables, arena: this.#arena, memoryBudget, planOptions };
      if (lifetime.aborted) throw new StateError('the model was disposed, or compiled again.');
      const made = await make(context);
      memoryBudget.holders.add(made);
      return made;
    });
    this.#kept.set(key, making);
    making.catch(() => this.#kept.delete(key)); // the next call tries again
    return making;
  }

  /** Destroys what `keep` has made, also what is still being made. */
  async #drop(...keys: readonly object[]): Promise<void> {
    const dropped = keys.map((key) => this.#kept.get(key));
    for (const key of keys) this.#kept.delete(key);
    const destroy = (kept: Kept) => {
      kept.destroy();
      this.memoryBudget.holders.delete(kept);
    };
    await Promise.all(dropped.map((kept) => kept?.then(destroy, () => {})));
  }

  /** Frees runners, inspectors and arena; the variables stay. */
  destroy(): void {
    this.#runners.clear();
    this.#inspectors.evict();
    this.#drop(...this.#kept.keys());
    this.#arena.destroy();
  }

  /**
   * Makes a runner for the cache. Under a memory limit, at most one training runner is kept, and one runner or inspector for the
   * calls that run one at a time.
   */
  async #cached(mode: Mode, batchSize: number): Promise<StepRunner> {
    if (this.memoryBudget.limited) await (mode === 'train' ? this.#runners.evict('train') : this.#leaveTurn());
    return this.#make({ mode, batchSize });
  }

  async #make(request: StepRequest): Promise<StepRunner> {
    if (this.memoryBudget.limited && request.mode === 'train') await this.#makeRoom();
    return this.#oneByOne(() => this.#makeNow(request));
  }

  /**
   * Makes what the caller keeps, beside the model's own runners. Under a memory limit it first destroys all that can be made again;
   * no other call may train the model meanwhile.
   */
  async makeBeside<T>(make: () => Promise<T>): Promise<T> {
    if (this.memoryBudget.limited) {
      await this.#runners.evict('train');
      await this.#makeRoom();
    }
    return this.#oneByOne(make);
  }

  /** Once no evaluation, prediction or inspection runs, destroys what they have made. */
  async #makeRoom(): Promise<void> {
    for (let seen: unknown; seen !== this.#context.turns(); ) {
      seen = this.#context.turns();
      await seen;
    }
    this.#making = Promise.all([this.#making, this.#leaveTurn()]);
  }

  /** Destroys the runners and inspectors of evaluations, predictions and inspections. None of these may be running. */
  async #leaveTurn(): Promise<void> {
    const kept = this.#drop(...this.#kept.keys());
    await Promise.all([this.#runners.evict('evaluate', 'predict'), this.#inspectors.evict(), kept]);
  }

  /** Under a memory limit, calls `make` only after the previous one has ended, since each depends on the memory that is free. */
  #oneByOne<T>(make: () => Promise<T>): Promise<T> {
    if (!this.memoryBudget.limited) return make();
    const making = this.#making.then(make);
    this.#making = making.catch(() => {}); // a failure must not make the next call fail
    return making;
  }

  async #makeNow(request: StepRequest): Promise<StepRunner> {
    const step = await this.tuned(this.memoryBudget.steps(request));
    return this.#runnerOf(step, request.mode === 'train' ? this.#context.takeProfile : () => undefined);
  }

  async #runnerOf(step: StepPlan, takeProfile: RunnersContext['takeProfile']): Promise<StepRunner> {
    const { device, variables, onProgress, lifetime } = this.#context;
    if (lifetime.aborted) throw new StateError('the model was disposed, or compiled again.');
    const runner = await StepRunner.create(step, {
      device,
      variables,
      arena: this.#arena,
      onProgress,
      takeProfile,
      onDestroy: (gone) => this.memoryBudget.holders.delete(gone),
    });
    this.memoryBudget.holders.add(runner);
    return runner;
  }

  #makeInspector(size: number): Promise<Inspector> {
    const { memoryBudget } = this;
    const { device, variables, spec } = this.#context;
    const options = { target: device.target, choose: this.#tuner?.choose };
    const onDestroy = (gone: Inspector) => memoryBudget.holders.delete(gone);
    return this.#oneByOne(async () => {
      const rows = rowsAtOnce(size, (count) => Inspector.misfit(spec.network, count, memoryBudget, options));
      const context = { device, variables, arena: this.#arena, onDestroy };
      const inspector = await Inspector.create(spec.network, rows, context, options);
      memoryBudget.holders.add(inspector);
      return inspector;
    });
  }
}
