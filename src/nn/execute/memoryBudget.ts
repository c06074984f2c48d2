/** What a model holds on its device, and what it may. */
import { packedBytes } from '../../plan/packing.ts';
import type { PlanOptions } from '../../plan/plan.ts';
import type { Device } from '../../runtime/device.ts';
import type { Arena, VariableStore } from '../../runtime/storage.ts';
import { byteLength, type Variable } from '../../tensor.ts';
import { misfitOf, rowsAtOnce } from '../step/microBatches.ts';
import {
  buildStep,
  type Mode,
  type ResidentData,
  type StepPlan,
  type StepRequest,
  type StepSpec,
} from '../step/step.ts';
import { mostPadding, stepRows } from './sizes.ts';
import { mostUnderWay, numbersOf } from './stepRunner.ts';

/** The part of a limit that training leaves for what goes on beside it: validation, evaluations, predictions. */
const BESIDE = 1 / 16;

export function largestBuffer({ gpu: { limits } }: Device): number {
  return Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize);
}

const bytesOf = (variables: Iterable<Variable>) =>
  [...variables].reduce((sum, one) => sum + (one.part ? packedBytes(one) : byteLength(one)), 0);

/** Weights and optimizer state. */
function modelBytes({ network, slots }: StepSpec): number {
  return bytesOf([...network.weights.map(({ variable }) => variable), ...[...slots.values()].flat()]);
}

/** Bytes of the staging through which a step's numbers travel back. */
function stagingOf(step: StepPlan): number {
  return mostUnderWay(step) * 4 * numbersOf(step);
}

export class MemoryBudget {
  /** Whether the user has set a limit. */
  readonly limited: boolean;
  /** Datasets on the GPU, of fits under way or about to be. */
  readonly resident = new Set<Variable>();
  /** What has buffers of its own, beside arena and variables. */
  readonly holders = new Set<{ readonly bytes: number }>();
  readonly #spec: StepSpec;
  readonly #device: Device;
  readonly #limit: number;
  readonly #shared: { readonly variables: VariableStore; readonly arena: Arena } | undefined;

  /** @param shared what the model's sessions share; absent: nothing has been made yet */
  constructor(
    spec: StepSpec,
    device: Device,
    limit: number | undefined,
    shared?: { readonly variables: VariableStore; readonly arena: Arena },
  ) {
    this.limited = limit !== undefined;
    this.#spec = spec;
    this.#device = device;
    this.#limit = limit ?? Infinity;
    this.#shared = shared;
  }

  /**
   * Bytes kept free for copies of the model on their way to the host: the staging of snapshots, and all weights and optimizer state at
   * once, as `save` reads them.
   */
  get #reserve(): number {
    return 2 * modelBytes(this.#spec);
  }

  /** Bytes that are not taken. */
  get free(): number {
    const { variables, arena } = this.#shared!;
    const own = [...this.holders].reduce((sum, { bytes }) => sum + bytes, 0);
    return this.#limit - this.#reserve - variables.bytes - arena.bytes - own;
  }

  /**
   * Whether a dataset may stay on the GPU, beside the others: they take at most half of what the model leaves.
   * @param batchSize steps of this size must fit beside it
   */
  canKeep({ x, y }: ResidentData, batchSize = 0): boolean {
    if (!this.limited) return true;
    const bytes = bytesOf([x, y, ...this.resident]);
    if (bytes > (this.#limit - this.#reserve - modelBytes(this.#spec)) / 2) return false;
    try {
      if (batchSize > 0) this.steps({ mode: 'train', batchSize, resident: { x, y } });
      return true;
    } catch {
      return false; // it streams, and perhaps that fits
    }
  }

  /**
   * Steps that fit: for training, perhaps over micro-batches; others with fewer examples than asked for. How many examples go at
   * once depends for training on the model, the batch and the limit alone, so that bits do; for the others on what there is room for.
   * @returns builds the step by a choice of kernels; where that one needs more memory than there is, by the default
   * @throws DeviceError, MemoryLimitError where not even one example fits
   */
  steps({ mode, batchSize, resident, checkState }: StepRequest): (choose: PlanOptions['choose']) => StepPlan {
    const { target } = this.#device;
    const spec = { ...this.#spec, checkState };
    const at = (rows: number, choose?: PlanOptions['choose']) =>
      buildStep(mode, spec, mode === 'train' ? batchSize : rows, resident, { target, choose }, rows);
    const misfit = (step: StepPlan) => this.#misfit(step, mode === 'train' || !this.#shared);
    const rows = rowsAtOnce(batchSize, (count) => misfit(at(count)));
    return (choose) => {
      const step = at(rows, choose);
      return choose && misfit(step) ? at(rows) : step;
    };
  }

  /**
   * Rows of the steps of a run on `rows` examples: see `stepRows`. None are padded where memory is scarce: micro-batches have other
   * statistics of batch-norm than the examples at once.
   */
  rowsOfSteps(mode: Mode, batchSize: number, rows: number, epochs: number): number {
    const size = stepRows(batchSize, rows, epochs, mostPadding(this.#spec.network));
    const scarce = () => this.limited || this.steps({ mode, batchSize: size })(undefined).rowsAtOnce < size;
    return rows < size && scarce() ? rows : size;
  }

  /** Why a plan for so many examples does not fit beside all that there is. @param staging bytes that it needs besides */
  misfitBeside(plan: StepPlan['plan'], staging: number, rows: number): Error | undefined {
    const { variables, arena } = this.#shared!;
    const inputs = plan.inputs.reduce((sum, input) => sum + byteLength(input), 0);
    const bytes = arena.missing(plan.slots) + variables.missing(plan.variables) + inputs + staging;
    // The next one wants something, too. What cannot do with half gets all.
    const free = rows > 1 ? this.free / 2 : this.free;
    return misfitOf(plan, bytes, {
      ...{ buffer: largestBuffer(this.#device), bytes: free, limit: this.#limit },
      batchSize: rows,
      rest: `training and its data hold ${this.#limit - this.free}`,
      least: (wanted) => Math.ceil(this.#limit - this.free + wanted),
    });
  }

  #misfit(step: StepPlan, alone: boolean): Error | undefined {
    const { plan } = step;
    if (!alone) return this.misfitBeside(plan, stagingOf(step), step.rowsAtOnce);
    const others = bytesOf([...this.resident].filter((variable) => !plan.variables.includes(variable)));
    const reserve = this.#reserve;
    return misfitOf(plan, plan.peakBytes + stagingOf(step), {
      ...{ buffer: largestBuffer(this.#device), limit: this.#limit },
      bytes: this.#limit * (1 - BESIDE) - reserve - others,
      batchSize: step.batchSize,
      rest:
        `copies of the model for snapshots and save take ${reserve}, other data on the GPU ${others}, and a sixteenth is kept ` +
        'for evaluations',
      least: (wanted) => Math.ceil((wanted + reserve + others) / (1 - BESIDE)),
    });
  }
}
