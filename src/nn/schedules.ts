import { ArgumentError, shown } from '../errors.ts';
import { check, likely, withDefaults } from '../options.ts';

/** A schedule as plain JSON, enough to build it again. */
export interface ScheduleConfig {
  readonly name: string;
  readonly config: Readonly<Record<string, number | boolean | null>>;
}

/** A learning rate that depends on the step. As JSON it is its `ScheduleConfig`. */
export interface Schedule extends ScheduleConfig {
  /** The learning rate of an update; the first one is step 0, as Keras counts. */
  at(step: number): number;
}

/** Stands for the default of an option that must be given: it fails every check. */
const REQUIRED = undefined as unknown as number;

export interface ConstantScheduleOptions {
  readonly learningRate: number;
}

/** Always the same. @throws ArgumentError unless the learning rate is positive */
export function constantSchedule(options: ConstantScheduleOptions): Schedule {
  const config = withDefaults('constantSchedule', { learningRate: REQUIRED }, options);
  check('constantSchedule', 'learningRate', config.learningRate, 'positive');
  return { name: 'constant', config, at: () => config.learningRate };
}

export interface StepDecayOptions {
  readonly initialLearningRate: number;
  /** What the learning rate is multiplied by each time, in (0, 1] as a rule. */
  readonly factor: number;
  /** Steps from one time to the next. */
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
  /** Decay in jumps, every `decaySteps`. Default false. */
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
  /** May be 0 with a warm-up. */
  readonly initialLearningRate: number;
  /** Steps of the decay, which follow those of the warm-up. */
  readonly decaySteps: number;
  /** The last learning rate, as a fraction of the one that the decay starts from. Default 0. */
  readonly alpha?: number;
  /** Learning rate at the end of the warm-up. Absent or null: no warm-up. */
  readonly warmupTarget?: number | null;
  /** Steps of the warm-up, default 0. */
  readonly warmupSteps?: number;
}

/**
 * A linear warm-up from initialLearningRate to warmupTarget, then half a cosine down to alpha times that, and that value
 * from there on: Keras' CosineDecay, https://arxiv.org/abs/1608.03983.
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

const SCHEDULES: Readonly<Record<string, (config: never) => Schedule>> = {
  constant: constantSchedule,
  stepDecay,
  exponentialDecay,
  cosineDecay,
};

/** Whether a file may name it. */
export const isKnownSchedule = (name: unknown) => typeof name === 'string' && Object.hasOwn(SCHEDULES, name);

/** Builds a schedule from its JSON. @throws ArgumentError for a name or an option that does not exist */
export function scheduleFromConfig({ name, config }: ScheduleConfig): Schedule {
  const create = isKnownSchedule(name) ? SCHEDULES[name] : undefined;
  if (!create) {
    throw new ArgumentError(
      `schedule: there is none named ${shown(name)}; there are ${Object.keys(SCHEDULES).join(', ')}.${likely(name, Object.keys(SCHEDULES))}`,
    );
  }
  // The schedule checks its options itself, names and values.
  return create(config as never);
}
