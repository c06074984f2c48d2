import { ArgumentError } from '../../errors.ts';
import { check, checkOneOf, checkOptions, flushed, type Kind, likely } from '../../options.ts';
import type { NamedWeights } from '../file/weights.ts';
import type { Model } from '../model.ts';

/** Numbers by name: `loss`, the metrics, and for an epoch with validation `valLoss`, `valAccuracy`, … */
export type Logs = Readonly<Record<string, number>>;

/** A batch's logs: its own loss and metrics, and `size`, the number of its examples. */
export interface BatchLogs {
  readonly size: number;
  readonly [name: string]: number;
}

/** What callbacks see of the training that calls them. */
export interface Training {
  readonly model: Model;
  readonly epochs: number;
  readonly stepsPerEpoch: number;
  readonly batchSize: number;
  /** Examples trained on in an epoch. */
  readonly examples: number;
  /** Where training begins: the epoch, and the steps of it that were done before, in a run that `resume` goes on with. */
  readonly initialEpoch: number;
  readonly startAtStep: number;
  /**
   * Ends training, or its validation, after the step under way; `fit` then returns as usual. The logs of an epoch whose
   * validation was not done, or not to its end, have no `valLoss`, ….
   */
  stop(): void;
  /** Whether `stop` was called. */
  readonly stopped: boolean;
  /** Whether steps are held back. */
  readonly paused: boolean;
  /** Holds back the steps after the one under way, those of the validation too, until `resume`. */
  pause(): void;
  resume(): void;
  /** While paused: lets one more training step through, and a validation that comes before it. */
  step(): void;
}

/**
 * Hooks of `fit`. Each may be asynchronous and is awaited, but for `onBatchLogs`; so what a hook asks for (`stop`, an abort, `pause`,
 * `learningRate`, `setWeights`, …) holds from the next step, and what it reads of the model, and awaits, is what the steps up to there have left.
 * Where somebody has `onBatchBegin` or `onBatchEnd` no step begins before they are done, which costs time: code that only draws or
 * counts takes `onBatchLogs`. What is done again after the loss of a device is not told again; but a hook that failed because the
 * device was lost, with a DeviceError of the model, is called once more.
 */
export interface Callback {
  onTrainBegin?(training: Training): void | Promise<void>;
  onTrainEnd?(history: History, training: Training): void | Promise<void>;
  /** @param epoch counted from 0 */
  onEpochBegin?(epoch: number, training: Training): void | Promise<void>;
  onEpochEnd?(epoch: number, logs: Logs, training: Training): void | Promise<void>;
  /**
   * Before the step of a batch, which it may still hold back, or leave out with `stop`.
   * @param batch counted from 0 within the epoch
   */
  onBatchBegin?(batch: number, training: Training): void | Promise<void>;
  /** After the step of a batch, and before the next one. A batch that a `watch` leaves out has no end. */
  onBatchEnd?(batch: number, logs: BatchLogs, training: Training): void | Promise<void>;
  /**
   * A batch's logs, as they come: in order, before the hooks that follow in time, but perhaps several steps late, as no step waits
   * for it. So what it asks for holds from some later step, which depends on timing. A promise that it returns is not awaited; one that
   * is rejected ends `fit`, as an error does, and once `fit` has returned it is an unhandled rejection.
   */
  onBatchLogs?(batch: number, logs: BatchLogs, training: Training): void;
}

const HOOKS = {
  onTrainBegin: 'function',
  onTrainEnd: 'function',
  onEpochBegin: 'function',
  onEpochEnd: 'function',
  onBatchBegin: 'function',
  onBatchEnd: 'function',
  onBatchLogs: 'function',
} as const satisfies Record<keyof Callback, Kind>;

const SMALL = Object.keys(HOOKS).map((name) => name.toLowerCase());

/**
 * Callbacks may be objects of any class, with more than hooks in them; a misspelt hook, though, would never be called.
 * @throws ArgumentError for what is no callback, and for what is named like a hook but is none
 */
export function checkCallbacks(what: string, callbacks: Callback | readonly Callback[]): void {
  for (const callback of [callbacks].flat()) {
    check(what, 'callbacks', callback, 'record');
    const hooks: Record<string, unknown> = {};
    // Methods lie in the classes that the object is of.
    for (let part: object = callback; part && part !== Object.prototype; part = Object.getPrototypeOf(part)) {
      for (const name of Object.getOwnPropertyNames(part)) {
        if (/^on[A-Z_]/.test(name) || SMALL.includes(name.toLowerCase()))
          hooks[name] ??= (callback as Record<string, unknown>)[name];
      }
    }
    checkOptions(`${what}: callbacks`, hooks, HOOKS, false, 'hook');
  }
}

/**
 * Values of each epoch, by name: `loss`, `accuracy`, `valLoss`, `valAccuracy`, …; `loss[i]` is that of `epoch[i]`, and NaN where it had
 * none: all its steps were done before, or its validation was stopped. An epoch in which nothing was done is left out.
 */
export interface History {
  readonly epoch: readonly number[];
  readonly loss: readonly number[];
  readonly accuracy: readonly number[];
  readonly valLoss: readonly number[];
  readonly valAccuracy: readonly number[];
  readonly [name: string]: readonly number[];
}

export interface EarlyStoppingOptions {
  /** Which of the epoch's logs decides. Default `valLoss`. */
  readonly monitor?: string;
  /** The least change that counts as better, of either sign. Default 0. */
  readonly minDelta?: number;
  /** Epochs without a better value before training stops. Default 0. */
  readonly patience?: number;
  /** Whether larger is better. Default: `max` for names that end in `accuracy`, else `min`. */
  readonly mode?: 'min' | 'max';
  /** Put the weights of the best epoch back when training ends. Default false. */
  readonly restoreBestWeights?: boolean;
}

/** What they may be. */
export const EARLY_STOPPING_OPTIONS = {
  monitor: 'text',
  minDelta: 'number',
  patience: 'countFrom0',
  mode: 'any',
  restoreBestWeights: 'boolean',
} as const satisfies Record<keyof EarlyStoppingOptions, Kind>;

/** Stops training when a value has stopped getting better; Keras' EarlyStopping. */
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
      const value = logs[monitor];
      // A stop leaves out the validation; an epoch that was done before fit began has no loss.
      if (value === undefined && (training.stopped || logs.loss === undefined)) return;
      if (value === undefined) {
        throw new ArgumentError(
          `earlyStopping: there is no '${monitor}' in the logs: ${Object.keys(logs).join(', ')}.${likely(monitor, Object.keys(logs))}`,
        );
      }
      if (sign * value < best - Math.abs(minDelta)) {
        if (restoreBestWeights) weights = await training.model.getWeights(); // first: where it fails, nothing is noted
        best = sign * value;
        waited = 0;
      } else if (++waited >= patience) training.stop();
    },
    async onTrainEnd(_, { model }) {
      if (weights) await model.setWeights(weights);
    },
  };
}

/** Sets the learning rate at the start of each epoch. @param rate from the epoch, counted from 0, and the rate so far */
export function learningRateScheduler(rate: (epoch: number, current: number) => number): Callback {
  check('learningRateScheduler', 'rate', rate, 'function');
  return {
    onEpochBegin(epoch, { model }) {
      model.learningRate = flushed(rate(epoch, model.learningRate));
    },
  };
}

/**
 * Collects each epoch's logs and passes events to the user's callbacks, in their order. Events that come again after the loss of a
 * device go to those callbacks alone that have not heard them.
 */
export class CallbackList {
  readonly history: Record<string, number[]> = { epoch: [], loss: [], accuracy: [], valLoss: [], valAccuracy: [] };
  readonly #callbacks: readonly Callback[];
  readonly #training: Training;
  /** Of each epoch that ended. */
  readonly logs: Logs[] = [];
  /** The last event that was told, as its place in the order of all, and how many callbacks have heard of it. */
  #told = -1;
  #heard = 0;
  /** What a promise that nobody awaits was rejected with. */
  #failures: unknown[] = [];

  /** @param logs of epochs that were done before */
  constructor(callbacks: Callback | readonly Callback[], training: Training, logs: readonly Logs[] = []) {
    this.#callbacks = Array.isArray(callbacks) ? [...callbacks] : [callbacks as Callback];
    this.#training = training;
    for (const ofEpoch of logs) this.#note(ofEpoch);
  }

  /** Whether steps wait for somebody. */
  get holdsSteps(): boolean {
    return this.#callbacks.some(({ onBatchBegin, onBatchEnd }) => onBatchBegin || onBatchEnd);
  }

  /** Whether somebody hears of single batches. */
  get listensToBatches(): boolean {
    return this.holdsSteps || this.#callbacks.some(({ onBatchLogs }) => onBatchLogs);
  }

  trainBegin(): Promise<void> {
    return this.#each(0, (callback) => callback.onTrainBegin?.(this.#training));
  }

  async trainEnd(): Promise<History> {
    const history = this.history as unknown as History;
    await this.#each(Number.POSITIVE_INFINITY, (callback) => callback.onTrainEnd?.(history, this.#training));
    return history;
  }

  epochBegin(epoch: number): Promise<void> {
    return this.#each(this.#at(epoch), (callback) => callback.onEpochBegin?.(epoch, this.#training));
  }

  epochEnd(epoch: number, logs: Logs): Promise<void> {
    if (epoch === this.logs.length) this.#note(logs);
    return this.#each(this.#at(epoch + 1) - 1, (callback) => callback.onEpochEnd?.(epoch, logs, this.#training));
  }

  batchBegin(epoch: number, batch: number): Promise<void> {
    return this.#each(this.#at(epoch, batch), (callback) => callback.onBatchBegin?.(batch, this.#training));
  }

  batchLogs(epoch: number, batch: number, logs: BatchLogs): void {
    this.#checkFailures();
    for (const callback of this.#unheard(this.#at(epoch, batch) + 1)) {
      const result: unknown = callback.onBatchLogs?.(batch, logs, this.#training);
      if (!result) continue;
      Promise.resolve(result).catch((error) => {
        if (this.#told === Number.POSITIVE_INFINITY) throw error; // nobody else would hear of it
        this.#failures.push(error);
      });
    }
  }

  batchEnd(epoch: number, batch: number, logs: BatchLogs): Promise<void> {
    return this.#each(this.#at(epoch, batch) + 2, (callback) => callback.onBatchEnd?.(batch, logs, this.#training));
  }

  #note(logs: Logs): void {
    const { history } = this;
    const epoch = this.logs.push(logs) - 1;
    if (Object.keys(logs).length === 0) return;
    const before = history.epoch!.push(epoch) - 1;
    for (const name of Object.keys({ ...history, ...logs })) {
      if (name === 'epoch') continue;
      history[name] ??= Array(before).fill(Number.NaN);
      history[name].push(logs[name] ?? Number.NaN);
    }
  }

  /** The place of an epoch's begin, or of a batch's, in the order of all events: an epoch has two, a batch three. */
  #at(epoch: number, batch?: number): number {
    return 1 + epoch * (3 * this.#training.stepsPerEpoch + 2) + (batch === undefined ? 0 : 1 + 3 * batch);
  }

  async #each(event: number, call: (callback: Callback) => void | Promise<void>): Promise<void> {
    this.#checkFailures();
    for (const callback of this.#unheard(event)) await call(callback);
  }

  /** The callbacks that have not heard of an event, one after another; one that fails has not. */
  *#unheard(event: number): Iterable<Callback> {
    if (event < this.#told) return;
    if (event > this.#told) this.#heard = 0;
    this.#told = event;
    for (; this.#heard < this.#callbacks.length; this.#heard++) yield this.#callbacks[this.#heard]!;
  }

  #checkFailures(): void {
    if (this.#failures.length > 0) throw this.#failures.shift();
  }
}
