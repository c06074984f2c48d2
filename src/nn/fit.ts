import { ArrayDataset, type Dataset } from '../data/dataset.ts';
import { ArgumentError } from '../errors.ts';
import { shuffle } from '../random.ts';
import type { Shape, Variable } from '../tensor.ts';
import { checkCount, range, rowWeights, split } from './batching.ts';
import { type BatchLogs, type Callback, CallbackList, type History, type Logs, type Training } from './callbacks.ts';
import type { Compiled } from './compiled.ts';
import { averages, evaluateWith, type Flow, runEpoch } from './epoch.ts';
import { Gate } from './gate.ts';
import type { Model } from './model.ts';
import { Pace } from './pace.ts';
import type { BatchRunner, RowWeights } from './runner.ts';
import type { Mode, ResidentData } from './step.ts';
import { asDataset, type TrainingData } from './targets.ts';

const DEFAULT_RESIDENT_BYTES = 512 * 1024 * 1024;

export interface FitOptions {
  /** Passes over the training data. Default 1. */
  readonly epochs?: number;
  /** Default 32. The last batch of an epoch may be smaller and counts exactly its examples. */
  readonly batchSize?: number;
  /** New order each epoch, from the model's seed. Default true. */
  readonly shuffle?: boolean;
  /** The last part of the data, before shuffling, that is held out for validation: from 0 to below 1. */
  readonly validationSplit?: number;
  /** Data to validate on; takes precedence over `validationSplit`. */
  readonly validationData?: TrainingData;
  readonly callbacks?: Callback | readonly Callback[];
  /** Aborting rejects `fit` with the signal's reason, after the step under way; the model stays usable. */
  readonly signal?: AbortSignal;
  /** Weight of each example in the loss. */
  readonly sampleWeight?: ArrayLike<number>;
  /** Weight of each class in the loss; classes that are not named count 1. */
  readonly classWeight?: Readonly<Record<number, number>>;
  /**
   * Steps of the first epoch that were done before: training goes on in mid-epoch, with the same order of examples. With a
   * model saved in `onBatchEnd` this is `model.iterations` then, less what it was when the epoch began. Default 0.
   */
  readonly startAtStep?: number;
  /** Data in memory of up to this many bytes stay on the GPU. Default 512 MiB, and never more than the device allows. */
  readonly maxResidentBytes?: number;
}

/** Their names. */
export const FIT_OPTIONS =
  'epochs batchSize shuffle validationSplit validationData callbacks signal sampleWeight classWeight startAtStep maxResidentBytes';

/** Trains a compiled model; see `Model.fit`. */
export async function runFit(
  compiled: Compiled,
  model: Model,
  data: TrainingData,
  options: FitOptions,
): Promise<History> {
  const { epochs = 1, batchSize = 32, validationSplit = 0, startAtStep = 0, signal } = options;
  const callbacks = options.callbacks ?? [];
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    throw new ArgumentError('fit: signal must be an AbortSignal.');
  }
  checkCount('epochs', epochs);
  checkCount('batchSize', batchSize);
  const { inputShape, outputShape } = compiled.network;
  const loss = compiled.recipe.loss!;
  const dataset = asDataset(data, loss, inputShape, outputShape);
  const parts = split(dataset.size, options.validationData ? 0 : validationSplit);
  const heldOut = options.validationData && asDataset(options.validationData, loss, inputShape, outputShape);
  const validation = heldOut ?? (parts.validation.length > 0 ? dataset : undefined);
  const validationRows = heldOut ? range(heldOut.size) : parts.validation;
  const classes = outputShape.at(-1)!;
  const weights = rowWeights(dataset, classes, options.sampleWeight, options.classWeight);
  const stepsPerEpoch = Math.ceil(parts.train.length / batchSize);
  checkCount('startAtStep', startAtStep, 0);
  if (startAtStep > stepsPerEpoch) {
    throw new ArgumentError(`startAtStep ${startAtStep} is beyond the ${stepsPerEpoch} steps of an epoch.`);
  }
  signal?.throwIfAborted();

  let stopping = false;
  const gate = new Gate();
  const flow: Flow = {
    gate: gateOf(gate, compiled, false),
    pace: new Pace(),
    stopped() {
      signal?.throwIfAborted();
      return stopping;
    },
  };
  const validating: Flow = { ...flow, gate: gateOf(gate, compiled, true) };
  const training: Training = {
    ...{ model, epochs, batchSize, stepsPerEpoch, examples: parts.train.length },
    get stopped() {
      return stopping;
    },
    get paused() {
      return gate.paused;
    },
    pause: () => gate.pause(),
    resume: () => gate.resume(),
    step: () => gate.step(),
    stop() {
      stopping = true;
      gate.end();
    },
  };
  const events = new CallbackList(callbacks, training);
  const release = () => gate.end();
  signal?.addEventListener('abort', release);
  compiled.lifetime.addEventListener('abort', release);
  const residents = new Residents(compiled, options.maxResidentBytes ?? DEFAULT_RESIDENT_BYTES);
  try {
    const runner = await residents.runner('train', dataset, Math.min(batchSize, parts.train.length));
    const validator =
      validation && (await residents.runner('evaluate', validation, Math.min(batchSize, validationRows.length)));
    await events.trainBegin();
    for (let epoch = 0; epoch < epochs && !stopping; epoch++) {
      await events.epochBegin(epoch);
      const order = parts.train.slice();
      if (options.shuffle ?? true) shuffle(order, compiled.seed, SHUFFLE_STREAM, compiled.epochs);
      const firstStep = epoch === 0 ? startAtStep : 0;
      const logs = await trainEpoch(compiled, runner, dataset, order, { weights, firstStep, events, flow });
      compiled.epochs++;
      const checked =
        validator && (await evaluateWith(compiled.logNames, validator, validation, validationRows, {}, validating));
      signal?.throwIfAborted();
      await events.epochEnd(epoch, { ...logs, ...(checked ? validationLogs(checked) : {}) });
    }
    return await events.trainEnd();
  } finally {
    signal?.removeEventListener('abort', release);
    compiled.lifetime.removeEventListener('abort', release);
    gate.end();
    residents.destroy();
  }
}

/** Sets the random stream of the order of examples apart from those of the initial weights. */
const SHUFFLE_STREAM = 0x5f0f;

/** The gate as steps see it; who waits at it hears when the device is lost. */
function gateOf(gate: Gate, { device }: Compiled, free: boolean): NonNullable<Flow['gate']> {
  return {
    get closed() {
      return gate.closed;
    },
    pass: () => (gate.closed ? device.whileAlive(gate.pass(free)) : gate.pass(free)),
  };
}

interface EpochOptions {
  readonly weights: RowWeights;
  /** Steps that were done before. */
  readonly firstStep: number;
  readonly events: CallbackList;
  readonly flow: Flow;
}

/** @returns means over the steps done, nothing where there were none */
async function trainEpoch(
  compiled: Compiled,
  runner: BatchRunner,
  dataset: Dataset,
  order: Uint32Array,
  { weights, firstStep, events, flow }: EpochOptions,
): Promise<Logs> {
  const names = compiled.logNames;
  let rows = 0;
  let sums = new Float32Array(2 * names.length);
  runner.clearTotals();
  const onStep = async (batch: number, size: number, totals: Float32Array) => {
    rows += size;
    sums = totals.slice();
    if (events.listensToBatches) {
      const logs: BatchLogs = { ...averages(names, totals, 0, size), size };
      await events.batchEnd(firstStep + batch, logs);
    }
  };
  const rest = order.subarray(firstStep * runner.step.batchSize);
  await runEpoch(runner, dataset, rest, weights, () => compiled.nextStep(), { ...flow, onStep });
  return rows > 0 ? averages(names, sums, names.length, rows) : {};
}

/** Runners of one fit, and the datasets that they keep on the GPU; training and validation may share one. */
class Residents {
  readonly #compiled: Compiled;
  readonly #maxBytes: number;
  readonly #data = new Map<Dataset, ResidentData>();
  readonly #runners: BatchRunner[] = [];

  constructor(compiled: Compiled, maxBytes: number) {
    this.#compiled = compiled;
    this.#maxBytes = maxBytes;
  }

  async runner(mode: Mode, dataset: Dataset, batchSize: number): Promise<BatchRunner> {
    const runner = await this.#compiled.makeRunner(mode, batchSize, this.#resident(dataset));
    this.#runners.push(runner);
    return runner;
  }

  destroy(): void {
    for (const runner of this.#runners) runner.destroy();
    for (const data of this.#data.values()) this.#compiled.releaseData(data);
  }

  /** Where a dataset lies on the GPU, if it is in memory and fits. */
  #resident(dataset: Dataset): ResidentData | undefined {
    const { network, recipe, device } = this.#compiled;
    const { loss } = recipe;
    const { maxBufferSize, maxStorageBufferBindingSize } = device.gpu.limits;
    const limit = Math.min(this.#maxBytes, maxBufferSize, maxStorageBufferBindingSize);
    if (!(dataset instanceof ArrayDataset) || dataset.x.byteLength > limit) return undefined;
    const known = this.#data.get(dataset) ?? residentVariables(dataset, loss!.targetShape(network.outputShape));
    this.#data.set(dataset, known);
    return known;
  }
}

/** Variables for a dataset that is to stay on the GPU. */
function residentVariables({ x, y, size, xShape }: ArrayDataset, targetShape: Shape): ResidentData {
  const variable = (name: string, shape: readonly number[], data: Float32Array | Int32Array): Variable => ({
    name,
    shape,
    dtype: data instanceof Int32Array ? 'i32' : 'f32',
    initial: () => data,
  });
  return { x: variable('data/x', [size, ...xShape], x), y: variable('data/y', [size, ...targetShape], y!) };
}

/** `loss` as `valLoss`. */
function validationLogs(logs: Logs): Logs {
  return Object.fromEntries(
    Object.entries(logs).map(([name, value]) => [`val${name[0]!.toUpperCase()}${name.slice(1)}`, value]),
  );
}
