import type { TensorData } from '../../data/dataset.ts';
import { StateError } from '../../errors.ts';
import type { Device } from '../../runtime/device.ts';
import { Arena, type VariableStore } from '../../runtime/storage.ts';
import { type TuneOptions, Tuner } from '../../runtime/tuning.ts';
import { buildDiagnosticStep, type DiagnosticRequest } from '../nonFinite/diagnosticStep.ts';
import { rowsAtOnce } from '../step/microBatches.ts';
import type { Mode, StepPlan, StepRequest, StepSpec } from '../step/step.ts';
import { type Inspection, Inspector } from './inspector.ts';
import { InspectorCache } from './inspectorCache.ts';
import { MemoryBudget } from './memoryBudget.ts';
import type { ProfileRequest } from './profile.ts';
import { RunnerCache } from './runnerCache.ts';
import type { StepSizes } from './sizes.ts';
import { StepRunner } from './stepRunner.ts';

/** What runners are made of, and for. */
export interface RunnersContext {
  readonly spec: StepSpec;
  readonly device: Device;
  readonly variables: VariableStore;
  readonly tune: boolean | TuneOptions;
  /** Kernels that were chosen before; undefined: nothing is measured. */
  readonly kernels: Map<string, string> | undefined;
  readonly memoryLimit: number | undefined;
  readonly onProgress: ((compiled: number, total: number) => void) | undefined;
  /** Asked before each training step. */
  readonly takeProfile: () => ProfileRequest | undefined;
  /** Evaluations, predictions and inspections so far, which take turns: done once the last one is. */
  readonly turns: () => Promise<unknown>;
  readonly lifetime: AbortSignal;
  /** Of steps that were prepared before. */
  readonly sizes: StepSizes;
}

/** What runs a model's steps on one device, and the memory that they share. */
export class Runners {
  readonly memoryBudget: MemoryBudget;
  readonly #context: RunnersContext;
  readonly #arena: Arena;
  readonly #tuner: Tuner | undefined;
  readonly #runners: RunnerCache;
  readonly #inspectors: InspectorCache;
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

  /** Done once plans know what earlier visits measured. */
  async loaded(): Promise<void> {
    await this.#tuner?.loaded();
  }

  /** The step for a batch, by the kernels that are known to be fast. Nothing is measured for it. */
  plannedStep(mode: Mode, batchSize: number): StepPlan {
    return this.memoryBudget.steps({ mode, batchSize })(this.#tuner?.choose);
  }

  /** A runner for batches of so many examples that the host sends: see `Sizes.choose`. */
  get(...asked: Parameters<RunnerCache['get']>): Promise<StepRunner> {
    return this.#runners.get(...asked);
  }

  /** A runner of the caller's own, which destroys it. */
  async make(request: StepRequest): Promise<StepRunner> {
    if (this.memoryBudget.limited && request.mode === 'train') await this.#runners.evict('train');
    return this.#make(request);
  }

  /**
   * A runner of a step that only looks for what is not finite; the caller's own. It may take fewer examples at once than asked for.
   * @throws DeviceError, MemoryLimitError where there is no memory for it
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

  /** What the layers make of examples: `[n, ...inputShape]`. */
  async inspect(x: TensorData): Promise<Inspection> {
    const makeRoom = async () => {
      if (this.memoryBudget.limited) await this.#runners.evict('evaluate', 'predict');
    };
    return (await this.#inspectors.get(x.shape[0]!, makeRoom)).run(x);
  }

  /** Frees all but the variables. */
  destroy(): void {
    this.#runners.clear();
    this.#inspectors.evict();
    this.#arena.destroy();
  }

  /** Under a memory limit, only what runs is kept: one runner to train, one for what takes turns. */
  async #cached(mode: Mode, batchSize: number): Promise<StepRunner> {
    if (this.memoryBudget.limited) await (mode === 'train' ? this.#runners.evict('train') : this.#leaveTurn());
    return this.#make({ mode, batchSize });
  }

  async #make(request: StepRequest): Promise<StepRunner> {
    if (this.memoryBudget.limited && request.mode === 'train') {
      for (let seen: unknown; seen !== this.#context.turns(); ) {
        seen = this.#context.turns();
        await seen;
      }
      this.#making = Promise.all([this.#making, this.#leaveTurn()]);
    }
    return this.#oneByOne(() => this.#makeNow(request));
  }

  /** Frees what those left that take turns; none of them may be under way. */
  async #leaveTurn(): Promise<void> {
    await Promise.all([this.#runners.evict('evaluate', 'predict'), this.#inspectors.evict()]);
  }

  /** Under a memory limit, what takes memory is made one after another: each looks for room. */
  #oneByOne<T>(make: () => Promise<T>): Promise<T> {
    if (!this.memoryBudget.limited) return make();
    const making = this.#making.then(make);
    this.#making = making.catch(() => {}); // the next one does not fail because this one did
    return making;
  }

  async #makeNow(request: StepRequest): Promise<StepRunner> {
    const build = this.memoryBudget.steps(request);
    const step = this.#tuner ? await this.#tuner.tuned(build) : build(undefined);
    return this.#runnerOf(step, request.mode === 'train' ? this.#context.takeProfile : () => undefined);
  }

  async #runnerOf(step: StepPlan, takeProfile: RunnersContext['takeProfile']): Promise<StepRunner> {
    const { device, variables, onProgress, lifetime } = this.#context;
    if (lifetime.aborted) throw new StateError('the model was disposed, or compiled again.');
    const runner = await StepRunner.create(step, {
      ...{ device, variables, arena: this.#arena, onProgress, takeProfile },
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
