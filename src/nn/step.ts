import { gradients } from '../autodiff.ts';
import { type Graph, graph } from '../graph.ts';
import { accumulate, add, gatherRows, type LossScale, lossScaling, sumOfSquares, weightedMean } from '../ops/index.ts';
import { type Plan, type PlanOptions, plan } from '../plan.ts';
import type { Precision } from '../precision.ts';
import type { DType, Shape, Tensor, Variable } from '../tensor.ts';
import type { Loss } from './losses.ts';
import type { Network } from './network.ts';
import { clipByGlobalNorm, type Optimizer } from './optimizers.ts';

export type Mode = 'train' | 'evaluate' | 'predict';

/** Numbers in `hyper`, which the optimizer computes on the host before each step. */
export const HYPER_LENGTH = 4;

/** What a model is after compile: all that steps are built from. */
export interface Recipe {
  readonly network: Network;
  readonly loss: Loss | undefined;
  readonly metrics: readonly { readonly name: string; readonly perRow: (p: Tensor, t: Tensor) => Tensor }[];
  readonly optimizer: Optimizer;
  /** Optimizer state of each trainable weight. */
  readonly slots: ReadonlyMap<Variable, readonly Variable[]>;
  /** How steps are stored. */
  readonly precision: Precision;
  /** What the loss is multiplied by for its gradients; undefined: nothing. */
  readonly lossScale: LossScale | undefined;
}

/** A dataset in GPU memory: batches are gathered from it by index. */
export interface ResidentData {
  readonly x: Variable;
  readonly y: Variable;
}

/** A step's graph, planned, with the tensors that the host writes and reads. */
export interface StepPlan {
  readonly mode: Mode;
  readonly batchSize: number;
  /** Number of classes that labels must be below. */
  readonly classes: number;
  readonly plan: Plan;
  /** The batch, where the host sends it. */
  readonly x?: Tensor;
  readonly y?: Tensor;
  /** u32 `[batchSize]`: rows of the resident data, where the GPU gathers the batch. */
  readonly indices?: Tensor;
  /** u32 `[1]`: number of real rows. */
  readonly rows: Tensor;
  /** f32 `[batchSize]`: weight of each row, 0 for padding. */
  readonly weights: Tensor;
  /** u32 `[1]`: differs from step to step. */
  readonly seed: Tensor;
  /** f32 `[HYPER_LENGTH]`: the optimizer's numbers of this step. */
  readonly hyper: Tensor;
  /** f32 `[2 k]`: loss and metrics as sums over rows, of this batch and since the last clearing. The step's own variable. */
  readonly totals?: Tensor;
  /** `[batchSize, ...outputShape]`, for predictions. */
  readonly prediction?: Tensor;
}

/** Builds and plans the graph of one step. Pure: needs no device. */
export function buildStep(
  mode: Mode,
  recipe: Recipe,
  batchSize: number,
  resident?: ResidentData,
  options?: PlanOptions,
): StepPlan {
  const g = graph();
  const { network, loss } = recipe;
  const rows = g.input('rows', [1], 'u32');
  const weights = g.input('weights', [batchSize]);
  const seed = g.input('seed', [1], 'u32');
  const hyper = g.input('hyper', [HYPER_LENGTH]);
  const classes = network.outputShape.at(-1)!;
  const shared = { mode, batchSize, classes, rows, weights, seed, hyper };
  const source = batchSource(g, batchSize, rows, resident);
  const x = source('x', resident?.x, network.inputShape, 'f32');
  const context = { graph: g, training: mode === 'train', rows: () => rows, seed: () => seed };
  const prediction = network.apply(x, context);
  const planned = (output: Tensor, gradients: readonly Tensor[] = []) => {
    const stored = network.weights.map(({ variable }) => variable);
    const mixed = { batchSize, weights: stored, exact: [prediction, ...gradients] };
    return plan(g, [output], recipe.precision === 'mixed' ? { ...options, mixed } : options);
  };
  if (mode === 'predict') return { ...shared, x, prediction, plan: planned(prediction) };

  const y = source('y', resident?.y, loss!.targetShape(network.outputShape), loss!.targetDType);
  const values = g.scope('loss', () => loss!.perRow(prediction, y));
  const slots = 1 + recipe.metrics.length;
  const totals = g.variable({ name: `${mode}/totals`, shape: [2 * slots], dtype: 'f32' });
  g.scope('metrics', () => {
    accumulate(totals, values, rows, { slot: 0, slots, weights });
    recipe.metrics.forEach(({ perRow }, k) => {
      accumulate(totals, perRow(prediction, y), rows, { slot: k + 1, slots });
    });
  });
  const found: Tensor[] = [];
  if (mode === 'train') {
    const objective = g.scope('loss', () => weightedMean(values, weights, rows));
    found.push(...appendUpdates(g, recipe, objective, hyper));
  }
  const batch = resident ? { indices: g.inputs.find(({ name }) => name === 'indices')! } : { x, y };
  return { ...shared, ...batch, totals, plan: planned(totals, found) };
}

/** Where a batch comes from: an input that the host fills, or rows gathered from resident data. */
function batchSource(g: Graph, batchSize: number, rows: Tensor, resident: ResidentData | undefined) {
  if (!resident) {
    return (name: string, _: undefined | Variable, shape: Shape, dtype: DType) =>
      g.input(name, [batchSize, ...shape], dtype);
  }
  const indices = g.input('indices', [batchSize], 'u32');
  return (name: string, data: undefined | Variable) =>
    g.scope(name, () => gatherRows(g.variable(data!), indices, rows));
}

/** Backward pass and optimizer: one update for each trainable weight. @returns the gradients of these, clipped and not */
function appendUpdates(g: Graph, recipe: Recipe, objective: Tensor, hyper: Tensor): Tensor[] {
  const { network, optimizer, slots, lossScale } = recipe;
  const trainable = network.trainableWeights.map(({ variable }) => variable);
  if (trainable.length === 0) return [];
  const tensors = trainable.map((variable) => g.variable(variable));
  const scale = lossScale && g.variable(lossScale.scale);
  const raw = gradients(objective, tensors, scale);
  const { globalClipNorm } = optimizer;
  const clips = globalClipNorm !== undefined;
  const squares = clips ? [g.scope('clip', () => raw.map(sumOfSquares).reduce(add))] : [];
  // The sum of the squares may overflow where no gradient does.
  const scaled = scale && lossScaling(scale, g.variable(lossScale.steps), [...raw, ...squares]);
  const clip = () => clipByGlobalNorm(raw, globalClipNorm!, squares[0]!, scaled?.inverse);
  const clipped = clips ? g.scope('clip', clip) : raw;
  g.scope('optimizer', () => {
    trainable.forEach((variable, i) => {
      const state = slots.get(variable)!.map((slot) => g.variable(slot));
      optimizer.update(tensors[i]!, state, clipped[i]!, hyper, scaled?.scaling);
    });
  });
  return [...raw, ...clipped];
}
