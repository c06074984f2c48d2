/**
 * The options of `compile`: optimizer, loss, metrics, seed, device, precision, tuning and memory limit. `spec.ts` checks their
 * values and turns them into the specification of a step.
 */
import { ArgumentError } from '../../errors.ts';
import { checkOptions, type Kind } from '../../options.ts';
import type { Precision } from '../../plan/precision.ts';
import type { Device } from '../../runtime/device.ts';
import type { TuneOptions } from '../../runtime/tuning.ts';
import type { LossSpelling, MetricSpelling } from '../losses.ts';
import type { Optimizer } from '../optimizers.ts';

export interface CompileOptions {
  /** An optimizer, or the name of one with default settings. Default `adam()`. */
  readonly optimizer?: Optimizer | Optimizer['name'];
  /** Cross-entropies take logits. Without a loss, the model can predict but not train. */
  readonly loss?: LossSpelling;
  /** One metric or a list. Logs and history have them by neurite's names, whatever the spelling. Default none. */
  readonly metrics?: MetricSpelling | readonly MetricSpelling[];
  /**
   * Names of the classes, in the order of their numbers, for `classify`. They are saved with the model. For a single output of
   * binaryCrossentropy they are two. Default none.
   */
  readonly labels?: readonly string[];
  /**
   * Seed of the initial weights, the order of examples and dropout. Default 0. The same seed on the same adapter gives
   * bit-identical results as long as the same kernels are chosen: see `tune`.
   */
  readonly seed?: number;
  /** The device to compute on. If absent, the model requests one, and destroys it when the model is disposed. */
  readonly device?: Device | GPUDevice;
  /**
   * `mixed` stores activations, their gradients and copies of the weights as f16, which halves their memory and bandwidth.
   * Arithmetic stays in f32, and so does the storage of weights, their gradients and optimizer state. The loss is scaled so
   * that small gradients do not underflow. A step whose gradients are not finite changes no weight and no optimizer state, but
   * `iterations` counts it. Each compile or load resets the loss scale. `mixed` needs a device with the feature `shader-f16`.
   * Default `float32`.
   */
  readonly precision?: Precision;
  /**
   * Set it to compile again, with another optimizer or loss or after a change of `trainable`. The weights and the device stay,
   * the optimizer state starts anew, and every option that is not given returns to its default. Labels stay if there are as
   * many classes.
   */
  readonly recompile?: boolean;
  /** Called while GPU pipelines compile. That happens before the first step of each mode and batch size. */
  readonly onProgress?: (compiled: number, total: number) => void;
  /**
   * Whether kernels are chosen by measuring them on the device, before the first step of each mode and batch size. The
   * measurements are stored for the adapter. Default true. With `false`, fixed rules choose kernels that are likely fast, and
   * results are bit-identical from one session to the next. With measured kernels, results are bit-identical within a session,
   * and across sessions once every kernel has been measured.
   */
  readonly tune?: boolean | TuneOptions;
  /**
   * Most bytes that the model may hold on its device: weights, optimizer state, memory of the steps, inputs, staging buffers and
   * datasets kept on the GPU. A batch that does not fit is trained in micro-batches: their gradients are summed, then the
   * weights are updated once. Loss, metrics and gradients equal those of the whole batch, up to rounding. Two layers differ:
   * batch-norm normalizes each micro-batch by its own statistics and moves its averages once for each of them, and dropout
   * draws other numbers. Evaluations, predictions and inspections run on fewer examples at once, and datasets that do not fit
   * are streamed. Default: no limit but the device's; a batch is then divided only if a tensor exceeds the device's largest
   * buffer. A limit that is too small throws a MemoryLimitError, which names a sufficient one.
   */
  readonly memoryLimit?: number | undefined;
}

/** The type of each option, for `checkOptions`. `makeStepSpec` checks the values. */
export const COMPILE_OPTIONS = {
  optimizer: 'any',
  loss: 'any',
  metrics: 'any',
  labels: 'list',
  seed: 'integer',
  device: 'any',
  precision: 'any',
  recompile: 'boolean',
  onProgress: 'function',
  tune: 'any',
  memoryLimit: 'positive',
} as const satisfies Record<keyof CompileOptions, Kind>;

/** @throws ArgumentError for what is no object of such options */
export function checkCompileOptions(options: CompileOptions): void {
  if (typeof (options as Optimizer | null)?.update === 'function') {
    throw new ArgumentError('compile: it takes one object, such as { optimizer: adam(), loss: … }, got an optimizer.');
  }
  checkOptions('compile', options, COMPILE_OPTIONS);
}
