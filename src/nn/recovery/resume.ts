/**
 * `resume`: continues a run of `fit` after a reload, a crash or a closed page, from the last snapshot in its store. The
 * options of the run come from the snapshot; data and callbacks come from the caller.
 */
import { FormatError } from '../../errors.ts';
import { bytesIn } from '../../io/bytes.ts';
import { checkOptions, type Kind } from '../../options.ts';
import { Device } from '../../runtime/device.ts';
import type { SnapshotStore } from '../../runtime/snapshotStore.ts';
import { type LoadOptions, loadModel } from '../file/load.ts';
import type { Model } from '../model.ts';
import { watchOptions } from '../nonFinite/options.ts';
import { type Callback, checkCallbacks, type History } from '../train/callbacks.ts';
import { FIT_OPTIONS, type FitOptions } from '../train/fit.ts';
import { checkData, type TrainingData } from '../train/targets.ts';
import { checkStore, RECOVERY_OPTIONS } from './options.ts';
import { readRun, takeOver } from './runFile.ts';

/** The options of `fit` that a snapshot does not contain: data and functions. */
export interface ResumeOptions
  extends Pick<
      FitOptions,
      'callbacks' | 'signal' | 'watch' | 'validationData' | 'sampleWeight' | 'classWeight' | 'maxResidentBytes'
    >,
    Pick<LoadOptions, 'device' | 'onProgress'> {
  /** The store that was given to `fit`. */
  readonly store: SnapshotStore;
  /** As for `fit`; the store stays the same. */
  readonly recovery?: Omit<NonNullable<Exclude<FitOptions['recovery'], false>>, 'store'>;
}

/** The type of each option, for `checkOptions`. */
const { callbacks, signal, watch, validationData, sampleWeight, classWeight, maxResidentBytes } = FIT_OPTIONS;
export const RESUME_OPTIONS = {
  callbacks,
  signal,
  watch,
  validationData,
  sampleWeight,
  classWeight,
  maxResidentBytes,
  store: 'any',
  device: 'any',
  onProgress: 'function',
  recovery: 'any',
} as const satisfies Record<keyof ResumeOptions, Kind>;
const { store: _, ...RECOVERY } = RECOVERY_OPTIONS;

/** The result of a resumed run. */
export interface Resumed {
  readonly model: Model;
  /** Values of all epochs, including those before the interruption. */
  readonly history: History;
}

/**
 * Continues a run that a reload, a crash or a closed page has interrupted, from the last snapshot in its store to the last epoch.
 * On the same adapter the model ends with the same bits as in an undisturbed run. Callbacks start anew: `onTrainBegin` is called,
 * then the hooks for everything after the snapshot, so `earlyStopping` counts from there. A `watch` keeps its count of restores
 * and the values that it would restore. If training is aborted or fails, the model that callbacks saw stays usable, as after
 * `fit`, and the caller disposes of it.
 * @param data the data of the interrupted `fit`. If that had `validationData`, `sampleWeight` or `classWeight`, give the same
 *   ones. Data and options must not change until the call has ended
 * @returns undefined if the store is empty
 * @throws DataError for other data
 * @throws FormatError if the bytes in the store are damaged; `store.remove()` empties it
 */
export async function resume(data: TrainingData, options: ResumeOptions): Promise<Resumed | undefined> {
  checkData('resume', data, RESUME_OPTIONS);
  checkOptions('resume', options, RESUME_OPTIONS);
  const { store, device, onProgress, recovery = {}, callbacks = [], ...rest } = options;
  checkStore('resume: store', store);
  Device.check('resume', device);
  checkOptions('resume: recovery', recovery, RECOVERY);
  // Checked even if the store is empty, so that mistakes show at the first call.
  checkCallbacks('resume', callbacks);
  watchOptions('resume', options.watch);
  const stored = await store.load();
  if (!stored) return undefined;
  const bytes = bytesIn('resume: what the store holds', stored);
  let model: Model | undefined;
  let seen = false;
  const userCallbacks = [callbacks].flat() as Callback[];
  const first: Callback = {
    onTrainBegin() {
      seen = userCallbacks.length > 0;
    },
  };
  try {
    const run = readRun(bytes);
    model = await loadModel(bytes, {
      precision: run.precision,
      tune: run.kernels !== null,
      memoryLimit: run.memoryLimit ?? undefined,
      ...(device ? { device } : {}),
      ...(onProgress ? { onProgress } : {}),
    });
    takeOver(model.compiled, run);
    const fit = { ...rest, ...run.options, callbacks: [first, ...userCallbacks], recovery: { ...recovery, store } };
    const history = await model.continueFit(data, fit, run);
    return { model, history };
  } catch (error) {
    if (!seen) model?.dispose();
    if (!(error instanceof FormatError)) throw error;
    throw new FormatError(
      `resume: what the store holds cannot be used: ${error.message} To begin anew, empty it: await store.remove().`,
      { cause: error },
    );
  }
}
