import { ArgumentError, type NonFiniteLocation } from '../../errors.ts';
import { check, checkOneOf, checkOptions, type Kind } from '../../options.ts';
import { shown } from '../../shown.ts';

export type WatchAction = 'stop' | 'warn' | 'restore';

/** Options for the checks for infinities and NaNs; see `fit`. */
export interface WatchOptions {
  /**
   * What to do after a finding. `stop`: `fit` rejects with a NonFiniteError. `warn`: reports the first finding, then training
   * continues without checks. `restore`: leaves the batch out. If a weight is not finite, or if this is not the first finding
   * since all layers were last checked, it also restores weights and optimizer state to their values at that check, or at the
   * beginning of `fit`. If there are more than `restores` findings, `fit` rejects with a NonFiniteError. Default `stop`.
   */
  readonly action?: WatchAction;
  /**
   * Steps between checks of all layers' outputs. They include values before activations, which may hide an infinity. Infinity:
   * never. Default 100.
   */
  readonly everySteps?: number;
  /** Most batches that `restore` leaves out. Default 10. */
  readonly restores?: number;
  /** Called and awaited for each finding. If absent, `console.warn` reports it, unless a NonFiniteError follows. */
  readonly onNonFinite?: (finding: NonFiniteLocation) => void | Promise<void>;
}

/** The type of each option, for `checkOptions`. */
export const WATCH_OPTIONS = {
  action: 'any',
  everySteps: 'any',
  restores: 'countFrom0',
  onNonFinite: 'function',
} as const satisfies Record<keyof WatchOptions, Kind>;

/** Checks the options and adds defaults. Undefined: no checks. @throws ArgumentError for unknown or wrong options */
export function watchOptions(what: string, given: WatchAction | WatchOptions | false | undefined) {
  if (given === undefined || given === false) return undefined;
  const options = typeof given === 'string' ? { action: given } : given;
  if (typeof options !== 'object' || options === null || Array.isArray(options)) {
    throw new ArgumentError(
      `${what}: watch must be 'stop', 'warn', 'restore', false or an object, got ${shown(options)}.`,
    );
  }
  checkOptions(`${what}: watch`, options, WATCH_OPTIONS);
  const { action = 'stop', everySteps = 100, restores = 10, onNonFinite } = options;
  checkOneOf(`${what}: watch`, 'action', action, ['stop', 'warn', 'restore']);
  if (everySteps !== Number.POSITIVE_INFINITY) check(`${what}: watch`, 'everySteps', everySteps, 'count');
  return { action, everySteps, restores, onNonFinite };
}

/** The checked options, with defaults filled in. */
export type WatchSettings = NonNullable<ReturnType<typeof watchOptions>>;
