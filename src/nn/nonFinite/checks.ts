/**
 * Adds checks for infinities and NaNs to the graph of a training step. The GPU writes the first finding into a small state, and a
 * finding makes the step change nothing.
 */
import type { Graph } from '../../graph.ts';
import { movingAverage } from '../../ops/movingAverage.ts';
import { NON_FINITE_STATE, nonFinite } from '../../ops/nonFinite.ts';
import type { Tensor, Variable } from '../../tensor.ts';
import type { StepSpec } from '../step/step.ts';

/** A tensor that is checked for infinities and NaNs. */
export interface CheckedTensor {
  /** Name of the layer, or `loss`. */
  readonly layer: string;
  readonly what: 'output' | 'gradient' | 'weight';
  /** Name of the weight, or of the node that computes the tensor. */
  readonly name: string;
}

/** A variable for the state of the checks: the first value that is not finite. */
export function checkState(name: string): Variable {
  return { name, shape: [NON_FINITE_STATE], dtype: 'u32' };
}

/** The state of the checks after a step, which follows its totals in the staging buffer. */
export function checkResult(totals: Float32Array): Uint32Array {
  return new Uint32Array(totals.buffer, totals.byteOffset + totals.byteLength, NON_FINITE_STATE);
}

/** Appends checks to a graph, and numbers the checked tensors, since the state holds the number of a tensor. */
export class FiniteChecks {
  readonly state: Tensor;
  /** The checked tensors, by number. */
  readonly tensors: CheckedTensor[] = [];

  constructor(g: Graph, state: Variable) {
    this.state = g.variable(state);
  }

  /** Checks tensors in this order. @returns a scaling for the optimizer, which prevents updates after a finding */
  check(list: readonly (readonly [Tensor, CheckedTensor])[], scaling?: Tensor): Tensor {
    const first = this.tensors.length;
    this.tensors.push(...list.map(([, watched]) => watched));
    const tensors = list.map(([tensor]) => tensor);
    return nonFinite(this.state, tensors, { first, scaling });
  }
}

/** Describes a weight, or a tensor that belongs to one, by the weight's name `layer/weight`. */
export function checkedWeight({ name }: { readonly name: string }, what: CheckedTensor['what']): CheckedTensor {
  return { layer: name.slice(0, name.lastIndexOf('/')), what, name };
}

/**
 * The checks of a training step. It checks few tensors, which show whether everything in the step was finite: batch-norm
 * statistics, prediction, loss and gradients before anything is changed, and the weights after the update. A finding before the
 * update prevents all changes, in this step and in later ones. A step over micro-batches checks statistics and prediction of each
 * micro-batch, then the loss and the sums of the gradients.
 */
export class TrainingStepChecks {
  readonly checks: FiniteChecks;
  readonly #g: Graph;
  readonly #spec: StepSpec;
  #averages: Parameters<typeof movingAverage>[] = [];
  readonly #forward: (readonly [Tensor, CheckedTensor])[] = [];

  constructor(g: Graph, spec: StepSpec, state: Variable) {
    this.#g = g;
    this.#spec = spec;
    this.checks = new FiniteChecks(g, state);
  }

  /** Context for the layers: updates of moving averages are postponed until the checks are done. */
  get context(): { readonly average: typeof movingAverage } {
    return {
      average: (...args) => {
        this.#averages.push(args);
        const [{ name: average }, value] = args;
        const { layer } = checkedWeight({ name: average }, 'output');
        this.#forward.push([value, { layer, what: 'output', name: value.name }]);
      },
    };
  }

  addPrediction(prediction: Tensor): void {
    const layer = this.#spec.network.layers.at(-1)!.name;
    this.#forward.push([prediction, { layer, what: 'output', name: prediction.name }]);
  }

  /**
   * Ends the part of a step that runs for each micro-batch, with checks of its tensors. Each micro-batch updates copies of the
   * moving averages; the model's own averages are updated once the whole batch is checked.
   * @returns averages and their copies; the host sets the copies to the averages when a step begins
   */
  checkMicroBatch(): (readonly [Variable, Variable])[] {
    const append = () => {
      this.checks.check(this.#forward.splice(0));
      const copies = this.#averages.map(([average, value, options]) => {
        const { name, shape, dtype } = average;
        const copy: Variable = { name: `watch/${name}`, shape, dtype };
        movingAverage(this.#g.variable(copy), value, options);
        return [average.variable!, copy] as const;
      });
      this.#averages = copies.map(([average, copy]) => [
        this.#g.variable(average),
        this.#g.variable(copy),
        { momentum: 0 },
      ]);
      return copies;
    };
    return this.#g.scope('watch', append, { phase: 'check' });
  }

  addLoss(totals: Tensor): void {
    this.#forward.push([totals, { layer: 'loss', what: 'output', name: 'loss' }]);
  }

  /** Appends the checks that come before all updates. @returns the scaling for these updates */
  checkBeforeUpdates(raw: readonly Tensor[], squares: readonly Tensor[], scaling?: Tensor): Tensor {
    const { network, lossScale } = this.#spec;
    const named = raw.map((dw, i) => [dw, checkedWeight(network.trainableWeights[i]!, 'gradient')] as const).reverse();
    const norm: CheckedTensor = { layer: 'loss', what: 'gradient', name: 'global norm' };
    // With loss scaling, an overflow of gradients is normal: the scale is halved and the step left out.
    const gradients = lossScale ? [] : [...named, ...squares.map((square) => [square, norm] as const)];
    const append = () => {
      const held = this.checks.check([...this.#forward, ...gradients], scaling);
      this.#g.withPurpose({ phase: 'optimizer' }, () => {
        for (const [average, value, options] of this.#averages) movingAverage(average, value, options, held);
      });
      return held;
    };
    return this.#g.scope('watch', append, { phase: 'check' });
  }

  checkWeights(): void {
    const weights = this.#spec.network.trainableWeights;
    if (weights.length === 0) return;
    const append = () => {
      this.checks.check(weights.map((weight) => [this.#g.variable(weight.variable), checkedWeight(weight, 'weight')]));
    };
    this.#g.scope('watch', append, { phase: 'check' });
  }
}
