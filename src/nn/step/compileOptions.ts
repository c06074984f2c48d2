import type { Kind } from '../../options.ts';
import type { Precision } from '../../plan/precision.ts';
import type { Device } from '../../runtime/device.ts';
import type { TuneOptions } from '../../runtime/tuning.ts';
import type { LossName, MetricName } from '../losses.ts';
import type { Optimizer } from '../optimizers.ts';

export interface CompileOptions {
  /** Default `adam()`. */
  readonly optimizer?: Optimizer;
  /** Cross-entropies take logits. Absent: the model can predict, not train. */
  readonly loss?: LossName;
  /** Default none. */
  readonly metrics?: readonly MetricName[];
  /**
   * Sets initial weights, order of examples and dropout. Default 0. The same seed on the same adapter gives the same bits, where
   * the same kernels compute them: see `tune`.
   */
  readonly seed?: number;
  /** Where to compute; requested, and destroyed with the model, if absent. */
  readonly device?: Device | GPUDevice;
  /**
   * `mixed` stores activations, their gradients and copies of the weights as f16: half of the memory and of the traffic. All is
   * still computed, and weights, their gradients and optimizer state are still stored, as f32. The loss is scaled so that
   * small gradients are not lost; a step with gradients that are not finite changes no weight and no optimizer state,
   * though it is counted by `iterations`. The scale starts anew with each compile or load. Needs a device with `shader-f16`.
   * Default `float32`.
   */
  readonly precision?: Precision;
  /**
   * Compile again with another optimizer or loss, or after changing `trainable`: weights stay, on their device, optimizer state is new, and
   * all other options are those that are given now, or their defaults.
   */
  readonly recompile?: boolean;
  /** Called while pipelines compile, which happens at the first step of each kind. */
  readonly onProgress?: (compiled: number, total: number) => void;
  /**
   * Whether kernels are chosen by measuring them on the device, at the first step of each kind; what was measured is remembered
   * for the adapter. Default true. With false they are those that are likely fast: bits are then the same from one session to the
   * next, while those measured are the same within a session, and in later ones once nothing is left to measure.
   */
  readonly tune?: boolean | TuneOptions;
  /**
   * Most bytes that the model may hold on its device: weights, optimizer state, the memory of steps, inputs, staging, datasets
   * that stay there. A batch that does not fit trains in micro-batches whose gradients add up to those of the batch, and then the
   * weights are updated once. Loss, metrics and gradients are those of the whole batch, up to rounding. Batch-norm,
   * though, normalizes each micro-batch by its own statistics and moves its averages once for each, and dropout draws other numbers. Evaluations, predictions and inspections
   * go through fewer examples at once; data that do not fit stream. Default: as much as the device gives; then a batch is
   * divided only where a tensor exceeds the device's largest buffer. Too little is a MemoryLimitError that says what is enough.
   */
  readonly memoryLimit?: number | undefined;
}

/** What they may be; the rest is for `makeStepSpec` to check. */
export const COMPILE_OPTIONS = {
  optimizer: 'any',
  loss: 'any',
  metrics: 'list',
  seed: 'integer',
  device: 'any',
  precision: 'any',
  recompile: 'boolean',
  onProgress: 'function',
  tune: 'any',
  memoryLimit: 'positive',
} as const satisfies Record<keyof CompileOptions, Kind>;
