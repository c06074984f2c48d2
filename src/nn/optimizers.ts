/**
 * The optimizers sgd, rmsprop, adam and adamw, with Keras' formulas and defaults. An optimizer is a description: it appends the
 * update of a weight to a graph and computes the numbers that depend on the step.
 */
import { ArgumentError } from '../errors.ts';
import { adamUpdate } from '../ops/adamUpdate.ts';
import { add } from '../ops/add.ts';
import { clipScale } from '../ops/clipScale.ts';
import { mul } from '../ops/mul.ts';
import { rmspropUpdate } from '../ops/rmspropUpdate.ts';
import { sgdUpdate } from '../ops/sgdUpdate.ts';
import { sumOfSquares } from '../ops/sumOfSquares.ts';
import { check, checkOneOf, likely, withDefaults } from '../options.ts';
import { shown } from '../shown.ts';
import type { Tensor, Variable } from '../tensor.ts';
import { type Schedule, type ScheduleConfig, scheduleFromConfig } from './schedules.ts';

/** An optimizer. It holds no state of a training run. */
export interface Optimizer {
  readonly name: 'sgd' | 'rmsprop' | 'adam' | 'adamw';
  /** Plain JSON, enough to build the optimizer again with `optimizerFromConfig(name, config)`. */
  readonly config: OptimizerConfig;
  readonly learningRate: number | Schedule;
  /** Largest norm of all gradients together; they are scaled down to it. Undefined: no clipping. */
  readonly globalClipNorm: number | undefined;
  /** The optimizer state of a weight: f32 variables of its shape that start as zeros, in the order that `update` takes. */
  slots(weight: Variable): Variable[];
  /** Index of the slot that holds a mean of squares, which is never below 0. Undefined: there is none. */
  readonly squares?: number | undefined;
  /**
   * Appends the node that updates a weight in place.
   * @param hyper input f32 `[4]`, which the host fills with `hyper(step, learningRate)` before each step
   * @param scaling f32 `[2]`, for the gradient of a scaled loss, or to prevent the update; see `lossScaling`
   */
  update(w: Tensor, slots: readonly Tensor[], dw: Tensor, hyper: Tensor, scaling?: Tensor): void;
  /** The numbers that depend on the step, at most 4, computed in double precision. The first step is number 1. */
  hyper(step: number, learningRate: number): readonly number[];
}

export type OptimizerConfig = Readonly<Record<string, number | boolean | null | ScheduleConfig>>;

interface CommonOptions {
  /** Learning rate, or a schedule for it. */
  readonly learningRate?: number | Schedule;
  /** Keras' `global_clipnorm`. Default null: no clipping. */
  readonly globalClipNorm?: number | null;
}

/** The defaults that RMSprop and Adam have in common. */
const ADAPTIVE = { learningRate: 0.001, globalClipNorm: null, epsilon: 1e-7 };

export interface SgdOptions extends CommonOptions {
  /** Default 0. */
  readonly momentum?: number;
  /** Whether to use Nesterov momentum; it has no effect if `momentum` is 0. Default false. */
  readonly nesterov?: boolean;
}

/**
 * Gradient descent, optionally with momentum or Nesterov momentum. Keras' formula and defaults (learning rate 0.01).
 * @throws ArgumentError for an option that does not exist or is out of range
 */
export function sgd(options: SgdOptions = {}): Optimizer {
  const defaults: Required<SgdOptions> = { learningRate: 0.01, globalClipNorm: null, momentum: 0, nesterov: false };
  const settings = withDefaults('sgd', defaults, options);
  const { momentum, nesterov } = settings;
  check('sgd', 'momentum', momentum, 'fraction');
  check('sgd', 'nesterov', nesterov, 'boolean');
  return optimizer('sgd', settings, {
    slots: momentum === 0 ? [] : ['velocity'],
    update: (w, slots, dw, hyper, scaling) => sgdUpdate(w, slots, dw, hyper, { momentum, nesterov }, scaling),
    hyper: (_, learningRate) => [learningRate],
  });
}

export interface RmspropOptions extends CommonOptions {
  /** Decay of the running mean of squares, default 0.9. */
  readonly rho?: number;
  /** Default 0. */
  readonly momentum?: number;
  /** Added to the mean of squares, under the root; default 1e-7. */
  readonly epsilon?: number;
  /** Whether to subtract the gradient's running mean when its variance is estimated. Default false. */
  readonly centered?: boolean;
}

/**
 * RMSprop, Keras' formula and defaults (learning rate 0.001).
 * @throws ArgumentError for an option that does not exist or is out of range
 */
export function rmsprop(options: RmspropOptions = {}): Optimizer {
  const defaults: Required<RmspropOptions> = {
    ...ADAPTIVE,
    rho: 0.9,
    momentum: 0,
    centered: false,
  };
  const settings = withDefaults('rmsprop', defaults, options);
  const { rho, momentum, epsilon, centered } = settings;
  check('rmsprop', 'rho', rho, 'decay');
  check('rmsprop', 'momentum', momentum, 'fraction');
  check('rmsprop', 'epsilon', epsilon, 'positive');
  check('rmsprop', 'centered', centered, 'boolean');
  return optimizer('rmsprop', settings, {
    squares: 0,
    slots: ['velocity', ...(momentum > 0 ? ['momentum'] : []), ...(centered ? ['average'] : [])],
    update: (w, slots, dw, hyper, scaling) =>
      rmspropUpdate(w, slots, dw, hyper, { rho, momentum, epsilon, centered }, scaling),
    hyper: (_, learningRate) => [learningRate],
  });
}

export interface AdamOptions extends CommonOptions {
  /** Decay of the running mean of gradients, default 0.9. */
  readonly beta1?: number;
  /** Decay of the running mean of their squares, default 0.999. */
  readonly beta2?: number;
  /** Added to the root of the mean of squares, the "epsilon hat" of the paper; default 1e-7. */
  readonly epsilon?: number;
}

export interface AdamwOptions extends AdamOptions {
  /** Each step subtracts learning rate * weightDecay * w from every weight, biases included. Default 0.004. */
  readonly weightDecay?: number;
}

const ADAM: Required<AdamOptions> = { ...ADAPTIVE, beta1: 0.9, beta2: 0.999 };

/**
 * Adam (https://arxiv.org/abs/1412.6980), Keras' formula and defaults (learning rate 0.001).
 * @throws ArgumentError for an option that does not exist or is out of range
 */
export function adam(options: AdamOptions = {}): Optimizer {
  return adamFamily('adam', withDefaults('adam', ADAM, options), 0);
}

/**
 * Adam with decoupled weight decay (https://arxiv.org/abs/1711.05101), Keras' formula and defaults
 * (learning rate 0.001, weight decay 0.004).
 * @throws ArgumentError for an option that does not exist or is out of range
 */
export function adamw(options: AdamwOptions = {}): Optimizer {
  const defaults: Required<AdamwOptions> = { ...ADAM, weightDecay: 0.004 };
  const settings = withDefaults('adamw', defaults, options);
  check('adamw', 'weightDecay', settings.weightDecay, 'notNegative');
  return adamFamily('adamw', settings, settings.weightDecay);
}

function adamFamily(name: 'adam' | 'adamw', settings: Required<AdamOptions>, weightDecay: number): Optimizer {
  const { beta1, beta2, epsilon } = settings;
  check(name, 'beta1', beta1, 'decay');
  check(name, 'beta2', beta2, 'decay');
  check(name, 'epsilon', epsilon, 'positive');
  return optimizer(name, settings, {
    squares: 1,
    slots: ['m', 'v'],
    update: (w, slots, dw, hyper, scaling) => adamUpdate(w, slots, dw, hyper, { beta1, beta2, epsilon }, scaling),
    hyper: (step, learningRate) => [
      (learningRate * Math.sqrt(1 - beta2 ** step)) / (1 - beta1 ** step),
      learningRate * weightDecay,
    ],
  });
}

interface Rule extends Pick<Optimizer, 'squares' | 'update' | 'hyper'> {
  /** The names of the slots. */
  readonly slots: readonly string[];
}

function optimizer(
  name: Optimizer['name'],
  { learningRate, globalClipNorm, ...others }: Required<CommonOptions>,
  { slots, squares, update, hyper }: Rule,
): Optimizer {
  const scheduled = typeof learningRate === 'object' && learningRate !== null && !Array.isArray(learningRate);
  if (!scheduled) check(name, 'learningRate', learningRate, 'positive');
  else if (typeof learningRate.at !== 'function') {
    throw new ArgumentError(`${name}: learningRate must be a number or a schedule, got ${shown(learningRate)}.`);
  }
  if (globalClipNorm !== null) check(name, 'globalClipNorm', globalClipNorm, 'positive');
  return {
    name,
    config: {
      learningRate: scheduled ? { name: learningRate.name, config: learningRate.config } : learningRate,
      globalClipNorm,
      ...others,
    },
    learningRate,
    globalClipNorm: globalClipNorm ?? undefined,
    slots: (weight) =>
      slots.map((slot) => ({ name: `${weight.name}/${name}_${slot}`, shape: weight.shape, dtype: 'f32' })),
    squares,
    update,
    hyper,
  };
}

const OPTIMIZERS: Readonly<Record<string, (options: never) => Optimizer>> = { sgd, rmsprop, adam, adamw };

/** An optimizer with default settings. @throws ArgumentError for a name that does not exist */
export function optimizerByName(name: string): Optimizer {
  checkOneOf('compile', 'optimizer', name, Object.keys(OPTIMIZERS));
  return optimizerFromConfig(name, {});
}

/**
 * Builds an optimizer from its name and config, as read from JSON.
 * @throws ArgumentError for a name or an option that does not exist or is out of range
 */
export function optimizerFromConfig(name: string, config: OptimizerConfig): Optimizer {
  const create = Object.hasOwn(OPTIMIZERS, name) ? OPTIMIZERS[name] : undefined;
  if (!create) {
    throw new ArgumentError(
      `optimizer: there is none named ${shown(name)}; there are ${Object.keys(OPTIMIZERS).join(', ')}.${likely(name, Object.keys(OPTIMIZERS))}`,
    );
  }
  check('optimizer', 'config', config, 'record');
  const options = Object.entries(config).map(([key, value]) => [
    key,
    typeof value === 'object' && value !== null ? scheduleFromConfig(value) : value,
  ]);
  // The optimizer checks names and values of its options itself.
  return create(Object.fromEntries(options) as never);
}

/**
 * Scales gradients by norm / max(global norm, norm), where the global norm is that of all gradients as one vector, as Keras'
 * `global_clipnorm` does. If one gradient is not finite, no result is finite.
 * @param squares `[1]`, the sum of the squares of all gradients; computed if absent
 * @param inverse `[1]`, a factor for the global norm, which undoes the loss scale; see `lossScaling`
 * @throws ArgumentError if there are no gradients, or if the norm is not positive
 */
export function clipByGlobalNorm(
  gradients: readonly Tensor[],
  norm: number,
  squares?: Tensor,
  inverse?: Tensor,
): Tensor[] {
  check('clipByGlobalNorm', 'gradients', gradients, 'list');
  if (gradients.length === 0) throw new ArgumentError('clipByGlobalNorm: there are no gradients.');
  const sum = squares ?? gradients.map(sumOfSquares).reduce(add);
  const scale = clipScale(inverse ? mul(mul(sum, inverse), inverse) : sum, { clipNorm: norm });
  return gradients.map((gradient) => mul(gradient, scale));
}
