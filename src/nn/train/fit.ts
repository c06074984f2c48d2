/**
 * The options of `fit`, and how they become the checked setup of a run. A run reads its setup alone, so later changes of the
 * options have no effect on it.
 */
import {
  type Dataset,
  type ExampleStream,
  type Examples,
  isDataset,
  isStream,
  type Labels,
} from '../../data/dataset.ts';
import type { InputData } from '../../data/input.ts';
import { ArgumentError } from '../../errors.ts';
import { check, type Kind } from '../../options.ts';
import type { Compiled } from '../execute/compiled.ts';
import { classesOf } from '../losses.ts';
import type { Model } from '../model.ts';
import { type WatchAction, type WatchOptions, watchOptions } from '../nonFinite/options.ts';
import { type RecoveryOptions, recoveryOptions } from '../recovery/options.ts';
import { batchSizeOf, range, split } from './batching.ts';
import { type Callback, checkCallbacks } from './callbacks.ts';
import type { FitSetup } from './fitRun.ts';
import { naming } from './naming.ts';
import { rowWeights } from './rowWeights.ts';
import { asDataset, checkData, checkEnds, type TrainingData } from './targets.ts';
import { warnOfUnscaled } from './unscaled.ts';

/** Validation data: examples or a dataset, with an optional weight of each example in the loss. */
export type ValidationData =
  | Dataset
  | ExampleStream
  | readonly [x: InputData, y: Labels, sampleWeight?: ArrayLike<number>]
  | ((Examples | { readonly x: Dataset | ExampleStream }) & { readonly sampleWeight?: ArrayLike<number> | undefined });

const DEFAULT_RESIDENT_BYTES = 512 * 1024 * 1024;

export interface FitOptions {
  /** Passes over the training data. Default 1. */
  readonly epochs?: number;
  /**
   * Examples in a batch. Default 32, or that of a dataset with batches of its own. The last batch of an epoch may be smaller, and loss and gradients count exactly its
   * examples. If all data are fewer than a batch, the step has the batch size and pads its rows with zeros, which do not
   * count. But if the padding of all epochs exceeds 1,024 rows (fewer in large networks), or under a `memoryLimit`, the step
   * has the size of the data. The results of a run, to the last bit, depend on its options and data alone.
   */
  readonly batchSize?: number;
  /**
   * Steps of an epoch, for a `StreamedDataset` only, which may then be endless: an epoch goes on where the last one ended, and when the
   * dataset ends it begins anew. Default: an epoch reads all of it.
   */
  readonly stepsPerEpoch?: number;
  /**
   * Whether to shuffle the examples anew for each epoch; the model's seed determines the orders. Default true. A `StreamedDataset`
   * shuffles by its own method instead.
   */
  readonly shuffle?: boolean;
  /** Fraction of the data to hold out for validation, from 0 to below 1: the last part, before shuffling. */
  readonly validationSplit?: number;
  /** Data to validate on, `{ x, y }` or `[x, y]`, optionally with their own `sampleWeight`; takes precedence over `validationSplit`. */
  readonly validationData?: ValidationData;
  /** Callbacks, called in this order; see `Callback`. */
  readonly callbacks?: Callback | readonly Callback[];
  /** Aborting it rejects `fit` with the signal's reason, after the current step; the model stays usable. */
  readonly signal?: AbortSignal;
  /** Weight of each example in the loss, and in the validation loss with `validationSplit`. Metrics count each example once. */
  readonly sampleWeight?: ArrayLike<number>;
  /**
   * Weight of each class in the training loss. Classes that are not named have weight 1. With binaryCrossentropy, a label above
   * 0.5 belongs to class 1, any other label to class 0.
   */
  readonly classWeight?: Readonly<Record<number, number>>;
  /**
   * Steps of the first epoch that were done before. Training continues in mid-epoch, with the same order of examples. For a model
   * saved in a batch hook, it is `model.iterations` at that time minus its value when the epoch began. Default 0.
   */
  readonly startAtStep?: number;
  /**
   * Whether to check each step for infinities and NaNs, and what to do about them. The finding names the first step, and in
   * it the first layer whose output, gradient or weight is not finite. A step in which the prediction, the loss or a weight's
   * gradient is not finite changes nothing. In mixed precision gradients are not checked: the loss scaling leaves out a step
   * whose gradients are not finite and halves the loss scale, without a message, as often as it happens. Default false: no
   * checks, at no cost.
   */
  readonly watch?: WatchAction | WatchOptions | false;
  /** Most bytes of a dataset in memory that is kept on the GPU. Default 512 MiB, and never more than the device allows. */
  readonly maxResidentBytes?: number;
  /**
   * What to do when the GPU device is lost, by a crash or for lack of memory. By default training continues on another device
   * from a snapshot that is at most 10 s old. It ends with the same bits as an undisturbed run if the adapter is the same and
   * a dataset reads the same examples again. After four losses in a row without a new step in between, `fit` rejects with a
   * DeviceError. With `false`, `fit` rejects with a DeviceError at the first loss.
   *
   * The last snapshot outlives `fit`: if the device is lost later, the next call continues from it on another device. Steps
   * of `trainOnBatch` after the snapshot are lost; then the next call rejects with a DeviceError that says so, and the calls
   * after it find the model as it was at the snapshot. With a store, `resume` continues the run after a reload of the page.
   * The store is emptied when `fit` returns, but not when it fails. A device that was destroyed by `Device.destroy` is not
   * replaced.
   */
  readonly recovery?: RecoveryOptions | false;
}

/** The type of each option, for `checkOptions`. `setupOf` checks the values. */
export const FIT_OPTIONS = {
  epochs: 'count',
  batchSize: 'count',
  stepsPerEpoch: 'count',
  shuffle: 'boolean',
  validationSplit: 'decay',
  validationData: 'object',
  callbacks: 'any',
  signal: 'signal',
  sampleWeight: 'list',
  classWeight: 'object',
  startAtStep: 'countFrom0',
  maxResidentBytes: 'limit',
  recovery: 'any',
  watch: 'any',
} as const satisfies Record<keyof FitOptions, Kind>;

/**
 * Checks the options and data of `fit` and makes the setup of a run. It copies what it needs, so the caller may change all
 * but the examples afterwards.
 * @throws ArgumentError, DataError, ShapeError for options and data that do not fit
 */
export function setupOf(
  what: string,
  compiled: Compiled,
  model: Model,
  data: TrainingData,
  options: FitOptions,
): FitSetup {
  const { epochs = 1, validationSplit = 0, startAtStep = 0, signal } = options;
  const { recovery = {}, callbacks = [] } = options;
  checkCallbacks(what, callbacks);
  const { inputShape, outputShape } = compiled.network;
  const loss = compiled.spec.loss!;
  const dataset = asDataset(data, loss, inputShape, outputShape);
  const { sampleWeight, classWeight } = options;
  const validationData = asObject(options.validationData);
  if (validationData) checkData('validationData', validationData);
  const batchSize = batchSizeOf(dataset, options.batchSize);
  if (isStream(dataset)) checkStreamOptions(what, dataset, options);
  const parts = isStream(dataset) ? undefined : split(dataset.size, validationData ? 0 : validationSplit);
  const heldOut =
    validationData && naming('validationData', () => asDataset(validationData, loss, inputShape, outputShape));
  if (heldOut) checkEnds('validationData', heldOut);
  const validation = heldOut ?? (parts && parts.validation.length > 0 ? dataset : undefined);
  const hasWeight = validationData && !isDataset(validationData) && !isStream(validationData);
  const heldOutWeight = hasWeight ? validationData.sampleWeight : undefined;
  if (heldOutWeight !== undefined) check('validationData', 'sampleWeight', heldOutWeight, 'list');
  const classes = classesOf(loss, outputShape);
  const stepsPerEpoch = parts ? Math.ceil(parts.train.length / batchSize) : options.stepsPerEpoch;
  if (parts && options.stepsPerEpoch !== undefined) {
    throw new ArgumentError(
      `${what}: stepsPerEpoch is for datasets that stream; an epoch of these data has ${stepsPerEpoch} steps. Leave it out.`,
    );
  }
  if (stepsPerEpoch !== undefined && startAtStep > stepsPerEpoch) {
    throw new ArgumentError(`fit: startAtStep ${startAtStep} is beyond the ${stepsPerEpoch} steps of an epoch.`);
  }
  signal?.throwIfAborted();
  if (!isStream(dataset)) warnOfUnscaled(what, dataset, compiled.network);
  return {
    compiled,
    model,
    dataset,
    validation,
    epochs,
    batchSize,
    stepsPerEpoch,
    signal,
    validationSplit: heldOut ? 0 : validationSplit,
    rows: parts?.train,
    validationRows: !heldOut ? parts?.validation : isStream(heldOut) ? undefined : range(heldOut.size),
    weights: rowWeights(what, dataset, classes, sampleWeight, classWeight),
    validationWeights: heldOut
      ? rowWeights('validationData', heldOut, classes, heldOutWeight, undefined)
      : rowWeights(what, dataset, classes, sampleWeight, undefined),
    shuffle: options.shuffle ?? parts !== undefined,
    maxResidentBytes: options.maxResidentBytes ?? DEFAULT_RESIDENT_BYTES,
    callbacks: [callbacks].flat() as Callback[],
    watch: watchOptions(what, options.watch),
    recovery: recovery === false ? undefined : recoveryOptions(what, recovery),
    position: { epoch: 0, begun: false, step: startAtStep, rows: 0, sums: new Float64Array() },
  };
}

/** @throws ArgumentError for options that data in memory have alone, for an epoch without an end, and for a batch size that is not the dataset's */
function checkStreamOptions(what: string, stream: ExampleStream, options: FitOptions): void {
  const { batchSize } = stream;
  if (options.shuffle) {
    throw new ArgumentError(
      `${what}: shuffle is for data that fit can read in any order; a dataset that streams shuffles by itself: dataset.shuffle(1000). Leave the option out.`,
    );
  }
  if (options.validationSplit && !options.validationData) {
    throw new ArgumentError(
      `${what}: validationSplit needs to know how many examples there are, which a dataset that streams does not. Hold the first ones out: ` +
        'fit(dataset.skip(1000), { validationData: dataset.take(1000) }).',
    );
  }
  if (batchSize !== undefined && (options.batchSize ?? batchSize) !== batchSize) {
    throw new ArgumentError(
      `${what}: the dataset has batches of ${batchSize}, by its method batch; batchSize ${options.batchSize} is another number. Leave it out.`,
    );
  }
  if (options.stepsPerEpoch === undefined) checkEnds(what, stream, 'fit(dataset, { stepsPerEpoch: 100 })');
}

/** `{ x, y, sampleWeight }` of Keras' list `[x, y, sampleWeight]`. */
function asObject(data: ValidationData | undefined): Exclude<ValidationData, readonly unknown[]> | undefined {
  if (!Array.isArray(data)) return data as Exclude<ValidationData, readonly unknown[]>;
  const [x, y, sampleWeight] = data;
  return { x, y, sampleWeight };
}
