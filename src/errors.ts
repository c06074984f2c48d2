/**
 * Every error that the engine throws on purpose. Each message names the op,
 * layer, file or option at fault, what was given, and the rule that it broke.
 */
export class NeuriteError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** A tensor's shape or type does not fit the op or layer that it is given to. */
export class ShapeError extends NeuriteError {}

/** An option, attribute or name has a value that the engine does not know or take. */
export class ArgumentError extends NeuriteError {}

/** Training or test data is unusable: empty, not finite, labels out of range, lengths that differ. */
export class DataError extends NeuriteError {}

/** A file is not what its format says: truncated, not gzip, of a wrong size, inconsistent. */
export class FormatError extends NeuriteError {}

/** A call came at a wrong time: before compile, after dispose, or while another call runs. */
export class StateError extends NeuriteError {}

/** There is no WebGPU, no adapter, a device limit is too small, or the device was lost. */
export class DeviceError extends NeuriteError {}
