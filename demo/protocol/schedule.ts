/** A training step as the engine plans it, for the page to draw. */

export interface BindingInfo {
  /** In the shader. */
  name: string;
  binding: number;
  tensor: string;
  shape: number[];
  bytes: number;
  /** `#3` for a slot of the arena, else what it is. */
  where: string;
}

export interface DispatchInfo {
  /** `op:tensor`. */
  label: string;
  shader: string;
  entryPoint: string;
  constants: Record<string, number>;
  workgroups: [number, number, number];
  reads: BindingInfo[];
  writes: BindingInfo[];
}

/** A training step as it was planned. */
export interface Schedule {
  batchSize: number;
  dispatches: DispatchInfo[];
  /** Bytes of each slot of the arena. */
  slots: number[];
  /** Tensors in the arena: in which slot, from which dispatch to which. */
  lifetimes: { tensor: string; bytes: number; slot: number; first: number; last: number }[];
  variables: { name: string; bytes: number }[];
  inputs: { name: string; bytes: number }[];
  peakBytes: number;
  /** GPU time of each dispatch in microseconds, where it was measured. */
  microseconds?: number[];
}
