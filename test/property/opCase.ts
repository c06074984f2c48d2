/** A case of an op: what it is built with, what its numbers are drawn from, and its kernels, as of a network. */
export interface RandomOpCase {
  readonly shapes: readonly (readonly number[])[];
  readonly params: unknown;
  readonly seed: number;
  readonly kernels: number;
}
