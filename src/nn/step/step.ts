import { gradients } from '../../autodiff.ts';
import { type Graph, graph } from '../../graph.ts';
import {
  accumulate,
  add,
  addScaled,
  gatherRows,
  type LossScale,
  lossScaling,
  sumOfSquares,
  weightedMean,
} from '../../ops/index.ts';
import { packVariables } from '../../plan/packing.ts';
import { type MicroBatches, type Plan, type PlanOptions, plan } from '../../plan/plan.ts';
import type { Precision } from '../../plan/precision.ts';
import type { DType, Shape, Tensor, Variable } from '../../tensor.ts';
import type { Loss } from '../losses.ts';
import type { Network } from '../network.ts';
import { type CheckedTensor, TrainingStepChecks } from '../nonFinite/checks.ts';
import { clipByGlobalNorm, type Optimizer } from '../optimizers.ts';

export type Mode = 'train' | 'evaluate' | 'predict';

/** Numbers in `hyper`, which the optimizer computes on the host before each step. */
export const HYPER_LENGTH = 4;

/** What a model is after compile: all that steps are built from. */
export interface StepSpec {
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
  /** Where training steps enter what is not finite, `watchState`. Absent: nobody looks. */
  readonly checkState?: Variable | undefined;
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
  /** Rows that the inputs hold: the batch, or a micro-batch of it. */
  readonly rowsAtOnce: number;
  /** Number of classes that labels must be below. */
  readonly classes: number;
  /** What numbers of targets must lie between. */
  readonly targetRange?: Loss['targetRange'];
  readonly plan: Plan;
  /** The batch, where the host sends it. */
  readonly x?: Tensor;
  readonly y?: Tensor;
  /** u32 `[rowsAtOnce]`: rows of the resident data, where the GPU gathers the batch. */
  readonly indices?: Tensor;
  /** u32 `[1]`: number of real rows. */
  readonly rows: Tensor;
  /** f32 `[rowsAtOnce]`: weight of each row, 0 for padding. */
  readonly weights: Tensor;
  /** u32 `[1]`: differs from step to step. */
  readonly seed: Tensor;
  /** f32 `[HYPER_LENGTH]`: the optimizer's numbers of this step. */
  readonly hyper: Tensor;
  /** f32 `[k]`: loss and metrics as sums over the rows of this batch or micro-batch. The step's own variable. */
  readonly totals?: Tensor;
  /** Where the step enters what is not finite, and what it looks at, by number. */
  readonly checkState?: Tensor;
  readonly checked?: readonly CheckedTensor[];
  /** f32 `[1]`: the share of a micro-batch in the rows of its batch. */
  readonly share: Tensor;
  /** Sums of the gradients over micro-batches, which the host clears at the beginning of a step. The step's own. */
  readonly sums: readonly Variable[];
  /** Moving averages and copies of these, which the host makes equal at the beginning of a watched step. The step's own. */
  readonly copies?: readonly (readonly [Variable, Variable])[] | undefined;
  /** `[batchSize, ...outputShape]`, for predictions. */
  readonly prediction?: Tensor;
}

/** Which step is wanted. */
export interface StepRequest {
  readonly mode: Mode;
  /** Examples of a batch. */
  readonly batchSize: number;
  /** The dataset on the GPU that batches are gathered from; absent: the host sends them. */
  readonly resident?: ResidentData | undefined;
  /** Where training steps enter what is not finite. */
  readonly checkState?: Variable | undefined;
}

/**
 * Builds and plans the graph of one step. Pure: needs no device.
 * @param rowsAtOnce rows of a micro-batch. Where these are fewer than the batch, a training step adds up the gradients of several,
 *   and goes on with their sums; other steps have no more rows than the batch
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
    hyper,
    share,
    sums: [],
    targetRange: loss?.targetRange,
  };
  const source = batchSource(g, rowsAtOnce, rows, resident);
  const x = source('x', resident?.x, network.inputShape, 'f32');
  const checks = mode === 'train' && spec.checkState ? new TrainingStepChecks(g, spec, spec.checkState) : undefined;
  const context = { graph: g, training: mode === 'train', rows: () => rows, seed: () => seed, ...checks?.context };
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
  const micro = { size: rowsAtOnce, count: Math.ceil(batchSize / rowsAtOnce), once: g.nodes.length };
  const own = { ...watched, sums, copies, totals };
  return { ...shared, ...batch, ...own, plan: planned(totals, [...raw, ...update(added)], micro) };
}

/** Where a batch comes from: an input that the host fills, or rows gathered from resident data. */
export function batchSource(g: Graph, batchSize: number, rows: Tensor, resident: ResidentData | undefined) {
  if (!resident) {
    return (name: string, _: undefined | Variable, shape: Shape, dtype: DType) =>
      g.input(name, [batchSize, ...shape], dtype);
  }
  const indices = g.input('indices', [batchSize], 'u32');
  return (name: string, data: undefined | Variable) =>
    g.scope(name, () => gatherRows(g.variable(data!), indices, rows), { phase: 'data' });
}

function trainableOf({ network }: StepSpec): Variable[] {
  return network.trainableWeights.map(({ variable }) => variable);
}

/** Backward pass. @returns the gradients of the trainable weights */
function backward(g: Graph, spec: StepSpec, objective: Tensor): Tensor[] {
  const { lossScale } = spec;
  const tensors = trainableOf(spec).map((variable) => g.variable(variable));
  return tensors.length === 0 ? [] : gradients(objective, tensors, lossScale && g.variable(lossScale.scale));
}

/** A sum for the gradient of each trainable weight; they lie side by side, as the weights do. */
function gradientSums(spec: StepSpec): Variable[] {
  const sum = ({ name, shape, dtype }: Variable): Variable => ({ name: `gradient/${name}`, shape, dtype });
  return packVariables('gradients', trainableOf(spec).map(sum));
}

/** Optimizer: one update for each trainable weight. @param raw their gradients @returns these, clipped if they are to be */
function appendUpdates(
  g: Graph,
  spec: StepSpec,
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
  // The sum of the squares may overflow where no gradient does.
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
