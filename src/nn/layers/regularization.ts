/** The layers `activation`, `dropout` and `batchNormalization`, which keep the shape of their input. */
import { batchNormInference, batchNormTraining, dropout, movingAverage } from '../../ops/index.ts';
import { check } from '../../options.ts';
import type { Variable } from '../../tensor.ts';
import { type ActivationName, activate, checkActivation } from '../activations.ts';
import { checkInitializer, type Initializer } from '../initializers.ts';
import type { LayerOptions, LayerType, WeightSpec } from './layer.ts';

export interface ActivationOptions extends LayerOptions {
  readonly activation: ActivationName;
}

export const activationLayer: LayerType<ActivationOptions> = {
  type: 'activation',
  className: 'Activation',
  optionKinds: { activation: 'any' },
  build({ activation }, inputShape, what) {
    checkActivation(what, activation);
    return { outputShape: inputShape, weights: [], apply: (x) => activate(x, activation) };
  },
};

export interface DropoutOptions extends LayerOptions {
  /** Fraction of values that are set to 0 in training, from 0 to below 1. */
  readonly rate: number;
}

/** Inverted dropout: in training the remaining values are scaled by 1 / (1 - rate), so that inference leaves values unchanged. */
export const dropoutLayer: LayerType<DropoutOptions> = {
  type: 'dropout',
  className: 'Dropout',
  optionKinds: { rate: 'any' },
  build({ rate }, inputShape, what) {
    check(what, 'rate', rate, 'decay');
    return {
      outputShape: inputShape,
      weights: [],
      apply: (x, _, { training, seed, index }) =>
        training && rate > 0 ? dropout(x, seed(), { rate, salt: index }) : x,
    };
  },
};

export interface BatchNormalizationOptions extends LayerOptions {
  /** Weight of the old value in the update of the moving averages. Default 0.99. */
  readonly momentum?: number;
  /** Added to the variance. Default 0.001. */
  readonly epsilon?: number;
  /** Whether to learn an offset `beta`. Default true. */
  readonly center?: boolean;
  /** Whether to learn a factor `gamma`. Default true. */
  readonly scale?: boolean;
  /** Default `zeros`. */
  readonly betaInitializer?: Initializer;
  /** Default `ones`. */
  readonly gammaInitializer?: Initializer;
}

/**
 * Normalizes each channel (the last axis) over the batch, as in Keras: with the biased variance in training, and with moving
 * averages in inference. A frozen layer (`trainable: false`) works in training as in inference.
 */
export const batchNormalizationLayer: LayerType<BatchNormalizationOptions> = {
  type: 'batchNormalization',
  className: 'BatchNormalization',
  optionKinds: {
    momentum: 'decay',
    epsilon: 'positive',
    center: 'boolean',
    scale: 'boolean',
    betaInitializer: 'any',
    gammaInitializer: 'any',
  },
  build(options, inputShape, what) {
    const { momentum = 0.99, epsilon = 1e-3, center = true, scale = true } = options;
    const { gammaInitializer = 'ones', betaInitializer = 'zeros' } = options;
    checkInitializer(what, 'gammaInitializer', gammaInitializer);
    checkInitializer(what, 'betaInitializer', betaInitializer);
    const shape = [inputShape.at(-1)!];
    const weight = (name: string, initializer: Initializer, trainable: boolean): WeightSpec => ({
      name,
      shape,
      initializer,
      trainable,
    });
    // Constants in place of a factor or an offset that is not learned. They are made once, so that all graphs share them.
    const fixed = (name: string, value: number): Variable => ({
      name: `${what}/${name}`,
      shape,
      dtype: 'f32',
      initial: () => new Float32Array(shape[0]!).fill(value),
    });
    const fixedGamma = fixed('gamma', 1);
    const fixedBeta = fixed('beta', 0);
    return {
      outputShape: inputShape,
      weights: [
        ...(scale ? [weight('gamma', gammaInitializer, true)] : []),
        ...(center ? [weight('beta', betaInitializer, true)] : []),
        weight('moving_mean', 'zeros', false),
        { ...weight('moving_variance', 'ones', false), notNegative: true },
      ],
      apply(x, weights, { graph, training, trainable, rows, average = movingAverage }) {
        const rest = [...weights];
        const gamma = scale ? rest.shift()! : graph.variable(fixedGamma);
        const beta = center ? rest.shift()! : graph.variable(fixedBeta);
        const [movingMean, movingVariance] = rest;
        if (!training || !trainable) {
          return batchNormInference(x, gamma, beta, movingMean!, movingVariance!, { epsilon });
        }
        const { y, mean, variance } = batchNormTraining(x, gamma, beta, rows(), { epsilon });
        average(movingMean!, mean, { momentum });
        average(movingVariance!, variance, { momentum });
        return y;
      },
    };
  },
};
