/**
 * The state of a compiled model: its device, its variables on that device, the runners of its steps, and the progress of
 * training. It also replaces a lost device, from the last snapshot.
 */
import { ArrayDataset, type Dataset, type ExampleStream, isStream, type TensorData } from '../../data/dataset.ts';
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
import { labelsOf } from '../train/classify.ts';
import { checkDevice } from './checkDevice.ts';
import { deviceFor } from './devices.ts';
import type { Inspection } from './inspector.ts';
import type { MemoryBudget } from './memoryBudget.ts';
import { type Profile, ProfileRequest } from './profile.ts';
import { disown, own, replacementOf } from './replacements.ts';
import { Runners } from './runners.ts';
import { StepSizePolicies } from './sizes.ts';
import type { StepRunner } from './stepRunner.ts';

/** The compiled state of a model. Compiling again makes a new instance, which takes over the device and the weights. */
export class Compiled {
  readonly spec: StepSpec;
  readonly seed: number;
  /** Names of the classes, if they have any. */
  readonly labels: readonly string[] | undefined;
  readonly progress: Progress;
  readonly snapshots: Snapshots;
  /** Kernels chosen by measuring, by measurement, also for a device that replaces a lost one. Undefined: none is measured. */
  readonly kernels: Map<string, string> | undefined;
  /** The recovery in progress, if there is one. */
  recovering: Promise<void> | undefined;
  /** How a lost device is replaced: the recovery options of the last `fit`. */
  recovery: Recovery = {};
  readonly #onProgress: CompileOptions['onProgress'];
  readonly #tune: boolean | TuneOptions;
  /** The option `memoryLimit` of compile. */
  readonly memoryLimit: number | undefined;
  /** Settles when the last of the evaluations, predictions and inspections so far has ended. They run one at a time. */
  turns: Promise<unknown> = Promise.resolve();
  #device: Device;
  #variables: VariableStore;
  #runners: Runners;
  #ownsDevice: boolean;
  readonly #lifetime = new AbortController();
  /** Sizes of the prepared steps. They outlast a device, so that its replacement prepares steps of the same sizes. */
  readonly #sizes: StepSizePolicies;
  #profiles: ProfileRequest | undefined;

  private constructor(
    device: Device,
    ownsDevice: boolean,
    options: CompileOptions,
    spec: StepSpec,
    variables = new VariableStore(device),
  ) {
    this.seed = options.seed ?? 0;
    this.labels = options.labels;
    this.spec = spec;
    this.#sizes = new StepSizePolicies(this.network);
    this.#onProgress = options.onProgress;
    this.#tune = options.tune ?? true;
    this.#device = device;
    this.#variables = variables;
    variables.keep(this.state);
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

  /** The network at the time of compile: later changes of `trainable` do not affect it. */
  get network(): Network {
    return this.spec.network;
  }

  get device(): Device {
    return this.#device;
  }

  get variables(): VariableStore {
    return this.#variables;
  }

  /** @param previous the instance to replace when a model is compiled again. Its device and its weights are taken over */
  static async create(network: Network, options: CompileOptions, previous?: Compiled): Promise<Compiled> {
    const spec = makeStepSpec(network, options); // throws for wrong options before a device is requested
    const labels = labelsOf(options.labels, spec.loss, network.outputShape, previous?.labels);
    const compiled = await Compiled.#replacing(previous, { ...options, labels }, spec);
    await compiled.#runners.loaded();
    return compiled;
  }

  static async #replacing(previous: Compiled | undefined, options: CompileOptions, spec: StepSpec): Promise<Compiled> {
    if (previous) {
      const given = options.device && Device.of(options.device);
      // A lost device is accepted: it is the one that the model's present device has replaced.
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
    if (device === undefined) own(used);
    return new Compiled(used, device === undefined, options, spec);
  }

  /** Names of loss and metrics, in the order of the totals. */
  get logNames(): readonly string[] {
    return ['loss', ...this.spec.metrics.map(({ name }) => name)];
  }

  /** The runners of the model's steps on its device. */
  get runners(): Runners {
    return this.#runners;
  }

  /** The memory that the model holds on its device, and its limit. */
  get memoryBudget(): MemoryBudget {
    return this.#runners.memoryBudget;
  }

  /** The plan of a step with the kernels measured so far. Nothing is measured for it. */
  plannedStep(mode: Mode, batchSize: number): StepPlan {
    return this.#runners.plannedStep(mode, batchSize);
  }

  /** A runner for batches of at most `batchSize` examples that the host sends. It may have room for more (`StepSizePolicy`). */
  runner(mode: Mode, dataset: Dataset | ExampleStream, batchSize: number): Promise<StepRunner> {
    if (isStream(dataset)) return this.#runners.get(mode, batchSize, 0, batchSize); // how much padding there will be is not known
    const rows = Math.min(batchSize, dataset.size);
    // Data in memory fill every row of a step, so no rows are padding.
    const batches = rows === dataset.size ? 1 : dataset instanceof ArrayDataset ? 0 : Math.ceil(dataset.size / rows);
    return this.#runners.get(mode, rows, batches, batchSize);
  }

  /** Outputs of every layer for examples. @param x `[n, ...inputShape]` */
  inspect(x: TensorData): Promise<Inspection> {
    return this.#runners.inspect(x);
  }

  /** Times of the next training step. All calls before that step share one result. */
  profileNextStep(): Promise<Profile> {
    checkTimestamps(this.device);
    this.#profiles ??= new ProfileRequest();
    return this.device.whileAlive(this.#profiles.result);
  }

  /** Frees a dataset that was kept on the GPU. */
  releaseData(data: ResidentData): void {
    for (const variable of [data.x, data.y]) {
      this.variables.release(variable);
      this.memoryBudget.resident.delete(variable);
    }
  }

  /** @param what the call, for the message @throws StateError if the model was compiled without a loss */
  checkLoss(what: string): void {
    if (!this.spec.loss) throw new StateError(`${what} needs a loss; give one to compile().`);
  }

  /** @throws StateError if the model cannot train: without a loss, or if a layer's `trainable` has changed since compile */
  checkTrains(what: string): void {
    this.checkLoss(what);
    this.network.checkTrainable(what);
  }

  /** Aborts when this instance is disposed or replaced, which ends all waiting on its behalf. */
  get lifetime(): AbortSignal {
    return this.#lifetime.signal;
  }

  /**
   * Replaces the lost device and restores the model from its last snapshot. Calls during a recovery share its promise.
   * @param signal ends the wait for a device
   * @throws DeviceError if there is no other device, or it lacks a feature that the precision needs
   */
  recover(signal?: AbortSignal): Promise<void> {
    this.recovering ??= this.#recover(signal).finally(() => {
      this.recovering = undefined;
    });
    return this.recovering;
  }

  async #recover(signal: AbortSignal | undefined): Promise<void> {
    const signals = [this.lifetime, ...(signal ? [signal] : [])];
    const { device, owned } = await replacementOf(this.device, this.recovery.device, signals);
    const variables = new VariableStore(device);
    const runners = this.#newRunners(device, variables);
    try {
      checkDevice(this.spec, this.memoryLimit, device);
      await runners.loaded();
      this.variables.checkAlive(); // throws if the model was disposed in the meantime
    } catch (error) {
      variables.destroy();
      if (owned) disown(device);
      throw error;
    }
    this.#releaseRunners();
    this.#profiles = undefined; // the loss of the device has already rejected what profileNextStep() returned
    this.variables.destroy();
    this.#device = device;
    this.#variables = variables;
    variables.keep(this.state);
    this.#runners = runners;
    this.#ownsDevice = owned;
    this.restore();
  }

  /**
   * Restores variables and progress from the last snapshot, then repeats changes that the user has made since, such as
   * setWeights. On a lost device it restores the progress alone; the recovery restores the variables.
   */
  restore(): void {
    if (this.#device.lost === undefined) {
      for (const variable of this.state) this.variables.place(variable); // fills new ones with their initial values
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
      spec,
      device,
      variables,
      kernels,
      lifetime,
      takeProfile,
      turns: () => this.turns,
      sizes: this.#sizes,
      tune: this.#tune,
      memoryLimit: this.memoryLimit,
      onProgress: this.#onProgress,
    });
  }

  /** All variables that steps change: weights, moving averages, optimizer state and the state of the loss scaling. */
  get state(): readonly Variable[] {
    const weights = this.network.weights.map(({ variable }) => variable);
    return [...weights, ...this.slots, ...Object.values(this.spec.lossScale ?? {})];
  }

  /** The optimizer's variables, in the order of the trainable weights. */
  get slots(): readonly Variable[] {
    return [...this.spec.slots.values()].flat();
  }

  dispose(): void {
    this.#release();
    this.variables.destroy();
    if (this.#ownsDevice) disown(this.device);
  }

  /** Frees everything but the weights. */
  #release(): void {
    this.#lifetime.abort();
    this.#releaseRunners();
    this.#profiles?.reject(new StateError('profile: the model was disposed or compiled again before it made a step.'));
    this.#profiles = undefined;
    for (const slot of this.slots) this.variables.release(slot);
    for (const variable of Object.values(this.spec.lossScale ?? {})) this.variables.release(variable);
  }

  /** Frees the runners and the staging of snapshots, which can be made again. */
  #releaseRunners(): void {
    this.#runners.destroy();
    this.snapshots.releaseBuffers();
  }
}
