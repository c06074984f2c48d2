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

/** What `fit` was given that no snapshot holds: data, and functions. The rest the snapshot knows. */
export interface ResumeOptions
  extends Pick<
      FitOptions,
      'callbacks' | 'signal' | 'watch' | 'validationData' | 'sampleWeight' | 'classWeight' | 'maxResidentBytes'
    >,
    Pick<LoadOptions, 'device' | 'onProgress'> {
  /** The one that `fit` was given. */
  readonly store: SnapshotStore;
  /** As for `fit`; the store is the same. */
  readonly recovery?: Omit<NonNullable<Exclude<FitOptions['recovery'], false>>, 'store'>;
}

/** What they may be. */
const { callbacks, signal, watch, validationData, sampleWeight, classWeight, maxResidentBytes } = FIT_OPTIONS;
export const RESUME_OPTIONS = {
  ...{ callbacks, signal, watch, validationData, sampleWeight, classWeight, maxResidentBytes },
  store: 'any',
  device: 'any',
  onProgress: 'function',
  recovery: 'any',
} as const satisfies Record<keyof ResumeOptions, Kind>;
const { store: _, ...RECOVERY } = RECOVERY_OPTIONS;

/** What a run that was resumed ends with. */
export interface Resumed {
  readonly model: Model;
  /** Of all epochs, those before included. */
  readonly history: History;
}

/**
 * Goes on with a run that a reload, a crash or a closed page cut off, from the last snapshot in its store to the end that `fit` was
 * asked for. On the same adapter the model ends with the bits of a run that nothing disturbed. Callbacks begin anew: they are told
 * that training begins, and then of what comes after the snapshot, so that `earlyStopping` counts from there; a `watch` goes on with the
 * restores that it has counted and the values that it would put back. The model that they
 * saw stays usable where training is aborted or fails, as after `fit`: it is theirs to dispose of.
 * @param data those that `fit` was given, which must stay as they are, as all options must, until the call has ended; with the same `validationData`, `sampleWeight` and `classWeight`, where it had any
 * @returns undefined where the store is empty: there is nothing to go on with
 * @throws DataError for other data
 * @throws FormatError for a store whose bytes are damaged; `store.remove()` empties it
 */
export async function resume(data: TrainingData, options: ResumeOptions): Promise<Resumed | undefined> {
  checkData('resume', data, RESUME_OPTIONS);
  checkOptions('resume', options, RESUME_OPTIONS);
  const { store, device, onProgress, recovery = {}, callbacks = [], ...rest } = options;
  checkStore('resume: store', store);
  Device.check('resume', device);
  checkOptions('resume: recovery', recovery, RECOVERY);
  // Before there is anything to go on with, too.
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
