/**
 * Builds a step that finds where infinities or NaNs begin: it computes a batch without fusion, checks every tensor in order, and
 * changes nothing.
 */
import { gradients } from '../../autodiff.ts';
import { graph, isOfLoss, type OpNode } from '../../graph.ts';
import { weightedMean } from '../../ops/weightedMean.ts';
import { plan } from '../../plan/plan.ts';
import type { PlanOptions } from '../../plan/types.ts';
import type { Tensor, Variable } from '../../tensor.ts';
import type { Network, Weight } from '../network.ts';
import { batchSource, HYPER_LENGTH, type ResidentData, type StepPlan, type StepSpec } from '../step/step.ts';
import { checkedWeight, FiniteChecks } from './checks.ts';

/** The parameters of a diagnostic step. */
export interface DiagnosticRequest {
  readonly batchSize: number;
  /** The dataset on the GPU that batches are gathered from. If absent, the host sends each batch. */
  readonly resident?: ResidentData | undefined;
  /** The variable for the first value that is not finite. */
  readonly state: Variable;
  /** Whether it also computes and checks gradients. */
  readonly backward: boolean;
}

/**
 * Builds a step that checks the tensors of training in the order in which they are computed: for each layer its weights and the
 * outputs of all its nodes, also before the activation, then the loss, and with `backward` the gradients from the last layer to
 * the first. Nothing is fused, so that all these tensors exist in memory. The step changes no variable but its `state`, which is
 * its `totals` as well.
 */
export function buildDiagnosticStep(
  spec: StepSpec,
  { batchSize, resident, state, backward }: DiagnosticRequest,
  options: PlanOptions,
): StepPlan {
  const g = graph();
  const { network, loss, precision } = spec;
  const rows = g.input('rows', [1], 'u32');
  const weights = g.input('weights', [batchSize]);
  const seed = g.input('seed', [1], 'u32');
  const exampleSeed = g.input('exampleSeed', [2], 'u32');
  const hyper = g.input('hyper', [HYPER_LENGTH]);
  const share = g.input('share', [1]);
  const source = batchSource(g, batchSize, rows, resident);
  const x = source('x', resident?.x, network.inputShape, 'f32');
  const outputs = new Set<Tensor>();
  const prediction = network.apply(x, {
    graph: g,
    training: true,
    rows: () => rows,
    seed: () => seed,
    exampleSeed: () => exampleSeed,
    average: () => {},
    onLayer(output) {
      outputs.add(output);
    },
  });
  const y = source('y', resident?.y, loss!.targetShape(network.outputShape), loss!.targetDType);
  const values = g.scope('loss', () => loss!.perRow(prediction, y), { phase: 'loss' });
  const objective = g.scope('loss', () => weightedMean(values, weights, rows), { phase: 'loss' });
  const forward = g.nodes.length;
  const trained = backward ? network.trainableWeights : [];
  const raw =
    trained.length > 0
      ? gradients(
          objective,
          trained.map(({ variable }) => g.variable(variable)),
        )
      : [];
  const weightOf = new Map(raw.map((gradient, i) => [gradient, trained[i]!.name]));

  // A check comes right after the node that computes the tensor, so that its memory can be reused.
  const nodes = g.nodes.splice(0);
  const needed = neededBy([objective, ...raw], nodes);
  const checks = new FiniteChecks(g, state);
  const exact: Tensor[] = [prediction, ...raw];
  const seen = new Set<string>();
  let layer = 'loss';
  nodes.forEach((node, index) => {
    const { purpose } = node;
    // A sum of gradients from several nodes has no layer; it is assigned to the layer of the node before it.
    const owner = purpose.layer ?? (isOfLoss(purpose) ? 'loss' : index < forward ? undefined : layer);
    if (owner !== undefined && index < forward && !seen.has(owner)) {
      seen.add(owner);
      const own = weightsOf(network, owner);
      if (own.length > 0) {
        checks.check(own.map((weight) => [g.variable(weight.variable), checkedWeight(weight, 'weight')]));
      }
    }
    g.nodes.push(node);
    if (owner === undefined || node.op.aliasesInput) return;
    layer = owner;
    const what = index < forward ? 'output' : 'gradient';
    const found = node.outputs.filter((output) => output.dtype === 'f32' && needed.has(output));
    // With fusion these tensors stay in registers as f32, so they must not be rounded to f16 here.
    exact.push(...found.filter((output) => index < forward && !outputs.has(output)));
    if (found.length === 0) return;
    checks.check(found.map((t) => [t, { layer: owner, what, name: weightOf.get(t) ?? t.name }]));
  });
  const mixed = { batchSize, weights: network.weights.map(({ variable }) => variable), exact };
  return {
    mode: 'train',
    batchSize,
    rowsAtOnce: batchSize,
    share,
    sums: [],
    classes: network.outputShape.at(-1)!,
    rows,
    weights,
    seed,
    exampleSeed,
    hyper,
    ...(resident ? { indices: g.inputs.find(({ name }) => name === 'indices')! } : { x, y }),
    totals: checks.state,
    checked: checks.tensors,
    plan: plan(g, [], { ...options, fuse: false, ...(precision === 'mixed' ? { mixed } : {}) }),
  };
}

function weightsOf({ layers }: Network, name: string): readonly Weight[] {
  return layers.find((layer) => layer.name === name)?.weights ?? [];
}

/** The given tensors, and all tensors from which they are computed. */
function neededBy(tensors: readonly Tensor[], nodes: readonly OpNode[]): ReadonlySet<Tensor> {
  const needed = new Set(tensors);
  for (const { inputs, outputs } of [...nodes].reverse()) {
    if (outputs.some((output) => needed.has(output))) for (const input of inputs) needed.add(input);
  }
  return needed;
}
