/** What compile's options ask for, checked; needs no device. */
import { ArgumentError } from '../errors.ts';
import { lossScale } from '../ops/lossScaling.ts';
import { packVariables } from '../packing.ts';
import type { TuneOptions } from '../runtime/tuning.ts';
import type { Variable } from '../tensor.ts';
import type { CompileOptions } from './compileOptions.ts';
import { lossByName, metricByName } from './losses.ts';
import type { Network } from './network.ts';
import { adam, type Optimizer } from './optimizers.ts';
import { checkNotNegative, checkOptions, checkPositive } from './options.ts';
import type { Recipe } from './step.ts';

/** @throws ArgumentError for losses, metrics, seeds that do not exist or do not fit the model */
export function makeRecipe(network: Network, options: CompileOptions): Recipe {
  const { optimizer = adam(), metrics = [], seed = 0, tune = true, precision = 'float32' } = options;
  checkTune(tune);
  if (precision !== 'float32' && precision !== 'mixed') {
    throw new ArgumentError(`compile: precision must be 'float32' or 'mixed', got ${precision}.`);
  }
  if (options.memoryLimit !== undefined) checkPositive('compile', 'memoryLimit', options.memoryLimit);
  if (!Number.isInteger(seed)) throw new ArgumentError(`compile: seed must be an integer, got ${seed}.`);
  if (typeof optimizer?.update !== 'function')
    throw new ArgumentError('compile: optimizer must be made by adam(), sgd(), ….');
  if (!Array.isArray(metrics)) throw new ArgumentError(`compile: metrics must be a list of names, got ${metrics}.`);
  const loss = options.loss === undefined ? undefined : lossByName(options.loss);
  if (!loss && metrics.length > 0) throw new ArgumentError('compile: metrics need a loss.');
  loss?.targetShape(network.outputShape);
  const last = network.layers.at(-1)!;
  const activation = (last.options as { activation?: string }).activation;
  if (loss?.includes && (activation === loss.includes || activation === 'logSoftmax')) {
    throw new ArgumentError(
      `compile: ${loss.name} takes logits, so the last layer '${last.name}' must not end with ${activation}; leave it linear.`,
    );
  }
  return {
    network,
    loss,
    metrics: metrics.map((name) => ({ name, perRow: metricByName(name, loss!, network.outputShape) })),
    optimizer,
    slots: optimizerSlots(
      network.trainableWeights.map(({ variable }) => variable),
      optimizer,
    ),
    precision,
    lossScale: precision === 'mixed' ? lossScale() : undefined,
  };
}

/** State of each weight; each kind of state lies side by side, as the weights do. */
function optimizerSlots(weights: readonly Variable[], optimizer: Optimizer): Map<Variable, Variable[]> {
  const slots = weights.map((weight) => optimizer.slots(weight));
  const kinds = slots[0]?.map((_, kind) =>
    packVariables(
      `${optimizer.name}${kind}`,
      slots.map((ofWeight) => ofWeight[kind]!),
    ),
  );
  return new Map(weights.map((weight, i) => [weight, kinds?.map((ofKind) => ofKind[i]!) ?? []]));
}

/** @throws ArgumentError for what plain JavaScript may pass */
function checkTune(tune: boolean | TuneOptions): void {
  if (typeof tune === 'boolean') return;
  if (typeof tune !== 'object' || tune === null) {
    throw new ArgumentError(`compile: tune must be true, false or { budget, store }, got ${tune}.`);
  }
  checkOptions('compile: tune', tune, 'budget store');
  const { budget, store } = tune;
  if (budget !== undefined) checkNotNegative('compile: tune', 'budget', budget);
  if (store !== undefined && !(typeof store?.load === 'function' && typeof store.save === 'function')) {
    throw new ArgumentError('compile: tune.store must have the methods load and save.');
  }
}
