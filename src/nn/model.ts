/**
 * The class `Model`, which users work with: compile, fit, evaluate, predict, inspect, save. Each method checks its arguments and
 * passes the work on to `Compiled` and to the functions of `train/`.
 */
import { type Dataset, type ExampleStream, isStream, type Labels } from '../data/dataset.ts';
import { examples, floats, type InputData } from '../data/input.ts';
import { decoded, hasBlobs } from '../data/pictures.ts';
import { ArgumentError, StateError } from '../errors.ts';
import type { NDArray } from '../ndarray/ndarray.ts';
import { check, checkOptions, noOptions, type Passed } from '../options.ts';
import { refuseOtherNames } from '../otherNames.ts';
import type { Plan } from '../plan/types.ts';
import type { Tensor } from '../tensor.ts';
import { Compiled } from './execute/compiled.ts';
import type { Inspection } from './execute/inspector.ts';
import { ModelCalls } from './execute/modelCalls.ts';
import type { Profile } from './execute/profile.ts';
import type { ModelAddress } from './file/places/index.ts';
import type { KeptModel } from './file/places/place.ts';
import { saveModel } from './file/save.ts';
import { type GivenWeight, type NamedWeight, orderWeights, readWeights, type WeightsReport } from './file/weights.ts';
import { LayerStack } from './layerStack.ts';
import type { LayerSpec } from './layers/layer.ts';
import type { Optimizer } from './optimizers.ts';
import type { LoadedRun } from './recovery/runFile.ts';
import { type ApplyOptions, applyNetwork } from './step/applyNetwork.ts';
import { type CompileOptions, checkCompileOptions } from './step/compileOptions.ts';
import { type DataArguments, dataAndOptions } from './train/arguments.ts';
import type { History, Logs } from './train/callbacks.ts';
import { type Classification, type ClassifyOptions, classifyOptions, classifyWith } from './train/classify.ts';
import { EVALUATE_OPTIONS, type EvaluateOptions, evaluateDataset } from './train/evaluate.ts';
import { FIT_OPTIONS, type FitOptions, setupOf } from './train/fit.ts';
import { type PredictOptions, predictionInput, predictOptions, predictWith } from './train/predict.ts';
import { rowWeights } from './train/rowWeights.ts';
import { asDataset, checkData, checkEnds, checkInput, decodedData, type TrainingData } from './train/targets.ts';
import { trainBatch } from './train/trainBatch.ts';

/** A stack of layers that can be trained. `sequential` makes it; call `compile` first. */
export class Model extends LayerStack {
  #compiled: Compiled | undefined;
  #batchSize = 32;
  /** @internal */ readonly calls = new ModelCalls(() => this.#compiled);

  static {
    refuseOtherNames('a model', Model.prototype, {
      stopTraining: 'a callback gets training as its last argument; write training.stop()',
      getLayer: "write model.layers.find(({ name }) => name === 'dense')",
      predictOnBatch: 'write model.predict(x)',
      fitDataset: 'write model.fit(dataset, options)',
      evaluateDataset: 'write model.evaluate(dataset, options)',
    });
  }

  /** @throws StateError once the model is compiled; ShapeError, ArgumentError, which name the layer */
  override add(layer: LayerSpec): void {
    this.calls.checkNotDisposed('add');
    if (this.#compiled || this.calls.running === 'compile')
      throw new StateError('add: the model is compiled already; add all layers before compile.');
    super.add(layer);
  }

  /**
   * Sets optimizer, loss and device, and initializes the weights.
   * @throws StateError if the model is compiled already and `recompile` is not set
   * @throws ArgumentError, ShapeError for a loss or metrics that do not exist or do not fit
   * @throws DeviceError without WebGPU, or if the device lacks a feature that `precision` needs
   * @throws MemoryLimitError for a `memoryLimit` too small for a step on a single example
   */
  async compile(options: CompileOptions = {}): Promise<void> {
    this.calls.checkNotDisposed('compile');
    checkCompileOptions(options);
    if (this.#compiled && !options.recompile) {
      throw new StateError('compile: the model is compiled already; { recompile: true } replaces optimizer and loss.');
    }
    const { network } = this;
    await this.calls.exclusive('compile', async () => {
      if (!this.#compiled) this.seed = options.seed ?? 0;
      // Running evaluations must end first, since compile frees their runners.
      await this.calls.inTurnDone;
      await this.calls.deviceRecovery.revive('compile');
      const compiled = await Compiled.create(network, options, this.#compiled);
      if (this.calls.disposed) compiled.dispose();
      this.calls.checkNotDisposed('compile');
      this.#compiled = compiled;
      for (const { variable } of network.weights) this.#compiled.variables.place(variable);
    });
  }

  /** `fit({ x, y }, options)`. */
  fit(x: InputData, y: Labels, options?: FitOptions): Promise<History>;
  /**
   * Trains for a number of epochs. `data` and `validationData` must not change until it ends, since they are read during training
   * and not copied. A change takes effect when the data are next read. Data that are on the GPU (see `maxResidentBytes`) are read
   * again, and checked again, only if the device is lost. All other options are read before the call returns its promise.
   * @returns loss and metrics of each epoch
   * @throws DataError, ShapeError, ArgumentError for data or options that do not fit; the model stays as it was
   * @throws StateError while another call trains, or if a layer's `trainable` has changed since compile, even in a hook
   * @throws DeviceError if the device is lost and cannot be replaced; see `recovery`
   * @throws MemoryLimitError for a `memoryLimit` too small for this batch size, or for validation beside training
   */
  fit(data: TrainingData, options?: FitOptions): Promise<History>;
  async fit(...given: DataArguments<FitOptions>): Promise<History> {
    const { data, options } = dataAndOptions('fit', given);
    return this.continueFit(data, options);
  }

  /** @internal `fit`, or with `saved` the rest of a run, for `resume`, which has loaded the model. */
  async continueFit(data: TrainingData, options: FitOptions, saved?: LoadedRun): Promise<History> {
    const decoded = decodedData(this.inputShape, data, options);
    if (decoded) return this.continueFit(...(await decoded), saved);
    const compiled = this.#ready('fit');
    checkData('fit', data, FIT_OPTIONS);
    checkOptions('fit', options, FIT_OPTIONS);
    compiled.checkTrains('fit');
    const setup = setupOf(saved ? 'resume' : 'fit', compiled, this, data, options);
    return this.calls.exclusive('fit', async () => {
      this.#batchSize = setup.batchSize;
      return this.calls.fitting(async () => {
        const { runOf } = await import('./train/fitRun.ts'); // for a page that predicts, or trains by steps, it is much to load
        return runOf(setup, saved).train();
      });
    });
  }

  /**
   * Makes one optimizer step on one batch. For a batch that is larger than all before, a step is compiled, which takes about
   * a second. Smaller batches run on existing steps, and loss and gradients count exactly their examples: see `predict`. The
   * data are copied, so they may change once the call has returned its promise.
   * @returns loss and metrics of the batch before the step
   */
  async trainOnBatch(x: InputData, y: Labels, options: { sampleWeight?: ArrayLike<number> } = {}): Promise<Logs> {
    if (hasBlobs(x)) return this.trainOnBatch(await decoded('x', x, this.inputShape), y, options);
    const compiled = this.#ready('trainOnBatch');
    checkOptions('trainOnBatch', options, { sampleWeight: 'list' });
    compiled.checkTrains('trainOnBatch');
    const dataset = asDataset({ x, y }, compiled.spec.loss!, this.inputShape, this.outputShape, true);
    if (isStream(dataset)) {
      throw new ArgumentError(
        'trainOnBatch takes one batch: for await (const { x, y } of dataset.batch(32)) await model.trainOnBatch(x, y).',
      );
    }
    const weights = rowWeights('trainOnBatch', dataset, 0, options.sampleWeight, undefined);
    return this.calls.exclusive('trainOnBatch', () => trainBatch(compiled, dataset, weights));
  }

  /** `evaluate({ x, y }, options)`. */
  evaluate(x: InputData, y: Labels, options?: EvaluateOptions): Promise<Logs>;
  /**
   * Computes loss and metrics over data, in inference mode. Examples in memory and `sampleWeight` are always copied, so they may
   * change once the call has returned its promise. If there is no memory for a copy, pass a `Dataset` that reads them.
   */
  evaluate(data: TrainingData, options?: EvaluateOptions): Promise<Logs>;
  async evaluate(...given: DataArguments<EvaluateOptions>): Promise<Logs> {
    const { data, options } = dataAndOptions('evaluate', given);
    const decoded = decodedData(this.inputShape, data, options);
    if (decoded) return this.evaluate(...(await decoded));
    const compiled = this.#ready('evaluate');
    compiled.checkLoss('evaluate');
    checkData('evaluate', data, EVALUATE_OPTIONS);
    checkOptions('evaluate', options, EVALUATE_OPTIONS);
    const dataset = asDataset(data, compiled.spec.loss!, this.inputShape, this.outputShape, true);
    checkEnds('evaluate', dataset);
    const weights = rowWeights('evaluate', dataset, 0, options.sampleWeight, undefined);
    return this.calls.inTurn('evaluate', () => evaluateDataset(compiled, dataset, options.batchSize, weights));
  }

  /**
   * Computes the model's outputs: logits, if the loss takes logits. Examples in memory are copied when the call is made.
   *
   * `predict`, `evaluate`, `trainOnBatch` and `inspect` each keep their prepared steps. A call runs on the smallest prepared
   * step that has room for its examples, padded with rows of zeros, which do not count. If none has room, a step is prepared;
   * that of `predict` and `evaluate` has room for at least twice the examples of the largest one before, up to `batchSize`.
   * If calls in a row have the same number of examples, a step of that size is prepared once 1,024 rows of padding were
   * computed, fewer in large networks. Step sizes can change the last bits of a result, so these depend on earlier calls.
   * @param x `[n, ...inputShape]`
   * @returns `[n, ...outputShape]`; with `as: 'probabilities'` softmax or sigmoid is applied, in double precision
   */
  async predict(x: InputData | Dataset | ExampleStream, options: PredictOptions = {}): Promise<NDArray<Float32Array>> {
    if (hasBlobs(x)) return this.predict(await decoded('x', x, this.inputShape), options);
    const compiled = this.#ready('predict');
    const own = predictOptions(compiled, options);
    const input = predictionInput('predict', compiled, x);
    return this.calls.inTurn('predict', () => predictWith(compiled, input, own));
  }

  /**
   * The classes of examples, the most probable first, for a model whose loss takes logits: `const [[best]] = await
   * model.classify(x)`. It computes as `predict` does.
   * @param x `[n, ...inputShape]`
   * @returns a list for each example
   * @throws ArgumentError for a wrong number of labels, and for a loss that takes no logits; StateError without a loss
   */
  async classify(x: InputData | Dataset | ExampleStream, options: ClassifyOptions = {}): Promise<Classification[][]> {
    if (hasBlobs(x)) return this.classify(await decoded('x', x, this.inputShape), options);
    const compiled = this.#ready('classify');
    const own = classifyOptions(compiled, options);
    const input = predictionInput('classify', compiled, x);
    return this.calls.inTurn('classify', () => classifyWith(compiled, input, own));
  }

  /** Names of the classes, which `compile` was given or the model's file has. */
  get labels(): readonly string[] | undefined {
    return this.#ready('labels').labels;
  }

  /**
   * Appends the layers to the graph of a tensor, in float32. Sessions of the graph use the model's own weights.
   * @param x f32 `[n, ...inputShape]`, n examples without padding @returns f32 `[n, ...outputShape]`
   * @throws StateError before compile and after dispose; ArgumentError, ShapeError for arguments that do not fit
   */
  apply(x: Tensor, options: ApplyOptions = {}): Tensor {
    return applyNetwork(this, this.#ready('apply').network, x, options);
  }

  /** The weights' values, in Keras' order. */
  async getWeights(...more: Passed): Promise<NamedWeight[]> {
    noOptions('getWeights', more);
    const compiled = this.#ready('getWeights');
    return this.calls.whileInUse('getWeights', () => readWeights(this.network.weights, compiled.variables));
  }

  /**
   * Sets all weights, or none if any of them does not fit. While `fit` runs, steps in flight finish with the old weights, and
   * their changes are overwritten. The next step has the new weights. In a hook that `fit` awaits, no step is in flight.
   * @param weights if they have names, their order does not matter. A name is one of `getWeights`, or the name of the same
   *   weight in Keras or TensorFlow.js (`batch_normalization/gamma`, `conv2d_Conv2D1/kernel`, `sequential/dense_1/bias:0`).
   *   Numbers of layers may start anywhere. Weights without any names must have the order of `getWeights`. The values are
   *   copied, so they may change once the call has returned its promise
   * @param options `strict: false` sets the weights whose names the model has, and leaves its other weights as they are;
   *   numbers of layers must then match exactly
   * @returns names of the weights that were set, of the model's weights that were not, and of unknown weights
   * @throws ArgumentError for unknown or missing names (unless `strict` is false), and for names that occur twice
   * @throws ShapeError, DataError for shapes and values that do not fit: values that are not finite, a negative variance
   */
  async setWeights(weights: readonly GivenWeight[], options: { strict?: boolean } = {}): Promise<WeightsReport> {
    const { progress, device } = this.#ready('setWeights');
    checkOptions('setWeights', options, { strict: 'boolean' });
    const { values, report } = orderWeights(this.layers, weights, options.strict ?? true);
    // A `fit` with recovery applies the change itself, once it has replaced the device.
    if (device.lost && !progress.replays) await this.calls.deviceRecovery.revive('setWeights');
    progress.change({ weights: values });
    return report;
  }

  /**
   * Computes the outputs of all layers for some examples, in inference mode, and the saliency of the examples. It may be
   * called while `fit` runs. The examples are copied, so they may change once the call has returned its promise.
   * @param x `[n, ...inputShape]`; only a few examples, since all outputs are kept in memory
   */
  async inspect(x: InputData, ...more: Passed): Promise<Inspection> {
    noOptions('inspect', more);
    if (hasBlobs(x)) return this.inspect(await decoded('x', x, this.inputShape));
    const compiled = this.#ready('inspect');
    const own = floats(examples('x', x, this.inputShape, true));
    checkInput(own.shape, this.inputShape, 'inspect: ', x);
    return this.calls.inTurn('inspect', () => compiled.inspect(own));
  }

  /**
   * Measures the time of each dispatch in the next training step of any call. That step has a compute pass for each dispatch,
   * which costs a little time; its results are the same. For a step over micro-batches, it measures the last one and the
   * update after it. A hook of `fit` must not await it: the step waits for the hook, so it would never resolve.
   * @throws StateError if a layer's `trainable` has changed since compile; DeviceError without the feature `timestamp-query`
   */
  async profile(...more: Passed): Promise<Profile> {
    noOptions('profile', more);
    const compiled = this.#ready('profile');
    compiled.checkTrains('profile');
    return this.calls.whileInUse('profile', () => compiled.profileNextStep());
  }

  /** Number of optimizer steps, including steps in flight and steps that mixed precision left out because of an overflow. */
  get iterations(): number {
    return this.#ready('iterations').progress.iterations;
  }

  /** The optimizer that was given to compile or read from the model's file. */
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
   * The plan of a training step: dispatches, buffers, peak bytes. It can be printed. Before the first step of this batch size,
   * some of its kernels may not have been measured yet.
   */
  plan(options: { batchSize?: number } = {}): Plan {
    const compiled = this.#ready('plan');
    checkOptions('plan', options, { batchSize: 'count' });
    return compiled.plannedStep(compiled.spec.loss ? 'train' : 'predict', options.batchSize ?? this.#batchSize).plan;
  }

  /** Writes the model as a safetensors file with architecture, weights and optimizer state, from which training can continue. */
  save(): Promise<Uint8Array<ArrayBuffer>>;
  /**
   * Puts this file where an address says, in place of the file that is there. `loadModel` reads it from there.
   * @throws ArgumentError for an address of no such place, StateError where there is no such place or it has no room
   */
  save(address: ModelAddress): Promise<KeptModel>;
  async save(address?: ModelAddress): Promise<Uint8Array<ArrayBuffer> | KeptModel> {
    if (address !== undefined) check('save', 'address', address, 'text');
    const compiled = this.#ready('save');
    if (address === undefined) return this.calls.whileInUse('save', () => saveModel(compiled));
    const places = import('./file/places/index.ts'); // few pages keep models
    return this.calls.whileInUse('save', async () => {
      const [at, bytes] = await Promise.all([
        places.then(({ keptAt }) => keptAt('save', address)),
        saveModel(compiled),
      ]);
      return (await places).keep(at, bytes);
    });
  }

  /** Frees the model's GPU memory, and its device if it requested one. Every later call throws a StateError. */
  dispose(): void {
    if (this.calls.dispose()) this.#compiled?.dispose();
  }

  /** @internal The compiled state, for `loadModel` and `resume`. */
  get compiled(): Compiled {
    return this.#ready('model');
  }

  /** @internal Runs a function that is not a method of the model, in turn with `predict` and `inspect`. */
  async inTurn<T>(what: string, work: (compiled: Compiled) => Promise<T>): Promise<T> {
    const compiled = this.#ready(what);
    return this.calls.inTurn(what, () => work(compiled));
  }

  #ready(what: string): Compiled {
    this.calls.checkNotDisposed(what);
    if (this.#compiled) return this.#compiled;
    const wait = 'compile has not ended yet; wait for it: await model.compile({ … }).';
    throw new StateError(
      `${what}: ${this.calls.running === 'compile' ? wait : 'call compile() first: await model.compile({ … }).'}`,
    );
  }
}

/**
 * Makes a model from layers; the first one needs an `inputShape`. Without layers, `add` adds them one by one.
 * @throws ShapeError, ArgumentError, which name the layer
 */
export function sequential(specs?: readonly LayerSpec[]): Model {
  return new Model(specs);
}
