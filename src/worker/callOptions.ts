/** Options with functions and objects of the page, made such that the worker can use them. What is wrong is left to the engine's checks. */
import { ArgumentError } from '../errors.ts';
import type { Optimizer } from '../nn/optimizers.ts';
import type { Schedule, ScheduleName } from '../nn/schedules.ts';
import { asLogs, type Callback, checkCallbacks, HOOKS, type Logs } from '../nn/train/callbacks.ts';
import { isRecord, listed } from '../options.ts';
import { Coded } from './encode.ts';
import type { Outgoing } from './outgoing.ts';
import { MARK, type TrainingData } from './protocol.ts';
import type { RemoteTraining } from './types.ts';

type Options = Readonly<Record<string, unknown>>;

/** @throws ArgumentError for a device of the page */
function refuseDevice(what: string, { device }: Options): void {
  if (device === undefined) return;
  throw new ArgumentError(
    `${what}: device: a device of the page does not work in a worker, which asks for one by itself: leave it out.`,
  );
}

/** What `compile` and `loadModel` have in common. The worker calls these functions as long as the model lives. */
function computing(what: string, out: Outgoing, options: Options): Options {
  refuseDevice(what, options);
  const { onProgress, tune } = options;
  return {
    ...(onProgress === undefined ? {} : { onProgress: out.fn(onProgress, false, 'model') }),
    ...(isRecord(tune)
      ? { tune: { ...tune, store: out.methods((tune as Options).store, ['load', 'save'], 'model') } }
      : {}),
  };
}

export function loadOptions(out: Outgoing, options: Options): Options {
  return { ...options, ...computing('remote', out, options), onBytes: out.fn(options.onBytes, false) };
}

export function compileOptions(out: Outgoing, options: unknown): unknown {
  if (!isRecord(options)) return options;
  const { optimizer } = options as Options;
  return { ...options, ...computing('compile', out, options as Options), optimizer: optimizerOf(out, optimizer) };
}

/** The engine's optimizers, and its schedules with the functions that make them: what a worker makes anew. */
const OPTIMIZERS = { sgd: 0, rmsprop: 0, adam: 0, adamw: 0 } satisfies Record<Optimizer['name'], 0>;
const SCHEDULES = {
  constant: 'constantSchedule',
  stepDecay: 'stepDecay',
  exponentialDecay: 'exponentialDecay',
  cosineDecay: 'cosineDecay',
} satisfies Record<ScheduleName, string>;

/** @throws ArgumentError for an optimizer, or a schedule, of the caller's own */
function refuseOwn(given: Partial<Optimizer>): void {
  const cannot = 'of your own cannot go to a worker, since functions cannot be sent. Use';
  const isKnown = isRecord(given.config) && Object.hasOwn(OPTIMIZERS, given.name!);
  if (!isKnown && typeof given.update === 'function') {
    const names = Object.keys(OPTIMIZERS).map((name) => `${name}()`);
    throw new ArgumentError(`compile: optimizer: one ${cannot} ${listed(names, 'or')}.`);
  }
  const schedule: unknown = given.learningRate ?? given.config?.learningRate;
  const { at, name } = (schedule ?? {}) as Partial<Schedule>;
  if (typeof schedule !== 'function' && (typeof at !== 'function' || Object.hasOwn(SCHEDULES, name!))) return;
  throw new ArgumentError(
    `compile: optimizer: learningRate: a schedule ${cannot} ${listed(Object.values(SCHEDULES), 'or')} of neurite, or set the rate in ` +
      'a callback: { onBatchBegin: (batch, training) => { training.model.learningRate = …; } }.',
  );
}

/** An optimizer is made anew in the worker, out of its name and its settings. */
function optimizerOf(out: Outgoing, optimizer: unknown): unknown {
  if (!isRecord(optimizer)) return optimizer;
  refuseOwn(optimizer);
  if (!('config' in optimizer) || !isRecord(optimizer.config)) return optimizer;
  const { name, config } = optimizer as { name: string; config: Options };
  const settings = Object.entries(config).map(([key, value]) => {
    const isSchedule = isRecord(value) && 'config' in value && 'name' in value;
    return [key, isSchedule ? { name: value.name, config: value.config } : value];
  });
  const own = out.encode(Object.fromEntries(settings), 'optimizer') as never;
  return new Coded({ [MARK]: 'optimizer', name, config: own });
}

/** @param trainingOf the training as the hooks of this call see it */
export function fitOptions(
  out: Outgoing,
  options: unknown,
  trainingOf: (data: TrainingData) => RemoteTraining,
): unknown {
  if (!isRecord(options)) return options;
  const { callbacks, recovery, watch } = options as Options;
  return {
    ...options,
    ...(callbacks === undefined ? {} : { callbacks: hooksOf(out, callbacks as Callback, trainingOf) }),
    ...(isRecord(recovery) ? { recovery: recoveryOf(out, recovery as Options) } : {}),
    ...(isRecord(watch) ? { watch: { ...watch, onNonFinite: out.fn((watch as Options).onNonFinite, true) } } : {}),
  };
}

function recoveryOf(out: Outgoing, recovery: Options): Options {
  refuseDevice('fit: recovery', recovery);
  const { onRecovery, store } = recovery;
  return { ...recovery, onRecovery: out.fn(onRecovery, true), store: out.methods(store, ['load', 'save', 'remove']) };
}

/** For each callback the hooks that it has: steps wait for those of batches alone if there are any. */
function hooksOf(
  out: Outgoing,
  callbacks: Callback | readonly Callback[],
  trainingOf: (data: TrainingData) => RemoteTraining,
) {
  checkCallbacks('fit', callbacks);
  return ([callbacks].flat() as Callback[]).map((callback) => {
    const hooks = Object.keys(HOOKS).filter((name) => callback[name as keyof Callback]);
    return Object.fromEntries(
      hooks.map((name) => {
        const hook = callback[name as keyof Callback] as (...args: readonly unknown[]) => unknown;
        const call = (args: readonly unknown[], training?: TrainingData) => {
          if (name === 'onEpochEnd') asLogs(args[1] as Logs);
          return hook.call(callback, ...args, trainingOf(training!));
        };
        return [name, out.register({ call, waits: name !== 'onBatchLogs', hook: true }, 'call')];
      }),
    );
  });
}
