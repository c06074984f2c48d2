/** Whether an error is of a class, or of the class of the same kind in another copy of these classes. */
function isOfKind(this: { readonly kind: string; readonly prototype: Error }, error: unknown): boolean {
  const kind = Object.hasOwn(this, 'kind') && this.kind;
  for (let part = Object.getPrototypeOf(Object(error)); part; part = Object.getPrototypeOf(part)) {
    if (part === this.prototype) return true;
    const made = part.constructor;
    if (kind && made?.kind === kind && Object.hasOwn(made, 'kind')) return true;
  }
  return false;
}

/**
 * The base class of all errors that the engine throws on purpose. Each message names the op, layer, file or option at
 * fault, the value that was given, and the rule that it broke.
 */
export class NeuriteError extends Error {
  /** Name of the class, as a text: a minifier shortens the name of the class itself to a letter. */
  static readonly kind: string = 'NeuriteError';
  /** A page that has its model in a worker gets errors from `neurite/worker`, which has a copy of these classes and no engine. */
  static override readonly [Symbol.hasInstance] = isOfKind;
  override name = (this.constructor as typeof NeuriteError).kind;
}

/** A tensor's shape or type does not fit the op or layer that it is passed to. */
export class ShapeError extends NeuriteError {
  static override readonly kind: string = 'ShapeError';
}

/** An option, attribute or name has a value that the engine does not accept. */
export class ArgumentError extends NeuriteError {
  static override readonly kind: string = 'ArgumentError';
}

/** The `memoryLimit` is too small. */
export class MemoryLimitError extends ArgumentError {
  static override readonly kind: string = 'MemoryLimitError';
  /**
   * The least limit, in bytes, that is enough for the call. During a `fit` it counts the memory that the `fit` uses at
   * this moment.
   */
  readonly least: number;

  constructor(message: string, least: number) {
    super(message);
    this.least = least;
  }
}

/** Training or test data is unusable: empty, not finite, labels out of range, lengths that differ. */
export class DataError extends NeuriteError {
  static override readonly kind: string = 'DataError';
}

/** A file is not what its format says: truncated, not gzip, of a wrong size, inconsistent. */
export class FormatError extends NeuriteError {
  static override readonly kind: string = 'FormatError';
}

/** A method was called at the wrong time: before compile, after dispose, or while another call runs. */
export class StateError extends NeuriteError {
  static override readonly kind: string = 'StateError';
}

/** There is no WebGPU, no adapter, a device limit is too small, or the device was lost. */
export class DeviceError extends NeuriteError {
  static override readonly kind: string = 'DeviceError';
}

/**
 * The device was lost, and with it training steps that no snapshot holds. The models are on another device, as they were at their last
 * snapshot, and training can go on from there: make the call again.
 */
export class StepsLostError extends DeviceError {
  static override readonly kind: string = 'StepsLostError';
  /** Optimizer steps that were lost; of several models, of the one that lost the most. */
  readonly stepsLost: number;

  constructor(message: string, stepsLost: number) {
    super(message);
    this.stepsLost = stepsLost;
  }
}

/** The place of a value that is not finite, found during training. */
export interface NonFiniteLocation {
  /** Optimizer step, counted as `model.iterations`: the model's first step is 1. */
  readonly step: number;
  /** Epoch of this call of `fit`, counted from 0. */
  readonly epoch: number;
  /** Batch of the epoch, counted from 0. */
  readonly batch: number;
  /** Name of the layer; `loss` for the part after the last layer. */
  readonly layer: string;
  /**
   * An output is any tensor that the layer computes, also before its activation. A gradient is one of the layer's
   * weights or inputs.
   */
  readonly what: 'output' | 'gradient' | 'weight';
  /** Name of the weight, as in `getWeights`, or of the node that computed the tensor. */
  readonly tensor: string;
  /** Index of the first such element, in memory order. In a batch that is computed in parts, it counts within its part. */
  readonly element: number;
  readonly value: 'NaN' | 'Infinity';
}

/** An infinity or a NaN appeared during training; see the option `watch` of `fit`. */
export class NonFiniteError extends NeuriteError {
  static override readonly kind: string = 'NonFiniteError';
  readonly finding: NonFiniteLocation;

  constructor(message: string, finding: NonFiniteLocation) {
    super(message);
    this.finding = finding;
  }
}
