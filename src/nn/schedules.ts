/**
 * Schedules of the learning rate, with Keras' formulas. A schedule is plain data with a function `at`, so that files can
 * store it.
 */
import { ArgumentError } from '../errors.ts';
import { check, likely, withDefaults } from '../options.ts';
import { shown } from '../shown.ts';

/** A schedule as plain JSON, from which `scheduleFromConfig` builds it again. */
export interface ScheduleConfig {
  readonly name: string;
  readonly config: Readonly<Record<string, number | boolean | null>>;
}

/** A learning rate that depends on the step. `JSON.stringify` gives its `ScheduleConfig`. */
export interface Schedule extends ScheduleConfig {
  /** The learning rate of a step. The first step is number 0, as in Keras. */
  at(step: number): number;
}

/** In place of a default for a required option: it fails every check. */
const REQUIRED = undefined as unknown as number;

export interface ConstantScheduleOptions {
  readonly learningRate: number;
}

/** A constant learning rate. @throws ArgumentError unless it is positive */
export function constantSchedule(options: ConstantScheduleOptions): Schedule {
  const config = withDefaults('constantSchedule', { learningRate: REQUIRED }, options);
  check('constantSchedule', 'learningRate', config.learningRate, 'positive');
  return { name: 'constant', config, at: () => config.learningRate };
}

export interface StepDecayOptions {
  readonly initialLearningRate: number;
  /** Factor of each decay, usually in (0, 1]. */
  readonly factor: number;
  /** Steps from one decay to the next. */
  readonly every: number;
}

/** initialLearningRate * factor^floor(step / every). @throws ArgumentError unless all three are positive */
export function stepDecay(options: StepDecayOptions): Schedule {
  const defaults = { initialLearningRate: REQUIRED, factor: REQUIRED, every: REQUIRED };
  const config = withDefaults('stepDecay', defaults, options);
  const { initialLearningRate, factor, every } = config;
  for (const [name, value] of Object.entries(config)) check('stepDecay', name, value, 'positive');
  return { name: 'stepDecay', config, at: (step) => initialLearningRate * factor ** Math.floor(step / every) };
}

export interface ExponentialDecayOptions {
  readonly initialLearningRate: number;
  readonly decaySteps: number;
  readonly decayRate: number;
  /** Whether to decay in jumps, every `decaySteps` steps. Default false. */
  readonly staircase?: boolean;
}

/**
 * initialLearningRate * decayRate^(step / decaySteps), with the exponent rounded down if `staircase`: Keras'
 * ExponentialDecay.
 * @throws ArgumentError unless the numbers are positive
 */
export function exponentialDecay(options: ExponentialDecayOptions): Schedule {
  const what = 'exponentialDecay';
  const config = withDefaults(
    what,
    { initialLearningRate: REQUIRED, decaySteps: REQUIRED, decayRate: REQUIRED, staircase: false as boolean },
    options,
  );
  const { initialLearningRate, decaySteps, decayRate, staircase } = config;
  check(what, 'initialLearningRate', initialLearningRate, 'positive');
  check(what, 'decaySteps', decaySteps, 'positive');
  check(what, 'decayRate', decayRate, 'positive');
  check(what, 'staircase', staircase, 'boolean');
  const exponent = (step: number) => (staircase ? Math.floor(step / decaySteps) : step / decaySteps);
  return { name: what, config, at: (step) => initialLearningRate * decayRate ** exponent(step) };
}

export interface CosineDecayOptions {
  /** Learning rate at step 0. It may be 0 if there is a warm-up. */
  readonly initialLearningRate: number;
  /** Steps of the decay, after those of the warm-up. */
  readonly decaySteps: number;
  /** The final learning rate, as a fraction of the one at the start of the decay. Default 0. */
  readonly alpha?: number;
  /** Learning rate at the end of the warm-up. If absent or null, there is no warm-up. */
  readonly warmupTarget?: number | null;
  /** Steps of the warm-up, default 0. */
  readonly warmupSteps?: number;
}

/**
 * A linear warm-up from initialLearningRate to warmupTarget, then a decay along half a cosine to alpha * warmupTarget, which then
 * stays. Without a warm-up, the decay starts at initialLearningRate. Keras' CosineDecay, https://arxiv.org/abs/1608.03983.
 * @throws ArgumentError for numbers out of range, and for warm-up steps without a target
 */
export function cosineDecay(options: CosineDecayOptions): Schedule {
  const what = 'cosineDecay';
  const config = withDefaults(
    what,
    {
      initialLearningRate: REQUIRED,
      decaySteps: REQUIRED,
      alpha: 0,
      warmupTarget: null as number | null,
      warmupSteps: 0,
    },
    options,
  );
  const { initialLearningRate, decaySteps, alpha, warmupTarget, warmupSteps } = config;
  check(what, 'initialLearningRate', initialLearningRate, warmupTarget === null ? 'positive' : 'notNegative');
  check(what, 'decaySteps', decaySteps, 'positive');
  check(what, 'alpha', alpha, 'fraction');
  check(what, 'warmupSteps', warmupSteps, 'notNegative');
  if (warmupTarget !== null) check(what, 'warmupTarget', warmupTarget, 'positive');
  else if (warmupSteps > 0) throw new ArgumentError(`${what}: ${warmupSteps} warmupSteps need a warmupTarget.`);

  const start = warmupTarget ?? initialLearningRate;
  const at = (step: number) => {
    if (step < warmupSteps) return initialLearningRate + (start - initialLearningRate) * (step / warmupSteps);
    const progress = Math.min(step - warmupSteps, decaySteps) / decaySteps;
    return start * (alpha + (1 - alpha) * 0.5 * (1 + Math.cos(Math.PI * progress)));
  };
  return { name: what, config, at };
}

const SCHEDULES = {
  constant: constantSchedule,
  stepDecay,
  exponentialDecay,
  cosineDecay,
} satisfies Readonly<Record<string, (config: never) => Schedule>>;

export type ScheduleName = keyof typeof SCHEDULES;

/** Whether it is the name of one of these schedules, so that a file can store it. */
export const isKnownSchedule = (name: unknown): name is ScheduleName =>
  typeof name === 'string' && Object.hasOwn(SCHEDULES, name);

/** Builds a schedule from its JSON. @throws ArgumentError for a name or an option that does not exist */
export function scheduleFromConfig({ name, config }: ScheduleConfig): Schedule {
  const create = isKnownSchedule(name) ? SCHEDULES[name] : undefined;
  if (!create) {
    throw new ArgumentError(
      `schedule: there is none named ${shown(name)}; there are ${Object.keys(SCHEDULES).join(', ')}.${likely(name, Object.keys(SCHEDULES))}`,
    );
  }
  // The schedule checks names and values of its options itself.
  return create(config as never);
}
