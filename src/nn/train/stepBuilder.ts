/** Builds the graph of a training step of the caller's own; see `trainingStep`. */
import { gradients } from '../../autodiff.ts';
import { ArgumentError, ShapeError } from '../../errors.ts';
import { expectTensors, type Graph, graph, graphOf } from '../../graph.ts';
import { came, checkOptions, type Kind } from '../../options.ts';
import { elements, formatShape, type Tensor } from '../../tensor.ts';
import type { Compiled } from '../execute/compiled.ts';
import type { Model } from '../model.ts';
import { appendUpdates, HYPER_LENGTH } from '../step/step.ts';

/** A loss, and the model whose weights change so that it becomes small. */
export interface Objective {
  readonly model: Model;
  /** One number: f32 with one element. */
  readonly loss: Tensor;
}

const OBJECTIVE = { model: 'object', loss: 'record' } as const satisfies Record<keyof Objective, Kind>;

/** What a training step is built with. */
export interface StepBuilder {
  /** The graph of the step. Its inputs are what `run` takes. */
  readonly graph: Graph;
  /** Makes a seed for dropout and augmentation: u32 `[1]`, another number in each run. Each application of a model needs a seed of its own. */
  readonly seed: () => Tensor;
  /**
   * Appends the gradients of each loss by the trainable weights of its model, then the updates of all these weights by the models'
   * optimizers. So all gradients are those of the weights before the updates. Models that are applied after this call have the
   * new weights, and losses computed from them may be made small by another call.
   * @throws ArgumentError if a loss does not depend on all trainable weights of its model, or was computed before an earlier
   *   update of a weight that its gradient needs; ShapeError if a loss is not one number; StateError if a model is not compiled
   */
  readonly minimize: (...objectives: readonly Objective[]) => void;
}

/** The update of a model in a step. */
export interface ModelUpdate {
  readonly model: Model;
  readonly compiled: Compiled;
  /** Input f32 `[HYPER_LENGTH]`: the optimizer's numbers. */
  readonly hyper: Tensor;
}

/** The graph of a step, with what the host writes and reads. */
export interface OwnStep<Name extends string> {
  readonly graph: Graph;
  /** The caller's inputs. */
  readonly inputs: readonly Tensor[];
  readonly outputs: readonly (readonly [Name, Tensor])[];
  /** Inputs u32 `[1]`. */
  readonly seeds: readonly Tensor[];
  /** In the order of the graph. A model may be updated several times. */
  readonly updates: readonly ModelUpdate[];
}

/** @throws what `build` throws; ArgumentError for steps that are not whole */
export function buildOwnStep<Name extends string>(
  build: (step: StepBuilder) => Readonly<Record<Name, Tensor>>,
): OwnStep<Name> {
  const g = graph();
  const seeds: Tensor[] = [];
  const updates: ModelUpdate[] = [];
  const seed = () => {
    const made = g.input(`step/seed${seeds.length}`, [1], 'u32');
    seeds.push(made);
    return made;
  };
  const minimize = (...objectives: readonly Objective[]) => {
    for (const objective of objectives) checkObjective(g, objective);
    const models = objectives.map(({ model }) => model);
    if (new Set(models).size < models.length)
      throw new ArgumentError('minimize: a model is there twice; add its losses.');
    checkDevices([...updates.map(({ model }) => model), ...models]);
    const raw = objectives.map(({ model, loss }) => gradientsOf(g, model.compiled, loss));
    for (const [i, model] of models.entries()) {
      const { compiled } = model;
      const hyper = g.input(`step/hyper${updates.length}`, [HYPER_LENGTH]);
      appendUpdates(g, { ...compiled.spec, lossScale: undefined }, raw[i]!, hyper);
      updates.push({ model, compiled, hyper });
    }
  };
  const outputs = Object.entries<Tensor>(build({ graph: g, seed, minimize }) ?? {}) as [Name, Tensor][];
  expectTensors(
    'trainingStep',
    outputs.map(([, tensor]) => tensor),
  );
  if (outputs.length === 0) {
    throw new ArgumentError('trainingStep: return what run() shall read, by name, such as { loss }.');
  }
  if (updates.length === 0)
    throw new ArgumentError('trainingStep: it trains no model; call minimize({ model, loss }).');
  const own = new Set([...seeds, ...updates.map(({ hyper }) => hyper)]);
  return { graph: g, inputs: g.inputs.filter((input) => !own.has(input)), outputs, seeds, updates };
}

function checkObjective(g: Graph, objective: Objective): void {
  checkOptions('minimize', objective, OBJECTIVE, true);
  const { model, loss } = objective;
  if (typeof model.apply !== 'function') {
    throw new ArgumentError(`minimize: model must be made by sequential() or loadModel(), ${came(model)}`);
  }
  model.compiled.network.checkTrainable('minimize');
  if (model.compiled.network.trainableWeights.length === 0) {
    throw new ArgumentError('minimize: the model has no trainable weights.');
  }
  expectTensors('minimize', [loss]);
  if (loss.dtype !== 'f32' || elements(loss.shape) !== 1) {
    throw new ShapeError(
      `minimize: a loss is one f32 number, ${loss.name} is ${loss.dtype} ${formatShape(loss.shape)}; take the mean or the sum.`,
    );
  }
  if (graphOf(loss) !== g) throw new ArgumentError(`minimize: ${loss.name} is of another graph; use that of the step.`);
}

function checkDevices(models: readonly Model[]): void {
  // A model whose device is lost moves to that of the others.
  const devices = models.map(({ compiled }) => compiled.device).filter(({ lost }) => lost === undefined);
  if (new Set(devices).size <= 1) return;
  throw new ArgumentError(
    'minimize: the models are on different devices. Make one by requestDevice(), and give it to compile() of each model.',
  );
}

function gradientsOf(g: Graph, { network }: Compiled, loss: Tensor): Tensor[] {
  return gradients(
    loss,
    network.trainableWeights.map(({ variable }) => g.variable(variable)),
  );
}
