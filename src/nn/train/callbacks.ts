/** The callbacks of `fit`: their hooks, what they see of training, and the list that calls the user's callbacks in order. */
import { ArgumentError } from '../../errors.ts';
import { checkOptions, isRecord, type Kind } from '../../options.ts';
import { refuseOtherNames } from '../../otherNames.ts';
import { shown } from '../../shown.ts';
import type { Model } from '../model.ts';

/** Numbers by name: `loss`, the metrics, and for an epoch with validation `valLoss`, `valAccuracy`, … */
export type Logs = Readonly<Record<string, number>>;

/** A batch's logs: its own loss and metrics, and `size`, the number of its examples. */
export interface BatchLogs {
  readonly size: number;
  readonly [name: string]: number;
}

/** The running training, as its callbacks see and control it. */
export interface Training {
  readonly model: Model;
  readonly epochs: number;
  /** Undefined in the first epoch over a `StreamedDataset`, unless `fit` was given it. */
  readonly stepsPerEpoch: number | undefined;
  readonly batchSize: number;
  /** Number of training examples in an epoch; undefined for a `StreamedDataset`. */
  readonly examples: number | undefined;
  /** The epoch in which training begins: 0, unless `resume` continues a run. */
  readonly initialEpoch: number;
  /** Steps of the first epoch that were done before: by `resume`, or as the option `startAtStep` says. */
  readonly startAtStep: number;
  /**
   * Ends training, or its validation, after the current step; `fit` then returns as usual. If this leaves a validation
   * incomplete, the logs of its epoch have no `valLoss` and no other validation metrics.
   */
  stop(): void;
  /** Whether `stop` was called. */
  readonly stopped: boolean;
  /** Whether training is paused. */
  readonly paused: boolean;
  /** Pauses training and validation after the current step, until `resume`. */
  pause(): void;
  resume(): void;
  /** While paused: allows one more training step, and a validation that comes before it. */
  step(): void;
}

/**
 * Hooks of `fit`. Each hook but `onBatchLogs` may be asynchronous and is awaited. So a change that a hook makes (`stop`, an
 * abort, `pause`, `learningRate`, `setWeights`, …) takes effect before the next step, and what it reads from the model is the
 * state after the last step. With `onBatchBegin` or `onBatchEnd`, each step waits for the hook, which costs time; use
 * `onBatchLogs` for code that only draws or counts. When steps are repeated after the loss of a device, hooks are not called a
 * second time for them. But a hook that failed with a DeviceError of the model, because the device was lost, is called once more.
 */
export interface Callback {
  onTrainBegin?(training: Training): void | Promise<void>;
  onTrainEnd?(history: History, training: Training): void | Promise<void>;
  /** @param epoch counted from 0 */
  onEpochBegin?(epoch: number, training: Training): void | Promise<void>;
  onEpochEnd?(epoch: number, logs: Logs, training: Training): void | Promise<void>;
  /**
   * Called before the step of a batch. The hook may delay the step with a promise, or prevent it with `stop`.
   * @param batch counted from 0 within the epoch
   */
  onBatchBegin?(batch: number, training: Training): void | Promise<void>;
  /** Called after the step of a batch and before the next step. It is not called for a batch that `watch` leaves out. */
  onBatchEnd?(batch: number, logs: BatchLogs, training: Training): void | Promise<void>;
  /**
   * Called with a batch's logs when they arrive, in order, and before later hooks. No step waits for it, so it may come several
   * steps late, and a change that it makes takes effect at a later step that depends on timing. A promise that it returns is not
   * awaited. A rejection ends `fit`, as an error does; after `fit` has returned, it is an unhandled rejection.
   */
  onBatchLogs?(batch: number, logs: BatchLogs, training: Training): void;
}

export const HOOKS = {
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
 * Checks callbacks. They may be objects of any class, with other members besides hooks. Members with names like those of
 * hooks are checked, since a misspelt hook would never be called.
 * @throws ArgumentError if a callback is not an object, or if a member is named like a hook but is not one
 */
export function checkCallbacks(what: string, callbacks: Callback | readonly Callback[]): void {
  for (const callback of [callbacks].flat()) {
    if (!isRecord(callback)) {
      throw new ArgumentError(
        `${what}: callbacks must be objects, got ${shown(callback)}. Name its hook: { onEpochEnd(epoch, logs) { … } }. ` +
          'If it makes a callback, call it: earlyStopping().',
      );
    }
    const hooks: Record<string, unknown> = {};
    // The methods of an object are members of its prototypes.
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
 * Values of each epoch, by name: `loss`, `accuracy`, `valLoss`, `valAccuracy`, …. `loss[i]` belongs to the epoch `epoch[i]`. What was
 * not computed, a metric that compile was not given or all that begins with `val` without validation, is absent. A value is NaN if
 * the epoch has none: all its steps were done before, or its validation was stopped. An epoch with no values is left out.
 */
export interface History {
  readonly epoch: readonly number[];
  readonly loss: readonly number[];
  readonly accuracy?: readonly number[];
  readonly valLoss?: readonly number[];
  readonly valAccuracy?: readonly number[];
  readonly [name: string]: readonly number[] | undefined;
  /** Keras' object with a history in it. Here the values themselves are returned: `history.loss`. */
  readonly history: never;
  /** It is `accuracy`. */
  readonly acc: never;
  /** It is `valAccuracy`. */
  readonly val_acc: never;
  /** It is `valAccuracy`. */
  readonly val_accuracy: never;
  /** It is `valLoss`. */
  readonly val_loss: never;
}

/** What Keras and TensorFlow.js have in a history or in logs. @param what the variable, for the advice */
const inPlaceOf = (what: string) => ({
  acc: `write ${what}.accuracy`,
  val_acc: `write ${what}.valAccuracy`,
  val_accuracy: `write ${what}.valAccuracy`,
  val_loss: `write ${what}.valLoss`,
});

/** `valLoss` for `loss`. */
export const ofValidation = (name: string): string => `val${name[0]!.toUpperCase()}${name.slice(1)}`;

/** Logs in which the names of Keras are errors. */
export const asLogs = <T extends Logs>(logs: T): T => refuseOtherNames('logs', logs, inPlaceOf('logs'));

/** A history in which the names of Keras are errors. */
export const asHistory = <T extends object>(history: T): T =>
  refuseOtherNames('history', history, {
    ...inPlaceOf('history'),
    history: 'write history.loss, not history.history.loss',
  });
/** A place in the order of all events: an epoch, and a number within it. */
type Place = readonly [epoch: number, event: number];

/** The event of a batch: it has three, after the one that begins the epoch. */
const ofBatch = (epoch: number, batch: number, part = 0): Place => [epoch, 1 + 3 * batch + part];

const LAST: Place = [Number.POSITIVE_INFINITY, 0];

/**
 * Collects the logs of each epoch and calls the user's callbacks in order. When steps are repeated after the loss of a device,
 * events come again; then only the callbacks that were not called before are called.
 */
export class CallbackList {
  readonly history: Record<string, number[]> = asHistory({ epoch: [] });
  readonly #callbacks: readonly Callback[];
  readonly #training: Training;
  /** Logs of each epoch that has ended. */
  readonly logs: Logs[] = [];
  /** The last event. */
  #lastEvent: Place = [-1, -1];
  /** Number of callbacks that were called for it. */
  #called = 0;
  /** Rejections of the promises that `onBatchLogs` returned. */
  #failures: unknown[] = [];

  /**
   * @param logs logs of the epochs that were done before
   * @param names what the history has even if no epoch gives it
   */
  constructor(
    callbacks: Callback | readonly Callback[],
    training: Training,
    logs: readonly Logs[] = [],
    names: readonly string[] = [],
  ) {
    for (const name of names) this.history[name] = [];
    this.#callbacks = Array.isArray(callbacks) ? [...callbacks] : [callbacks as Callback];
    this.#training = training;
    for (const ofEpoch of logs) this.#note(ofEpoch);
  }

  /** Whether steps wait for hooks. */
  get holdsSteps(): boolean {
    return this.#callbacks.some(({ onBatchBegin, onBatchEnd }) => onBatchBegin || onBatchEnd);
  }

  /** Whether any callback has a hook for batches. */
  get listensToBatches(): boolean {
    return this.holdsSteps || this.#callbacks.some(({ onBatchLogs }) => onBatchLogs);
  }

  trainBegin(): Promise<void> {
    return this.#each([-1, 0], (callback) => callback.onTrainBegin?.(this.#training));
  }

  async trainEnd(): Promise<History> {
    const history = this.history as unknown as History;
    await this.#each(LAST, (callback) => callback.onTrainEnd?.(history, this.#training));
    return history;
  }

  epochBegin(epoch: number): Promise<void> {
    return this.#each([epoch, 0], (callback) => callback.onEpochBegin?.(epoch, this.#training));
  }

  epochEnd(epoch: number, logs: Logs): Promise<void> {
    if (epoch === this.logs.length) this.#note(logs);
    return this.#each([epoch, Number.POSITIVE_INFINITY], (callback) =>
      callback.onEpochEnd?.(epoch, logs, this.#training),
    );
  }

  batchBegin(epoch: number, batch: number): Promise<void> {
    return this.#each(ofBatch(epoch, batch), (callback) => callback.onBatchBegin?.(batch, this.#training));
  }

  batchLogs(epoch: number, batch: number, logs: BatchLogs): void {
    this.#checkFailures();
    for (const callback of this.#remaining(ofBatch(epoch, batch, 1))) {
      const result: unknown = callback.onBatchLogs?.(batch, logs, this.#training);
      if (!result) continue;
      Promise.resolve(result).catch((error) => {
        if (this.#lastEvent === LAST) throw error; // training has ended: make it an unhandled rejection
        this.#failures.push(error);
      });
    }
  }

  batchEnd(epoch: number, batch: number, logs: BatchLogs): Promise<void> {
    return this.#each(ofBatch(epoch, batch, 2), (callback) => callback.onBatchEnd?.(batch, logs, this.#training));
  }

  #note(logs: Logs): void {
    const { history } = this;
    const epoch = this.logs.push(asLogs(logs)) - 1;
    if (Object.keys(logs).length === 0) return;
    const before = history.epoch!.push(epoch) - 1;
    for (const name of Object.keys({ ...history, ...logs })) {
      if (name === 'epoch') continue;
      history[name] ??= Array(before).fill(Number.NaN);
      history[name].push(logs[name] ?? Number.NaN);
    }
  }

  async #each(event: Place, call: (callback: Callback) => void | Promise<void>): Promise<void> {
    this.#checkFailures();
    for (const callback of this.#remaining(event)) await call(callback);
  }

  /** The callbacks that are still to be called for an event. A callback that throws is not counted, so it is called again. */
  *#remaining(event: Place): Iterable<Callback> {
    const [epoch, number] = this.#lastEvent;
    const after = event[0] - epoch || (event[1] === number ? 0 : event[1] - number); // infinite ones may be equal
    if (after < 0) return;
    if (after > 0) this.#called = 0;
    this.#lastEvent = event;
    for (; this.#called < this.#callbacks.length; this.#called++) yield this.#callbacks[this.#called]!;
  }

  #checkFailures(): void {
    if (this.#failures.length > 0) throw this.#failures.shift();
  }
}
