import type { Graph } from '../../graph.ts';
import { movingAverage } from '../../ops/movingAverage.ts';
import { NON_FINITE_STATE, nonFinite } from '../../ops/nonFinite.ts';
import type { Tensor, Variable } from '../../tensor.ts';
import type { StepSpec } from '../step/step.ts';

/** A tensor that is looked at for infinities and NaNs. */
export interface CheckedTensor {
  /** Name of the layer, or `loss`. */
  readonly layer: string;
  readonly what: 'output' | 'gradient' | 'weight';
  /** Name of the weight, or of the node that computes the tensor. */
  readonly name: string;
}

/** Where steps enter the first thing that is not finite. */
export function checkState(name: string): Variable {
  return { name, shape: [NON_FINITE_STATE], dtype: 'u32' };
}

/** What a watched step has entered, which travels right behind its totals. */
export function checkResult(totals: Float32Array): Uint32Array {
  return new Uint32Array(totals.buffer, totals.byteOffset + totals.byteLength, NON_FINITE_STATE);
}

/** Appends looks to a graph, and remembers what the numbers in the state stand for. */
export class FiniteChecks {
  readonly state: Tensor;
  /** By number. */
  readonly tensors: CheckedTensor[] = [];

  constructor(g: Graph, state: Variable) {
    this.state = g.variable(state);
  }

  /** Looks at tensors, the first one first. @returns the scaling, which holds updates back where something was found */
  check(list: readonly (readonly [Tensor, CheckedTensor])[], scaling?: Tensor): Tensor {
    const first = this.tensors.length;
    this.tensors.push(...list.map(([, watched]) => watched));
    const tensors = list.map(([tensor]) => tensor);
    return nonFinite(this.state, tensors, { first, scaling });
  }
}

/** Weights are `layer/weight`. */
export function checkedWeight({ name }: { readonly name: string }, what: CheckedTensor['what']): CheckedTensor {
  return { layer: name.slice(0, name.lastIndexOf('/')), what, name };
}

/**
 * Looks within a training step at what little says whether all was finite: statistics of batch-norms, prediction, loss and gradients
 * before anything is changed, and the weights after it. What is found before holds back all changes, in this step and in those
 * after it. A step over micro-batches looks at statistics and prediction of each, then at the loss and the sums of the gradients.
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

  /** Moving averages wait for what is found. */
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
   * Ends the part of a step that runs for each micro-batch: looks at what that has. Averages move with each, but those of the model wait
   * for the whole batch: copies of them move.
   * @returns averages and their copies; the host makes the latter equal when a step begins
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

  /** @returns the scaling for all updates */
  checkBeforeUpdates(raw: readonly Tensor[], squares: readonly Tensor[], scaling?: Tensor): Tensor {
    const { network, lossScale } = this.#spec;
    const named = raw.map((dw, i) => [dw, checkedWeight(network.trainableWeights[i]!, 'gradient')] as const).reverse();
    const norm: CheckedTensor = { layer: 'loss', what: 'gradient', name: 'global norm' };
    // Gradients that overflow for the scale of the loss are none of what is looked for.
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
