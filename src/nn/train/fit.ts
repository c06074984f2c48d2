import { type Dataset, type Examples, isDataset } from '../../data/dataset.ts';
import { ArgumentError, NeuriteError } from '../../errors.ts';
import { check, type Kind } from '../../options.ts';
import type { Compiled } from '../execute/compiled.ts';
import { classesOf } from '../losses.ts';
import type { Model } from '../model.ts';
import { type WatchAction, type WatchOptions, watchOptions } from '../nonFinite/options.ts';
import { type RecoveryOptions, recoveryOptions } from '../recovery/options.ts';
import { range, split } from './batching.ts';
import { type Callback, checkCallbacks } from './callbacks.ts';
import type { FitSetup } from './fitRun.ts';
import { rowWeights } from './rowWeights.ts';
import { asDataset, checkData, type TrainingData } from './targets.ts';

/** What `validationData` takes: examples, or a dataset, and the weight of each example in the loss. */
export type ValidationData =
  | Dataset
  | ((Examples | { readonly x: Dataset }) & { readonly sampleWeight?: ArrayLike<number> | undefined });

const DEFAULT_RESIDENT_BYTES = 512 * 1024 * 1024;

export interface FitOptions {
  /** Passes over the training data. Default 1. */
  readonly epochs?: number;
  /**
   * Default 32. The last batch of an epoch may be smaller and counts exactly its examples. So does one that all data do not fill: its
   * step is that of a whole batch, with rows of zeros that count for nothing, unless these were more than 1,024 over all epochs (fewer in large networks), or there
   * is a `memoryLimit`; then it is a step of the data's size. What a run computes, to the bit, depends on its options and data alone.
   */
  readonly batchSize?: number;
  /** New order each epoch, from the model's seed. Default true. */
  readonly shuffle?: boolean;
  /** The last part of the data, before shuffling, that is held out for validation: from 0 to below 1. */
  readonly validationSplit?: number;
  /** Data to validate on, perhaps with a `sampleWeight` of their own; takes precedence over `validationSplit`. */
  readonly validationData?: ValidationData;
  /** Hooks, in their order; see `Callback`. */
  readonly callbacks?: Callback | readonly Callback[];
  /** Aborting rejects `fit` with the signal's reason, after the step under way; the model stays usable. */
  readonly signal?: AbortSignal;
  /** Weight of each example in the loss; with `validationSplit`, in the loss of the validation too. Metrics count each example once. */
  readonly sampleWeight?: ArrayLike<number>;
  /**
   * Weight of each class in the loss of training; classes that are not named count 1. With binaryCrossentropy a label of more than
   * 0.5 is class 1, and any other class 0.
   */
  readonly classWeight?: Readonly<Record<number, number>>;
  /**
   * Steps of the first epoch that were done before: training goes on in mid-epoch, with the same order of examples. With a
   * model saved in a hook of batches this is `model.iterations` then, less what it was when the epoch began. Default 0.
   */
  readonly startAtStep?: number;
  /**
   * Whether each step is looked at for infinities and NaNs, and what is done about them: the finding names the first step, and
   * in it the first layer whose output, gradient or weight is not finite. A step in which the prediction, the loss or a
   * gradient of a weight is not finite changes nothing. With mixed precision gradients are not looked at: what is not finite in them leaves
   * the step out and halves the scale of the loss, silently, again and again where no scale helps. Default false: nobody looks, which
   * costs nothing.
   */
  readonly watch?: WatchAction | WatchOptions | false;
  /** Data in memory of up to this many bytes stay on the GPU. Default 512 MiB, and never more than the device allows. */
  readonly maxResidentBytes?: number;
  /**
   * What is done about a GPU device that is lost, by a crash or for want of memory: by default training goes on by itself, on another
   * device, from a snapshot that is at most 10 s old, and ends with the bits of an undisturbed run, where the adapter is the same and a
   * dataset reads the same again. A device that fails four times with no step between that was not made before is given up with a
   * DeviceError. With false a lost device is a DeviceError at once.
   *
   * The last snapshot outlives `fit`: whatever is called next on a model whose device was lost goes on from there, on another
   * device. Steps of `trainOnBatch` that came after it are lost: the next call is a DeviceError that says so, and those after it find
   * the model as it was at the snapshot. With a store, which is emptied when `fit` returns and not when it fails, `resume` goes on after a
   * reload of the page. A device that was destroyed by `Device.destroy` is not replaced.
   */
  readonly recovery?: RecoveryOptions | false;
}

/** What they may be; the rest is checked with what it is used for. */
export const FIT_OPTIONS = {
  epochs: 'count',
  batchSize: 'count',
  shuffle: 'boolean',
  validationSplit: 'decay',
  validationData: 'object',
  callbacks: 'object',
  signal: 'signal',
  sampleWeight: 'list',
  classWeight: 'object',
  startAtStep: 'countFrom0',
  maxResidentBytes: 'limit',
  recovery: 'any',
  watch: 'any',
} as const satisfies Record<keyof FitOptions, Kind>;

/**
 * All that `fit` was given, read and checked at once: but for the examples themselves it may be changed from then on.
 * @throws ArgumentError, DataError, ShapeError for options and data that do not fit
 */
export function setupOf(
  what: string,
  compiled: Compiled,
  model: Model,
  data: TrainingData,
  options: FitOptions,
): FitSetup {
  const { epochs = 1, batchSize = 32, validationSplit = 0, startAtStep = 0, signal } = options;
  const { recovery = {}, callbacks = [] } = options;
  checkCallbacks(what, callbacks);
  const { inputShape, outputShape } = compiled.network;
  const loss = compiled.spec.loss!;
  const dataset = asDataset(data, loss, inputShape, outputShape);
  const { validationData, sampleWeight, classWeight } = options;
  if (validationData) checkData('validationData', validationData);
  const parts = split(dataset.size, validationData ? 0 : validationSplit);
  const heldOut =
    validationData && naming('validationData', () => asDataset(validationData, loss, inputShape, outputShape));
  const validation = heldOut ?? (parts.validation.length > 0 ? dataset : undefined);
  const heldOutWeight = validationData && !isDataset(validationData) ? validationData.sampleWeight : undefined;
  if (heldOutWeight !== undefined) check('validationData', 'sampleWeight', heldOutWeight, 'list');
  const classes = classesOf(loss, outputShape);
  const stepsPerEpoch = Math.ceil(parts.train.length / batchSize);
  if (startAtStep > stepsPerEpoch) {
    throw new ArgumentError(`fit: startAtStep ${startAtStep} is beyond the ${stepsPerEpoch} steps of an epoch.`);
  }
  signal?.throwIfAborted();
  return {
    ...{ compiled, model, dataset, validation, epochs, batchSize, stepsPerEpoch, signal },
    validationSplit: heldOut ? 0 : validationSplit,
    rows: parts.train,
    validationRows: heldOut ? range(heldOut.size) : parts.validation,
    weights: rowWeights(what, dataset, classes, sampleWeight, classWeight),
    validationWeights: heldOut
      ? rowWeights('validationData', heldOut, classes, heldOutWeight, undefined)
      : rowWeights(what, dataset, classes, sampleWeight, undefined),
    shuffle: options.shuffle ?? true,
    maxResidentBytes: options.maxResidentBytes ?? DEFAULT_RESIDENT_BYTES,
    callbacks: [callbacks].flat() as Callback[],
    watch: watchOptions(what, options.watch),
    recovery: recovery === false ? undefined : recoveryOptions(what, recovery),
    position: { epoch: 0, begun: false, step: startAtStep, rows: 0, sums: new Float64Array() },
  };
}

/** Errors of a part of what was given say of which. */
function naming<T>(part: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof NeuriteError)) throw error;
    const Same = error.constructor as new (message: string, options: ErrorOptions) => NeuriteError;
    throw new Same(`${part}: ${error.message}`, { cause: error });
  }
}
