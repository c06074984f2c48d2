import { ArrayDataset, type Dataset, type TensorData } from '../../data/dataset.ts';
import { ArgumentError, StateError } from '../../errors.ts';
import { Device } from '../../runtime/device.ts';
import { checkTimestamps } from '../../runtime/profile.ts';
import { VariableStore } from '../../runtime/storage.ts';
import type { TuneOptions } from '../../runtime/tuning.ts';
import type { Variable } from '../../tensor.ts';
import type { Network } from '../network.ts';
import type { Recovery } from '../recovery/options.ts';
import { Progress } from '../recovery/progress.ts';
import { Snapshots } from '../recovery/snapshots.ts';
import type { CompileOptions } from '../step/compileOptions.ts';
import { makeStepSpec } from '../step/spec.ts';
import type { Mode, ResidentData, StepPlan, StepSpec } from '../step/step.ts';
import { checkDevice } from './checkDevice.ts';
import { deviceFor, newDevice } from './devices.ts';
import type { Inspection } from './inspector.ts';
import type { MemoryBudget } from './memoryBudget.ts';
import { type Profile, ProfileRequest } from './profile.ts';
import { Runners } from './runners.ts';
import { StepSizes } from './sizes.ts';
import type { StepRunner } from './stepRunner.ts';

/** What a model has from compile on: device, memory, the spec of its steps, and the state of training. */
export class Compiled {
  readonly spec: StepSpec;
  readonly seed: number;
  readonly progress: Progress;
  readonly snapshots: Snapshots;
  /** Kernels that were chosen by measuring, by what was measured: another device takes the same. Undefined: nothing is measured. */
  readonly kernels: Map<string, string> | undefined;
  /** A recovery under way. */
  recovering: Promise<void> | undefined;
  /** How a device that is lost is replaced; what the last fit said. */
  recovery: Recovery = {};
  readonly #onProgress: CompileOptions['onProgress'];
  readonly #tune: boolean | TuneOptions;
  /** As compile was told. */
  readonly memoryLimit: number | undefined;
  /** Evaluations, predictions and inspections so far, which take turns: done once the last one is. */
  turns: Promise<unknown> = Promise.resolve();
  #device: Device;
  #variables: VariableStore;
  #runners: Runners;
  #ownsDevice: boolean;
  readonly #lifetime = new AbortController();
  /** Those of the steps that calls share: another device prepares the same. */
  readonly #sizes: StepSizes;
  #profiles: ProfileRequest | undefined;

  private constructor(
    device: Device,
    ownsDevice: boolean,
    options: CompileOptions,
    spec: StepSpec,
    variables = new VariableStore(device),
  ) {
    this.seed = options.seed ?? 0;
    this.spec = spec;
    this.#sizes = new StepSizes(this.network);
    this.#onProgress = options.onProgress;
    this.#tune = options.tune ?? true;
    this.#device = device;
    this.#variables = variables;
    this.memoryLimit = options.memoryLimit;
    this.#ownsDevice = ownsDevice;
    this.kernels = options.tune === false ? undefined : new Map();
    this.#runners = this.#newRunners(device, variables);
    this.progress = new Progress(this.seed, spec.optimizer, (weights) => {
      for (const [i, { variable }] of this.network.weights.entries()) {
        if (weights[i]) this.variables.write(variable, weights[i]);
      }
    });
    this.snapshots = new Snapshots(this);
  }

  /** The network as compile saw it. */
  get network(): Network {
    return this.spec.network;
  }

  get device(): Device {
    return this.#device;
  }

  get variables(): VariableStore {
    return this.#variables;
  }

  /** @param previous what this replaces when a model is compiled again: its device and its weights go on */
  static async create(network: Network, options: CompileOptions, previous?: Compiled): Promise<Compiled> {
    const spec = makeStepSpec(network, options); // fails on bad options before there is a device to give back
    const compiled = await Compiled.#replacing(previous, options, spec);
    await compiled.#runners.loaded();
    return compiled;
  }

  static async #replacing(previous: Compiled | undefined, options: CompileOptions, spec: StepSpec): Promise<Compiled> {
    if (previous) {
      const given = options.device && Device.of(options.device);
      // One that was lost is where the model was before: it has another in its place.
      if (given && given !== previous.device && (given.lost === undefined || given.destroyed)) {
        throw new ArgumentError(
          'compile: a model that is compiled again stays on its device. Leave device out, or save the model and load it on the other one.',
        );
      }
      checkDevice(spec, options.memoryLimit, previous.device);
      await previous.snapshots.update();
      previous.#release();
      const { device, variables } = previous;
      const compiled = new Compiled(device, previous.#ownsDevice, options, spec, variables);
      compiled.snapshots.begin(previous.snapshots.valuesOf(compiled.network.weights.map(({ variable }) => variable)));
      return compiled;
    }
    const { device } = options;
    const used = await deviceFor('compile', device);
    try {
      checkDevice(spec, options.memoryLimit, used);
    } catch (error) {
      if (device === undefined) used.destroy();
      throw error;
    }
    return new Compiled(used, device === undefined, options, spec);
  }

  /** Names of loss and metrics, in the order of the totals. */
  get logNames(): readonly string[] {
    return ['loss', ...this.spec.metrics.map(({ name }) => name)];
  }

  /** What runs the model's steps on its device. */
  get runners(): Runners {
    return this.#runners;
  }

  /** What the model holds on its device, and what it may. */
  get memoryBudget(): MemoryBudget {
    return this.#runners.memoryBudget;
  }

  /** The step for a batch, by the kernels that are known to be fast. Nothing is measured for it. */
  plannedStep(mode: Mode, batchSize: number): StepPlan {
    return this.#runners.plannedStep(mode, batchSize);
  }

  /** A runner for batches of so many examples, or fewer, that the host sends; it may take more. See `Sizes`. */
  runner(mode: Mode, dataset: Dataset, batchSize = dataset.size): Promise<StepRunner> {
    const rows = Math.min(batchSize, dataset.size);
    // Of data in memory as many go through a step as it takes.
    const batches = rows === dataset.size ? 1 : dataset instanceof ArrayDataset ? 0 : Math.ceil(dataset.size / rows);
    return this.#runners.get(mode, rows, batches, batchSize);
  }

  /** What the layers make of examples: `[n, ...inputShape]`. */
  inspect(x: TensorData): Promise<Inspection> {
    return this.#runners.inspect(x);
  }

  /** Times of the next training step; whoever asks before it is done gets the same. */
  profileNextStep(): Promise<Profile> {
    checkTimestamps(this.device);
    this.#profiles ??= new ProfileRequest();
    return this.device.whileAlive(this.#profiles.result);
  }

  /** Forgets a dataset that was kept on the GPU. */
  releaseData(data: ResidentData): void {
    for (const variable of [data.x, data.y]) {
      this.variables.release(variable);
      this.memoryBudget.resident.delete(variable);
    }
  }

  /** @throws StateError without a loss, naming what was to be done */
  checkLoss(what: string): void {
    if (!this.spec.loss) throw new StateError(`${what} needs a loss; give one to compile().`);
  }

  /** @throws StateError where it cannot train: without a loss, and where a layer's `trainable` is not what compile saw */
  checkTrains(what: string): void {
    this.checkLoss(what);
    this.network.checkTrainable(what);
  }

  /** Aborted when this is disposed or replaced: nothing should wait for it any more. */
  get lifetime(): AbortSignal {
    return this.#lifetime.signal;
  }

  /**
   * Puts the model, as of its last snapshot, onto a device in the place of the one that was lost. Whoever calls meanwhile waits for the
   * same.
   * @param signal ends the wait for a device
   * @throws DeviceError where no device can be had, or it cannot store what the precision asks for
   */
  recover(signal?: AbortSignal): Promise<void> {
    this.recovering ??= this.#recover(signal).finally(() => {
      this.recovering = undefined;
    });
    return this.recovering;
  }

  async #recover(signal: AbortSignal | undefined): Promise<void> {
    const request = this.recovery.device;
    const device = await newDevice(this.device, request, [this.lifetime, ...(signal ? [signal] : [])]);
    const variables = new VariableStore(device);
    const runners = this.#newRunners(device, variables);
    try {
      checkDevice(this.spec, this.memoryLimit, device);
      await runners.loaded();
      this.variables.checkAlive(); // the model may have been disposed meanwhile
    } catch (error) {
      variables.destroy();
      if (!request) device.destroy();
      throw error;
    }
    this.#vacate();
    this.#profiles = undefined; // whoever asked has heard
    this.variables.destroy();
    this.#device = device;
    this.#variables = variables;
    this.#runners = runners;
    this.#ownsDevice = !request;
    this.restore();
  }

  /** Training is as it was at the last snapshot, but for what was changed by hand since; on a device that is lost, once it is replaced. */
  restore(): void {
    if (this.#device.lost === undefined) {
      for (const variable of this.state) this.variables.place(variable); // with their first values
      for (const [variable, data] of this.snapshots.last.values) this.variables.write(variable, data);
    }
    this.progress.restore(this.snapshots.last);
  }

  #newRunners(device: Device, variables: VariableStore): Runners {
    const { spec, kernels, lifetime } = this;
    const takeProfile = () => {
      const request = this.#profiles;
      this.#profiles = undefined;
      return request;
    };
    return new Runners({
      ...{ spec, device, variables, kernels, lifetime, takeProfile, turns: () => this.turns, sizes: this.#sizes },
      ...{ tune: this.#tune, memoryLimit: this.memoryLimit, onProgress: this.#onProgress },
    });
  }

  /** All that steps change: weights with moving statistics, the optimizer's state, the scale of the loss. */
  get state(): readonly Variable[] {
    const weights = this.network.weights.map(({ variable }) => variable);
    return [...weights, ...this.slots, ...Object.values(this.spec.lossScale ?? {})];
  }

  /** The variables of the optimizer's state, in the order of the trainable weights. */
  get slots(): readonly Variable[] {
    return [...this.spec.slots.values()].flat();
  }

  dispose(): void {
    this.#release();
    this.variables.destroy();
    if (this.#ownsDevice) this.device.destroy();
  }

  /** Frees all but the weights. */
  #release(): void {
    this.#lifetime.abort();
    this.#vacate();
    this.#profiles?.reject(new StateError('profile: the model was disposed or compiled again before it made a step.'));
    this.#profiles = undefined;
    for (const slot of this.slots) this.variables.release(slot);
    for (const variable of Object.values(this.spec.lossScale ?? {})) this.variables.release(variable);
  }

  /** Frees what can be made again, and staging. */
  #vacate(): void {
    this.#runners.destroy();
    this.snapshots.releaseBuffers();
  }
}
