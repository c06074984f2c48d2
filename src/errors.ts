/**
 * Every error that the engine throws on purpose. Each message names the op,
 * layer, file or option at fault, what was given, and the rule that it broke.
 */
export class NeuriteError extends Error {
  // Written out in each class: what a minifier leaves of a class's own name is a letter.
  override name = 'NeuriteError';
}

/** A tensor's shape or type does not fit the op or layer that it is given to. */
export class ShapeError extends NeuriteError {
  override name = 'ShapeError';
}

/** An option, attribute or name has a value that the engine does not know or take. */
export class ArgumentError extends NeuriteError {
  override name = 'ArgumentError';
}

/** A `memoryLimit` that is too small. */
export class MemoryLimitError extends ArgumentError {
  override name = 'MemoryLimitError';
  /** The least limit that is enough for what was asked, in bytes; beside a fit under way, as long as that holds what it holds now. */
  readonly least: number;

  constructor(message: string, least: number) {
    super(message);
    this.least = least;
  }
}

/** Training or test data is unusable: empty, not finite, labels out of range, lengths that differ. */
export class DataError extends NeuriteError {
  override name = 'DataError';
}

/** A file is not what its format says: truncated, not gzip, of a wrong size, inconsistent. */
export class FormatError extends NeuriteError {
  override name = 'FormatError';
}

/** A call came at a wrong time: before compile, after dispose, or while another call runs. */
export class StateError extends NeuriteError {
  override name = 'StateError';
}

/** There is no WebGPU, no adapter, a device limit is too small, or the device was lost. */
export class DeviceError extends NeuriteError {
  override name = 'DeviceError';
}

/** Something that training came upon which is not finite. */
export interface NonFiniteLocation {
  /** Optimizer step, counted as `model.iterations`: the first one ever is 1. */
  readonly step: number;
  /** Of this call of `fit`, from 0. */
  readonly epoch: number;
  /** Within the epoch, from 0. */
  readonly batch: number;
  /** Name of the layer; `loss` for what comes behind the last. */
  readonly layer: string;
  /** An output: anything that the layer computes, before its activation too. A gradient: of the layer's weights or inputs. */
  readonly what: 'output' | 'gradient' | 'weight';
  /** Name of the weight, as in `getWeights`, or of the node that computed the tensor. */
  readonly tensor: string;
  /** The first such element, counted in the order of memory; of a batch that is divided, within its part. */
  readonly element: number;
  readonly value: 'NaN' | 'Infinity';
}

/** Training came upon an infinity or a NaN; see `watch` of `fit`. */
export class NonFiniteError extends NeuriteError {
  override name = 'NonFiniteError';
  readonly finding: NonFiniteLocation;

  constructor(message: string, finding: NonFiniteLocation) {
    super(message);
    this.finding = finding;
  }
}

export { shown } from './shown.ts';
