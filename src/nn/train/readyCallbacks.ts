/** The callbacks that come with the engine. */
import { ArgumentError } from '../../errors.ts';
import { check, checkOneOf, checkOptions, flushed, type Kind, likely } from '../../options.ts';
import type { NamedWeights } from '../file/weights.ts';
import type { Callback } from './callbacks.ts';

export interface EarlyStoppingOptions {
  /** Name of the epoch's log to monitor. Default `valLoss`. */
  readonly monitor?: string;
  /** The least change that counts as an improvement; its sign does not matter. Default 0. */
  readonly minDelta?: number;
  /** Epochs without a better value before training stops. Default 0. */
  readonly patience?: number;
  /** Whether larger is better. Default: `max` for names that end in `accuracy`, else `min`. */
  readonly mode?: 'min' | 'max';
  /** Whether to restore the weights of the best epoch when training ends. Default false. */
  readonly restoreBestWeights?: boolean;
}

/** The type of each option, for `checkOptions`. */
export const EARLY_STOPPING_OPTIONS = {
  monitor: 'text',
  minDelta: 'number',
  patience: 'countFrom0',
  mode: 'any',
  restoreBestWeights: 'boolean',
} as const satisfies Record<keyof EarlyStoppingOptions, Kind>;

/** Stops training when a monitored value no longer improves, as Keras' EarlyStopping does. */
export function earlyStopping(options: EarlyStoppingOptions = {}): Callback {
  checkOptions('earlyStopping', options, EARLY_STOPPING_OPTIONS);
  const { monitor = 'valLoss', minDelta = 0, patience = 0, restoreBestWeights = false } = options;
  const { mode = /accuracy$/i.test(monitor) ? 'max' : 'min' } = options;
  checkOneOf('earlyStopping', 'mode', mode, ['min', 'max']);
  const sign = mode === 'max' ? -1 : 1;
  let best = Number.POSITIVE_INFINITY;
  let waited = 0;
  let weights: NamedWeights | undefined;
  return {
    onTrainBegin() {
      best = Number.POSITIVE_INFINITY;
      waited = 0;
      weights = undefined;
    },
    async onEpochEnd(_, logs, training) {
      const value = { ...logs }[monitor]; // a copy: Keras' names are errors in the logs, and the message here is better
      // There is no validation after a stop, and no loss if all steps of the epoch were done before.
      if (value === undefined && (training.stopped || logs.loss === undefined)) return;
      if (value === undefined) {
        const names = Object.keys(logs);
        const isValidated = names.some((name) => name.startsWith('val'));
        const hint = /^val/.test(monitor) && !isValidated ? ' Give fit validationSplit or validationData.' : '';
        throw new ArgumentError(
          `earlyStopping: there is no '${monitor}' in the logs: ${names.join(', ')}.${hint || likely(monitor, names)}`,
        );
      }
      if (sign * value < best - Math.abs(minDelta)) {
        // Read the weights first: if that fails, `best` must stay as it is, since the hook may be called again.
        if (restoreBestWeights) weights = await training.model.getWeights();
        best = sign * value;
        waited = 0;
      } else if (++waited >= patience) training.stop();
    },
    async onTrainEnd(_, { model }) {
      if (weights) await model.setWeights(weights);
    },
  };
}

/** Sets the learning rate at the start of each epoch. @param rate gets the epoch, counted from 0, and the current rate */
export function learningRateScheduler(rate: (epoch: number, current: number) => number): Callback {
  check('learningRateScheduler', 'rate', rate, 'function');
  return {
    onEpochBegin(epoch, { model }) {
      model.learningRate = flushed(rate(epoch, model.learningRate));
    },
  };
}
