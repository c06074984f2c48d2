import { ArgumentError, type NonFiniteLocation, shown } from '../../errors.ts';
import { check, checkOneOf, checkOptions, type Kind } from '../../options.ts';

export type WatchAction = 'stop' | 'warn' | 'restore';

/** How training is watched for infinities and NaNs; see `fit`. */
export interface WatchOptions {
  /**
   * `stop`: `fit` rejects with a NonFiniteError. `warn`: it is told once, and training goes on as if nobody looked. `restore`: the
   * batch is left out; where a weight is not finite, or this is not the first finding since all layers were looked at, weights and
   * optimizer state go back to what they were then, or when `fit` began. After `restores` of these it is a NonFiniteError. Default `stop`.
   */
  readonly action?: WatchAction;
  /** Every so many steps all layers' outputs are looked at, before their activations too, which may hide an infinity; Infinity: never. Default 100. */
  readonly everySteps?: number;
  /** Default 10. */
  readonly restores?: number;
  /** Told of each finding, and awaited. Absent: `console.warn`, but not before a NonFiniteError. */
  readonly onNonFinite?: (finding: NonFiniteLocation) => void | Promise<void>;
}

/** What they may be. */
export const WATCH_OPTIONS = {
  action: 'any',
  everySteps: 'any',
  restores: 'countFrom0',
  onNonFinite: 'function',
} as const satisfies Record<keyof WatchOptions, Kind>;

/** @returns undefined where nobody is to look @throws ArgumentError for options that do not exist or are out of range */
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

/** What a watch goes by: all filled in. */
export type WatchSettings = NonNullable<ReturnType<typeof watchOptions>>;
