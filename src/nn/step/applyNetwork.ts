/** Appends a network to a graph of the caller's own; see `Model.apply`. */
import { ArgumentError, ShapeError } from '../../errors.ts';
import { expectDType, expectTensors, type Graph, graphOf } from '../../graph.ts';
import { checkOptions, type Kind } from '../../options.ts';
import { formatShape, sameShape, type Tensor, type Variable } from '../../tensor.ts';
import type { Model } from '../model.ts';
import type { Network } from '../network.ts';

export interface ApplyOptions {
  /**
   * Whether the layers work as in training: dropout is active, and batch-norm normalizes by the statistics of the batch and moves
   * its averages in each step. Default false.
   */
  readonly training?: boolean;
  /**
   * u32 `[1]`: the seed of dropout and augmentation in training, another number for each step. Applications with the same seed and layers of the
   * same place draw the same numbers.
   */
  readonly seed?: Tensor;
}

/** The kind of value that each option takes. */
export const APPLY_OPTIONS = { training: 'boolean', seed: 'record' } as const satisfies Record<
  keyof ApplyOptions,
  Kind
>;

/** The models that were applied in a graph. */
const applied = new WeakMap<Graph, Set<Model>>();

export function appliedIn(graph: Graph): ReadonlySet<Model> {
  return applied.get(graph) ?? new Set();
}

/** The number of rows, for batch-norm. Graphs share these constants. */
const rowCounts = new Map<number, Variable>();

function rowCount(n: number): Variable {
  const known = rowCounts.get(n);
  if (known) return known;
  const made: Variable = { name: `rows${n}`, shape: [1], dtype: 'u32', initial: () => Uint32Array.of(n) };
  rowCounts.set(n, made);
  return made;
}

/** @throws ArgumentError, ShapeError for arguments that do not fit */
export function applyNetwork(model: Model, network: Network, x: Tensor, options: ApplyOptions): Tensor {
  const { training = false, seed } = checkOptions('apply', options, APPLY_OPTIONS);
  expectTensors('apply', seed ? [x, seed] : [x]);
  expectDType('apply', x, 'f32');
  const [n, ...shape] = x.shape as [number, ...number[]];
  if (!sameShape(shape, network.inputShape)) {
    throw new ShapeError(
      `apply: ${x.name} has shape ${formatShape(x.shape)}; the model takes ${formatShape(network.inputShape)} behind the ` +
        'number of examples.',
    );
  }
  const graph = graphOf(x);
  applied.set(graph, (applied.get(graph) ?? new Set()).add(model));
  return network.apply(x, {
    graph,
    training,
    rows: () => graph.variable(rowCount(n)),
    seed() {
      if (seed) return seed;
      throw new ArgumentError(
        'apply: the model has dropout or augmentation, which draw random numbers in training: give a seed, ' +
          '{ training: true, seed }. In a trainingStep its seed() makes one.',
      );
    },
  });
}
