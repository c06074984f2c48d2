/**
 * Checks the options of `compile` against the network and makes the `StepSpec` from them, from which steps are built. Needs no
 * device.
 */
import { ArgumentError } from '../../errors.ts';
import { lossScale } from '../../ops/lossScaling.ts';
import { came, check, checkMethods, checkOneOf, checkOptions } from '../../options.ts';
import { packVariables } from '../../plan/packing.ts';
import { shown } from '../../shown.ts';
import type { Variable } from '../../tensor.ts';
import { lossByName, metricByName, spelt } from '../losses.ts';
import type { Network } from '../network.ts';
import { type Optimizer, optimizerByName } from '../optimizers.ts';
import type { CompileOptions } from './compileOptions.ts';
import { checkLossInput } from './lossInput.ts';
import type { StepSpec } from './step.ts';

/** @throws ArgumentError for an optimizer, loss or metric that does not exist or does not fit the model */
export function makeStepSpec(given: Network, options: CompileOptions): StepSpec {
  const network = given.fixed();
  const { precision = 'float32' } = options;
  checkComputing('compile', options);
  const optimizer = optimizerOf(options.optimizer);
  const metrics = metricNames(options.metrics);
  for (const { name, trainable, outputShape, options } of network.layers) {
    const { activation } = options as { activation?: string };
    if (outputShape.at(-1) === 1 && /softmax/i.test(activation ?? '')) {
      throw new ArgumentError(
        `compile: layer '${name}': ${activation} of a single output is the same number whatever its input; use sigmoid, or more outputs.`,
      );
    }
    check(`compile: layer '${name}'`, 'trainable', trainable, 'boolean');
  }
  const loss = options.loss === undefined ? undefined : lossByName(options.loss);
  if (!loss && metrics.length > 0) throw new ArgumentError('compile: metrics need a loss.');
  loss?.targetShape(network.outputShape);
  if (loss) checkLossInput(loss, network.layers);
  const twice = metrics.find((name, i) => metrics.indexOf(name) < i);
  if (twice !== undefined) throw new ArgumentError(`compile: metrics: ${shown(twice)} is there twice.`);
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

function optimizerOf(given: CompileOptions['optimizer'] = 'adam'): Optimizer {
  if (typeof given === 'string') return optimizerByName(given);
  if ([given?.slots, given?.update, given?.hyper].every((method) => typeof method === 'function')) return given;
  throw new ArgumentError(`compile: optimizer must be a name, or made by adam(), sgd(), …, ${came(given)}`);
}

function metricNames(given: CompileOptions['metrics'] = []): string[] {
  if (typeof given === 'string') return [spelt(given)];
  check('compile', 'metrics', given, 'list');
  return given.map(spelt);
}

/** Optimizer state of each weight. Each kind of state is packed in the order of the weights, so one dispatch updates many. */
function optimizerSlots(weights: readonly Variable[], optimizer: Optimizer): Map<Variable, Variable[]> {
  const slots = weights.map((weight) => optimizer.slots(weight));
  const kinds = slots[0]?.map((_, kind) =>
    packVariables(
      `${optimizer.name}${kind}`,
      slots.map((ofWeight) => ({ ...ofWeight[kind]!, notNegative: kind === optimizer.squares })),
    ),
  );
  return new Map(weights.map((weight, i) => [weight, kinds?.map((ofKind) => ofKind[i]!) ?? []]));
}

/** Checks `precision` and `tune`, which load has in common with compile. @throws ArgumentError for wrong values */
export function checkComputing(what: string, options: Pick<CompileOptions, 'precision' | 'tune'>): void {
  const { precision = 'float32', tune = true } = options;
  checkOneOf(what, 'precision', precision, ['float32', 'mixed']);
  if (typeof tune === 'boolean') return;
  if (typeof tune !== 'object' || tune === null) {
    throw new ArgumentError(`${what}: tune must be true, false or { budget, store }, got ${shown(tune)}.`);
  }
  checkOptions(`${what}: tune`, tune, { budget: 'limit', store: 'any' });
  if (tune.store !== undefined) checkMethods(`${what}: tune.store`, tune.store, ['load', 'save']);
}
