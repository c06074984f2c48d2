/**
 * Builds and plans the graph of one step: a training step, an evaluation or a prediction for one batch. The graph holds the
 * layers, loss, metrics, backward pass and optimizer updates. Needs no device.
 */
import { gradients } from '../../autodiff.ts';
import { type Graph, graph } from '../../graph.ts';
import {
  accumulate,
  add,
  addScaled,
  gatherIntegers,
  gatherRows,
  type LossScale,
  lossScaling,
  sumOfSquares,
  weightedMean,
} from '../../ops/index.ts';
import { packVariables } from '../../plan/packing.ts';
import { plan } from '../../plan/plan.ts';
import type { Precision } from '../../plan/precision.ts';
import type { MicroBatches, Plan, PlanOptions } from '../../plan/types.ts';
import type { DType, NarrowInteger, Shape, Tensor, Variable } from '../../tensor.ts';
import type { Loss } from '../losses.ts';
import type { Network } from '../network.ts';
import { type CheckedTensor, TrainingStepChecks } from '../nonFinite/checks.ts';
import { clipByGlobalNorm, type Optimizer } from '../optimizers.ts';

export type Mode = 'train' | 'evaluate' | 'predict';

/** Length of `hyper`, the numbers that the optimizer computes on the host before each step. */
export const HYPER_LENGTH = 4;

/** All that steps are built from: the network and the checked options of `compile`. */
export interface StepSpec {
  readonly network: Network;
  readonly loss: Loss | undefined;
  readonly metrics: readonly { readonly name: string; readonly perRow: (p: Tensor, t: Tensor) => Tensor }[];
  readonly optimizer: Optimizer;
  /** Optimizer state of each trainable weight. */
  readonly slots: ReadonlyMap<Variable, readonly Variable[]>;
  /** Storage of activations and their gradients. */
  readonly precision: Precision;
  /** State of the loss scaling, for mixed precision only. */
  readonly lossScale: LossScale | undefined;
  /** State of the finite checks, `checkState()`: the first value that is not finite. If absent, training steps do not check. */
  readonly checkState?: Variable | undefined;
}

/** A dataset in GPU memory: batches are gathered from it by index. */
export interface ResidentData {
  /** `[size, ...inputShape]`; or u32 `[words]`, packed, if it holds integers. */
  readonly x: Variable;
  /** What `x` holds, if that is no floats. */
  readonly integers?: NarrowInteger | undefined;
  readonly y: Variable;
}

/** The plan of a step, with the tensors that the host writes and reads. */
export interface StepPlan {
  readonly mode: Mode;
  readonly batchSize: number;
  /** Rows of the inputs: the batch size, or the size of a micro-batch. */
  readonly rowsAtOnce: number;
  /** Number of classes; labels must be smaller. */
  readonly classes: number;
  /** Least and largest number that targets may contain. */
  readonly targetRange?: Loss['targetRange'];
  readonly plan: Plan;
  /** The batch, if the host sends it. */
  readonly x?: Tensor;
  readonly y?: Tensor;
  /** u32 `[rowsAtOnce]`: row indices into the resident dataset, if the GPU gathers the batch. */
  readonly indices?: Tensor;
  /** u32 `[1]`: number of rows that hold examples; the rest is padding. */
  readonly rows: Tensor;
  /** f32 `[rowsAtOnce]`: weight of each row, 0 for padding. */
  readonly weights: Tensor;
  /** u32 `[1]`: seed of the random numbers, another one for each step. */
  readonly seed: Tensor;
  /** u32 `[2]`: seed of what is drawn for each example, the same for all micro-batches; and the number of the first example. */
  readonly exampleSeed: Tensor;
  /** f32 `[HYPER_LENGTH]`: the optimizer's numbers for this step. */
  readonly hyper: Tensor;
  /** f32 `[k]`: sums of loss and metrics over the rows of the batch or micro-batch. The variable belongs to this step. */
  readonly totals?: Tensor;
  /** State of the finite checks: the number of the first tensor that was not finite. */
  readonly checkState?: Tensor;
  /** The checked tensors, by the number that the state refers to. */
  readonly checked?: readonly CheckedTensor[];
  /** f32 `[1]`: rows of the micro-batch divided by rows of the batch. */
  readonly share: Tensor;
  /** Sums of the gradients over micro-batches. The host clears them when a step begins. They belong to this step. */
  readonly sums: readonly Variable[];
  /** Moving averages and a copy of each, which the host updates when a checked step begins. The copies belong to this step. */
  readonly copies?: readonly (readonly [Variable, Variable])[] | undefined;
  /** `[batchSize, ...outputShape]`, in predictions only. */
  readonly prediction?: Tensor;
}

/** The parameters that select a step. */
export interface StepRequest {
  readonly mode: Mode;
  /** Examples in a batch. */
  readonly batchSize: number;
  /** The dataset on the GPU that batches are gathered from. If absent, the host sends each batch. */
  readonly resident?: ResidentData | undefined;
  /** State of the finite checks of a training step. If absent, the step does not check. */
  readonly checkState?: Variable | undefined;
}

/**
 * Builds and plans the graph of one step. Pure: needs no device.
 * @param rowsAtOnce rows of a micro-batch. If they are fewer than the batch, a training step sums the gradients of its
 *   micro-batches and updates the weights by these sums. In other modes it equals the batch size
 */
export function buildStep(
  mode: Mode,
  spec: StepSpec,
  batchSize: number,
  resident?: ResidentData,
  options?: PlanOptions,
  rowsAtOnce = batchSize,
): StepPlan {
  const g = graph();
  const { network, loss } = spec;
  const rows = g.input('rows', [1], 'u32');
  const weights = g.input('weights', [rowsAtOnce]);
  const seed = g.input('seed', [1], 'u32');
  const exampleSeed = g.input('exampleSeed', [2], 'u32');
  const hyper = g.input('hyper', [HYPER_LENGTH]);
  const classes = network.outputShape.at(-1)!;
  const share = g.input('share', [1]);
  const shared = {
    mode,
    batchSize,
    rowsAtOnce,
    classes,
    rows,
    weights,
    seed,
    exampleSeed,
    hyper,
    share,
    sums: [],
    targetRange: loss?.targetRange,
  };
  const source = batchSource(g, rowsAtOnce, rows, resident);
  const x = source('x', resident?.x, network.inputShape, 'f32');
  const checks = mode === 'train' && spec.checkState ? new TrainingStepChecks(g, spec, spec.checkState) : undefined;
  const seeds = { seed: () => seed, exampleSeed: () => exampleSeed };
  const context = { graph: g, training: mode === 'train', rows: () => rows, ...seeds, ...checks?.context };
  const prediction = network.apply(x, context);
  const planned = (output: Tensor, gradients: readonly Tensor[] = [], microBatches?: MicroBatches) => {
    const stored = network.weights.map(({ variable }) => variable);
    const mixed = { batchSize: rowsAtOnce, weights: stored, exact: [prediction, ...gradients] };
    const precision = spec.precision === 'mixed' ? { mixed } : {};
    return plan(g, [output], { ...options, ...precision, microBatches });
  };
  if (mode === 'predict') return { ...shared, x, prediction, plan: planned(prediction) };

  const y = source('y', resident?.y, loss!.targetShape(network.outputShape), loss!.targetDType);
  const values = g.scope('loss', () => loss!.perRow(prediction, y), { phase: 'loss' });
  const slots = 1 + spec.metrics.length;
  const totals = g.variable({ name: `${mode}/totals`, shape: [slots], dtype: 'f32' });
  const accumulateTotals = () => {
    accumulate(totals, values, rows, { slot: 0, slots, weights });
    spec.metrics.forEach(({ perRow }, k) => {
      accumulate(totals, perRow(prediction, y), rows, { slot: k + 1, slots });
    });
  };
  g.scope('metrics', accumulateTotals, { phase: 'loss' });
  const batch = resident ? { indices: g.inputs.find(({ name }) => name === 'indices')! } : { x, y };
  if (mode !== 'train') return { ...shared, ...batch, totals, plan: planned(totals) };

  const objective = g.scope('loss', () => weightedMean(values, weights, rows), { phase: 'loss' });
  const raw = backward(g, spec, objective);
  checks?.addPrediction(prediction);
  const update = (gradients: readonly Tensor[]) => {
    checks?.addLoss(totals);
    const clipped = appendUpdates(g, spec, gradients, hyper, checks);
    checks?.checkWeights();
    return clipped;
  };
  const watched = checks && { checkState: checks.checks.state, checked: checks.checks.tensors };
  if (rowsAtOnce === batchSize) {
    return { ...shared, ...batch, ...watched, totals, plan: planned(totals, [...raw, ...update(raw)]) };
  }
  const sums = gradientSums(spec);
  const added = sums.map((variable) => g.variable(variable));
  const addGradients = () => {
    raw.forEach((dw, i) => {
      addScaled(added[i]!, dw, share);
    });
  };
  g.scope('micro-batch', addGradients, { phase: 'backward' });
  const copies = checks?.checkMicroBatch();
  const micro = { size: rowsAtOnce, count: Math.ceil(batchSize / rowsAtOnce), wholeBatchFrom: g.nodes.length };
  const own = { ...watched, sums, copies, totals };
  return { ...shared, ...batch, ...own, plan: planned(totals, [...raw, ...update(added)], micro) };
}

/** Makes the tensors of a batch: inputs that the host fills, or rows gathered from the resident dataset. */
export function batchSource(g: Graph, batchSize: number, rows: Tensor, resident: ResidentData | undefined) {
  if (!resident) {
    return (name: string, _: undefined | Variable, shape: Shape, dtype: DType) =>
      g.input(name, [batchSize, ...shape], dtype);
  }
  const indices = g.input('indices', [batchSize], 'u32');
  const { integers: type } = resident;
  const gather = (data: Variable, shape: Shape) =>
    type && data === resident.x
      ? gatherIntegers(g.variable(data), indices, rows, { type, shape })
      : gatherRows(g.variable(data), indices, rows);
  return (name: string, data: undefined | Variable, shape: Shape) =>
    g.scope(name, () => gather(data!, shape), { phase: 'data' });
}

function trainableOf({ network }: Pick<StepSpec, 'network'>): Variable[] {
  return network.trainableWeights.map(({ variable }) => variable);
}

/** Appends the backward pass. @returns the gradients of the trainable weights */
function backward(g: Graph, spec: StepSpec, objective: Tensor): Tensor[] {
  const { lossScale } = spec;
  const tensors = trainableOf(spec).map((variable) => g.variable(variable));
  return tensors.length === 0 ? [] : gradients(objective, tensors, lossScale && g.variable(lossScale.scale));
}

/** A variable for the gradient sum of each trainable weight. They are packed like the weights, so one dispatch adds many. */
function gradientSums(spec: StepSpec): Variable[] {
  const sum = ({ name, shape, dtype }: Variable): Variable => ({ name: `gradient/${name}`, shape, dtype });
  return packVariables('gradients', trainableOf(spec).map(sum));
}

/** Appends the optimizer's update of each trainable weight. @param raw the gradients @returns them, after any clipping */
export function appendUpdates(
  g: Graph,
  spec: Pick<StepSpec, 'network' | 'optimizer' | 'slots' | 'lossScale'>,
  raw: readonly Tensor[],
  hyper: Tensor,
  checks?: TrainingStepChecks,
): readonly Tensor[] {
  const { optimizer, slots, lossScale } = spec;
  const trainable = trainableOf(spec);
  if (trainable.length === 0) {
    checks?.checkBeforeUpdates([], []);
    return [];
  }
  const tensors = trainable.map((variable) => g.variable(variable));
  const scale = lossScale && g.variable(lossScale.scale);
  const { globalClipNorm } = optimizer;
  const clips = globalClipNorm !== undefined;
  const norm = () => raw.map(sumOfSquares).reduce(add);
  const squares = clips ? [g.scope('clip', norm, { phase: 'optimizer' })] : [];
  // The sum of squares may overflow although every gradient is finite, so the loss scaling checks it as well.
  const scaled =
    scale &&
    g.withPurpose({ phase: 'optimizer' }, () => lossScaling(scale, g.variable(lossScale.steps), [...raw, ...squares]));
  const scaling = checks ? checks.checkBeforeUpdates(raw, squares, scaled?.scaling) : scaled?.scaling;
  const clip = () => clipByGlobalNorm(raw, globalClipNorm!, squares[0]!, scaled?.inverse);
  const clipped = clips ? g.scope('clip', clip, { phase: 'optimizer' }) : raw;
  const update = () => {
    trainable.forEach((variable, i) => {
      const state = slots.get(variable)!.map((slot) => g.variable(slot));
      optimizer.update(tensors[i]!, state, clipped[i]!, hyper, scaling);
    });
  };
  g.scope('optimizer', update, { phase: 'optimizer' });
  return clipped;
}
