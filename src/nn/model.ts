import { ArrayDataset, type Dataset, examples, isDataset, type Labels, type TensorData } from '../data/dataset.ts';
import { StateError } from '../errors.ts';
import { check, checkOptions, noOptions, type Passed } from '../options.ts';
import type { Plan } from '../plan/types.ts';
import type { Shape } from '../tensor.ts';
import { Compiled } from './execute/compiled.ts';
import type { Inspection } from './execute/inspector.ts';
import { ModelCalls } from './execute/modelCalls.ts';
import type { Profile } from './execute/profile.ts';
import { saveModel } from './file/save.ts';
import { type GivenWeight, type NamedWeight, orderWeights, readWeights, type WeightsReport } from './file/weights.ts';
import type { LayerSpec } from './layers/layer.ts';
import { count, type Layer, Network } from './network.ts';
import type { Optimizer } from './optimizers.ts';
import { continued, type LoadedRun } from './recovery/runFile.ts';
import { type CompileOptions, checkCompileOptions } from './step/compileOptions.ts';
import type { History, Logs } from './train/callbacks.ts';
import { EVALUATE_OPTIONS, type EvaluateOptions, evaluateDataset } from './train/evaluate.ts';
import { FIT_OPTIONS, type FitOptions, setupOf } from './train/fit.ts';
import { FitRun } from './train/fitRun.ts';
import { predictWith } from './train/predict.ts';
import { rowWeights } from './train/rowWeights.ts';
import { asDataset, checkData, checkDataset, checkInput, type TrainingData } from './train/targets.ts';
import { trainBatch } from './train/trainBatch.ts';

/** A stack of layers that can be trained. Made by `sequential`; see `compile` for the first thing to do with it. */
export class Model {
  readonly #network: Network;
  #seed = 0;
  #compiled: Compiled | undefined;
  #batchSize = 32;
  readonly #calls = new ModelCalls(() => this.#compiled);

  constructor(specs: readonly LayerSpec[]) {
    this.#network = new Network(specs, () => this.#seed);
  }

  /**
   * Layers in their order. Set a layer's `trainable` before compile to freeze it. What the last compile saw counts; a change since is a
   * StateError in what trains, until the model is compiled again.
   */
  get layers(): readonly Layer[] {
    return this.#network.layers;
  }

  /** Shape of one example. */
  get inputShape(): Shape {
    return this.#network.inputShape;
  }

  /** Shape of one prediction. */
  get outputShape(): Shape {
    return this.#network.outputShape;
  }

  /** Keras' table of layers, output shapes and parameters, as text. */
  summary(): string {
    return this.#network.summary();
  }

  /** Number of parameters, trainable or not. */
  countParams(): number {
    return count(this.#network.weights);
  }

  /**
   * Chooses optimizer, loss and device, and gives the weights their first values.
   * @throws StateError when it was called before, without `recompile`
   * @throws ArgumentError, ShapeError for a loss or metrics that do not exist or do not fit
   * @throws DeviceError without WebGPU, or where the device cannot store what `precision` asks for
   * @throws MemoryLimitError for a `memoryLimit` too small for a step on a single example
   */
  async compile(options: CompileOptions = {}): Promise<void> {
    this.#calls.checkNotDisposed('compile');
    checkCompileOptions(options);
    if (this.#compiled && !options.recompile) {
      throw new StateError('compile: the model is compiled already; { recompile: true } replaces optimizer and loss.');
    }
    await this.#calls.exclusive('compile', async () => {
      if (!this.#compiled) this.#seed = options.seed ?? 0;
      // Evaluations under way end first: their runners are about to be freed.
      await this.#calls.inTurnDone;
      await this.#calls.deviceRecovery.revive('compile');
      const compiled = await Compiled.create(this.#network, options, this.#compiled);
      if (this.#calls.disposed) compiled.dispose();
      this.#calls.checkNotDisposed('compile');
      this.#compiled = compiled;
      for (const { variable } of this.#network.weights) this.#compiled.variables.place(variable);
    });
  }

  /**
   * Trains for a number of epochs. It reads `data` and `validationData` until it ends, so they must stay as they are until then:
   * nothing is copied but `sampleWeight` and `classWeight`. What is changed meanwhile counts from when it is read next, which is
   * never for what has gone to the GPU already (see `maxResidentBytes`) unless the device is lost; it is checked again then. All else is
   * read before the call returns its promise.
   * @returns loss and metrics of each epoch
   * @throws DataError, ShapeError, ArgumentError for data or options that do not fit; the model is as it was
   * @throws StateError while another call trains, and where a layer's `trainable` was changed since compile, also by a hook
   * @throws DeviceError for a device that was lost and could not be replaced; see `recovery`
   * @throws MemoryLimitError for a `memoryLimit` too small for this batch size, or for validation beside it
   */
  async fit(data: TrainingData, options: FitOptions = {}): Promise<History> {
    return this.#fit(data, options);
  }

  /** @internal For `resume`, which has prepared the model. */
  continueFit(data: TrainingData, options: FitOptions, run: LoadedRun): Promise<History> {
    return this.#fit(data, options, run);
  }

  async #fit(data: TrainingData, options: FitOptions, saved?: LoadedRun): Promise<History> {
    const compiled = this.#ready('fit');
    checkData('fit', data, FIT_OPTIONS);
    checkOptions('fit', options, FIT_OPTIONS);
    compiled.checkTrains('fit');
    const setup = setupOf(saved ? 'resume' : 'fit', compiled, this, data, options);
    return this.#calls.exclusive('fit', async () => {
      this.#batchSize = setup.batchSize;
      return this.#calls.fitting(() => new FitRun(saved ? continued(setup, saved) : setup).train());
    });
  }

  /**
   * One optimizer step on one batch. A batch that is larger than all before it has its step compiled, which takes a second or so; smaller
   * ones run on the steps that there are, and count exactly their examples: see `predict`. What is given is copied, and may be changed as
   * soon as the call has returned its promise.
   * @returns the batch's loss and metrics, from before the step
   */
  async trainOnBatch(x: TensorData, y: Labels, options: { sampleWeight?: ArrayLike<number> } = {}): Promise<Logs> {
    const compiled = this.#ready('trainOnBatch');
    checkOptions('trainOnBatch', options, { sampleWeight: 'list' });
    compiled.checkTrains('trainOnBatch');
    const dataset = this.#dataset(compiled, { x, y });
    const weights = rowWeights('trainOnBatch', dataset, 0, options.sampleWeight, undefined);
    return this.#calls.exclusive('trainOnBatch', () => trainBatch(compiled, dataset, weights));
  }

  /**
   * Loss and metrics over data, in inference mode. Examples in memory and `sampleWeight` are copied, however many they are, and may be
   * changed as soon as the call has returned its promise. Where there is no room for a copy, give a `Dataset` that reads them.
   */
  async evaluate(data: TrainingData, options: EvaluateOptions = {}): Promise<Logs> {
    const compiled = this.#ready('evaluate');
    compiled.checkLoss('evaluate');
    checkData('evaluate', data, EVALUATE_OPTIONS);
    checkOptions('evaluate', options, EVALUATE_OPTIONS);
    const { batchSize = 32, sampleWeight } = options;
    const dataset = this.#dataset(compiled, data);
    const weights = rowWeights('evaluate', dataset, 0, sampleWeight, undefined);
    return this.#calls.inTurn('evaluate', () => evaluateDataset(compiled, dataset, batchSize, weights));
  }

  /**
   * The model's outputs: logits, where the loss takes logits. Examples in memory are copied, and may be changed as soon as the call has
   * returned its promise: a camera may fill the same array again and again.
   *
   * `predict`, `evaluate`, `trainOnBatch` and `inspect` each run fewer examples than before on the smallest step that they have prepared and
   * that has room, with rows of zeros that count for nothing. More than before have a step prepared, of `predict` and `evaluate` for at least
   * twice as many as before, up to `batchSize`. A number of examples that is asked for again and again, with no other in
   * between, gets a step of its own once 1,024 such rows were computed, fewer in large networks. Steps of different sizes may add up in different orders: the last bits
   * of a result depend on the calls of the same kind before it, since the model was compiled or loaded.
   * @param x `[n, ...inputShape]`
   * @returns `[n, ...outputShape]`
   */
  async predict(x: TensorData | Dataset, options: { batchSize?: number } = {}): Promise<TensorData> {
    const compiled = this.#ready('predict');
    checkOptions('predict', options, { batchSize: 'count' });
    const { batchSize = 32 } = options;
    const dataset = isDataset(x) ? x : new ArrayDataset(examples('x', x, true), undefined, true);
    checkDataset(dataset, this.inputShape, 'predict: ');
    return this.#calls.inTurn('predict', () => predictWith(compiled, dataset, batchSize));
  }

  /** The weights' values, in Keras' order. */
  async getWeights(...more: Passed): Promise<NamedWeight[]> {
    noOptions('getWeights', more);
    const compiled = this.#ready('getWeights');
    return this.#calls.whileInUse('getWeights', () => readWeights(this.#network.weights, compiled.variables));
  }

  /**
   * Sets all weights, or none where something does not fit. Also while `fit` runs, e.g. in a callback: steps under way, which there are
   * none of in a hook, go on with the old weights, and what they change is overwritten; the next step begins with the new ones.
   * @param weights where they have names, each goes where its name says, in any order: a name of `getWeights`, or what Keras or
   *   TensorFlow.js calls the same weight (`batch_normalization/gamma`, `conv2d_Conv2D1/kernel`, `sequential/dense_1/bias:0`). Layers
   *   that are only numbered may be numbered from anywhere. Without any names they go by the order of `getWeights`
   *   The values are copied, and may be changed as soon as the call has returned its promise
   * @param options `strict: false` sets the weights that have a name of the model's, and leaves the others as they are; numbers of
   *   layers then count as they are
   * @returns names: of what was taken, of the model's weights that were not set, of those given that the model does not have
   * @throws ArgumentError for names that the model does not have (unless `strict` is false), that are missing, or that occur twice
   * @throws ShapeError, DataError for shapes and values that do not fit: not finite, or negative for a variance
   */
  async setWeights(weights: readonly GivenWeight[], options: { strict?: boolean } = {}): Promise<WeightsReport> {
    const { progress, device } = this.#ready('setWeights');
    checkOptions('setWeights', options, { strict: 'boolean' });
    const { values, report } = orderWeights(this.layers, weights, options.strict ?? true);
    if (device.lost && !progress.replays) await this.#calls.deviceRecovery.revive('setWeights'); // fit that replays steps makes the change by itself
    progress.change({ weights: values });
    return report;
  }

  /**
   * What every layer makes of some examples, in inference mode, and where in them the evidence lies. Also while `fit` runs. The
   * examples are copied, and may be changed as soon as the call has returned its promise.
   * @param x `[n, ...inputShape]`; all of it at once, so a few
   */
  async inspect(x: TensorData, ...more: Passed): Promise<Inspection> {
    noOptions('inspect', more);
    const compiled = this.#ready('inspect');
    const own = examples('x', x, true);
    checkInput(own.shape.slice(1), this.inputShape, 'inspect: ');
    return this.#calls.inTurn('inspect', () => compiled.inspect(own));
  }

  /**
   * Times each dispatch of the next training step, whoever runs it. That one step has a pass for each dispatch, which costs
   * a little; its results are the same. Of a step over micro-batches: the last of these, and what follows once. A hook of `fit` that
   * awaits it waits for ever, as the step waits for the hook.
   * @throws StateError where a layer's `trainable` was changed since compile
   * @throws DeviceError where the device cannot take times (feature `timestamp-query`)
   */
  async profile(...more: Passed): Promise<Profile> {
    noOptions('profile', more);
    const compiled = this.#ready('profile');
    compiled.checkTrains('profile');
    return this.#calls.whileInUse('profile', () => compiled.profileNextStep());
  }

  /** Optimizer steps so far, those under way included, and those that mixed precision left out because of an overflow. */
  get iterations(): number {
    return this.#ready('iterations').progress.iterations;
  }

  /** What the model is trained with, as compile or its file said. */
  get optimizer(): Optimizer {
    return this.#ready('optimizer').spec.optimizer;
  }

  /** The learning rate of the next step. Setting it takes effect at once and overrides the optimizer's schedule. */
  get learningRate(): number {
    return this.#ready('learningRate').progress.learningRate;
  }

  set learningRate(rate: number) {
    check('model', 'learningRate', rate, 'notNegative');
    this.#ready('learningRate').progress.change({ rate });
  }

  /**
   * The schedule of a training step: dispatches, buffers, peak bytes. Print it, or look into it. Its kernels are those that are
   * known to be fast; before the first step of this batch size they may not have been measured yet.
   */
  plan(options: { batchSize?: number } = {}): Plan {
    const compiled = this.#ready('plan');
    checkOptions('plan', options, { batchSize: 'count' });
    const { batchSize = this.#batchSize } = options;
    return compiled.plannedStep(compiled.spec.loss ? 'train' : 'predict', batchSize).plan;
  }

  /** The model as a safetensors file: architecture, weights, optimizer state, so that training can go on from it. */
  async save(...more: Passed): Promise<Uint8Array<ArrayBuffer>> {
    noOptions('save', more);
    const compiled = this.#ready('save');
    return this.#calls.whileInUse('save', () => saveModel(compiled));
  }

  /** Frees the model's GPU memory, and its device if it requested one. Every later call throws a StateError. */
  dispose(): void {
    if (this.#calls.dispose()) this.#compiled?.dispose();
  }

  /** @internal What compile made; for loading. */
  get compiled(): Compiled {
    return this.#ready('model');
  }

  /** Data for a call that copies them. */
  #dataset(compiled: Compiled, data: TrainingData): Dataset {
    return asDataset(data, compiled.spec.loss!, this.inputShape, this.outputShape, true);
  }

  #ready(what: string): Compiled {
    this.#calls.checkNotDisposed(what);
    if (!this.#compiled) throw new StateError(`${what}: call compile() first.`);
    return this.#compiled;
  }
}

/** A model from a list of layers; the first one needs an `inputShape`. @throws ShapeError, ArgumentError naming the layer */
export function sequential(specs: readonly LayerSpec[]): Model {
  return new Model(specs);
}
