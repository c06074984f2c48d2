/**
 * The memory that a model holds on its device, and how much it may hold under its `memoryLimit`. From this follow the size of
 * micro-batches and whether a dataset may stay on the GPU.
 */
import { packedBytes } from '../../plan/packing.ts';
import type { Plan, PlanOptions } from '../../plan/types.ts';
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
import { maxStepsInFlight, readbackLength } from './stepRunner.ts';

/** The part of a limit that training leaves free for validation, evaluations and predictions. */
const KEPT_FREE = 1 / 16;

export function largestBuffer({ gpu: { limits } }: Device): number {
  return Math.min(limits.maxBufferSize, limits.maxStorageBufferBindingSize);
}

const bytesOf = (variables: Iterable<Variable>) =>
  [...variables].reduce((sum, one) => sum + (one.part ? packedBytes(one) : byteLength(one)), 0);

const sumOf = (holders: Iterable<{ readonly bytes: number }>) =>
  [...holders].reduce((sum, { bytes }) => sum + bytes, 0);

/** Bytes of weights and optimizer state. */
function modelBytes({ network, slots }: StepSpec): number {
  return bytesOf([...network.weights.map(({ variable }) => variable), ...[...slots.values()].flat()]);
}

/** Bytes of the staging buffers through which the results of a step are read. */
function stagingOf(step: StepPlan): number {
  return maxStepsInFlight(step) * 4 * readbackLength(step);
}

export class MemoryBudget {
  /** Whether the user has set a limit. */
  readonly limited: boolean;
  /** Datasets on the GPU, of all calls of `fit` that run or are about to. */
  readonly resident = new Set<Variable>();
  /** Runners and inspectors: they hold buffers in addition to arena and variables. */
  readonly holders = new Set<{ readonly bytes: number }>();
  /** Training steps of the caller's own, which stay until the caller disposes of them. */
  readonly ownSteps = new Set<{ readonly bytes: number }>();
  readonly #spec: StepSpec;
  readonly #device: Device;
  readonly #limit: number;
  readonly #shared: { readonly variables: VariableStore; readonly arena: Arena } | undefined;

  /** @param shared the memory that the model's sessions share; absent while nothing has been allocated */
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
   * Bytes kept free for two copies of the model on their way to the host: the staging buffers of snapshots, and those of `save`,
   * which reads all weights and optimizer state at once.
   */
  get #reserve(): number {
    return 2 * modelBytes(this.#spec);
  }

  /** Bytes of the limit that are still free. */
  get free(): number {
    const { variables, arena } = this.#shared!;
    return this.#limit - this.#reserve - variables.bytes - arena.bytes - sumOf(this.holders) - sumOf(this.ownSteps);
  }

  /**
   * Whether a dataset may stay on the GPU. Together with the datasets that are there already it may take at most half of the
   * memory that the model leaves.
   * @param batchSize training steps of this size must fit beside the dataset; 0: this is not checked
   */
  canKeep(resident: ResidentData, batchSize = 0): boolean {
    if (!this.limited) return true;
    const bytes = bytesOf([resident.x, resident.y, ...this.resident]);
    if (bytes > (this.#limit - this.#reserve - modelBytes(this.#spec) - sumOf(this.ownSteps)) / 2) return false;
    try {
      if (batchSize > 0) this.steps({ mode: 'train', batchSize, resident });
      return true;
    } catch {
      return false; // streaming needs less memory and may still fit
    }
  }

  /**
   * Finds a step that fits: a training step is divided into micro-batches if need be, and other steps take fewer examples than
   * requested. In training, the number of examples at once depends on the model, the batch size, the resident datasets, the caller's
   * own training steps and the limit, so that results can be reproduced. In other modes it depends on the memory that is free now.
   * @returns a function that builds the step with the given kernels, or with the default ones if those need too much memory
   * @throws DeviceError, MemoryLimitError if not even one example fits
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
   * Rows of the steps of a run on `rows` examples: see `stepRows`. If memory is scarce, steps have no padding, since padding
   * could force micro-batches, and those change the statistics of batch-norm.
   */
  rowsOfSteps(mode: Mode, batchSize: number, rows: number, epochs: number): number {
    const size = stepRows(batchSize, rows, epochs, mostPadding(this.#spec.network));
    const scarce = () => this.limited || this.steps({ mode, batchSize: size })(undefined).rowsAtOnce < size;
    return rows < size && scarce() ? rows : size;
  }

  /**
   * An error if a plan does not fit beside all memory that is allocated now; undefined if it fits.
   * @param staging bytes of staging buffers that the plan needs
   * @param rows examples at once
   */
  misfitBeside(plan: Plan, staging: number, rows: number): Error | undefined {
    const { variables, arena } = this.#shared!;
    const inputs = plan.inputs.reduce((sum, input) => sum + byteLength(input), 0);
    const bytes = arena.missing(plan.slots) + variables.missing(plan.variables) + inputs + staging;
    // Half of the free memory is left for the next runner. A plan for a single example may take all of it.
    return this.#misfitIn(rows > 1 ? this.free / 2 : this.free, plan, bytes, rows);
  }

  /** An error if a training step of the caller's own does not fit beside all memory that is allocated now. @param bytes its memory */
  misfitOfOwnStep(plan: Plan, bytes: number): Error | undefined {
    const { variables } = this.#shared!;
    const slots = variables.missing([...this.#spec.slots.values()].flat()); // made by the first step
    return this.#misfitIn(this.free, plan, bytes + slots);
  }

  #misfitIn(free: number, plan: Plan, bytes: number, batchSize?: number): Error | undefined {
    return misfitOf(plan, bytes, {
      buffer: largestBuffer(this.#device),
      bytes: free,
      limit: this.#limit,
      batchSize,
      rest: `training and its data hold ${this.#limit - this.free}`,
      least: (wanted) => Math.ceil(this.#limit - this.free + wanted),
    });
  }

  #misfit(step: StepPlan, alone: boolean): Error | undefined {
    const { plan } = step;
    if (!alone) return this.misfitBeside(plan, stagingOf(step), step.rowsAtOnce);
    const others =
      bytesOf([...this.resident].filter((variable) => !plan.variables.includes(variable))) + sumOf(this.ownSteps);
    const reserve = this.#reserve;
    return misfitOf(plan, plan.peakBytes + stagingOf(step), {
      buffer: largestBuffer(this.#device),
      limit: this.#limit,
      bytes: this.#limit * (1 - KEPT_FREE) - reserve - others,
      batchSize: step.batchSize,
      rest:
        `copies of the model for snapshots and save take ${reserve}, other data and steps on the GPU ${others}, and a sixteenth is kept ` +
        'for evaluations',
      least: (wanted) => Math.ceil((wanted + reserve + others) / (1 - KEPT_FREE)),
    });
  }
}
