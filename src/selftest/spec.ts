/**
 * What an op should compute: a table of cases and a float64 reference in straight loops, forward and backward. The tests check
 * the reference against finite differences and TensorFlow.js and the kernels against the reference; `selfTest` does the latter
 * on a visitor's device.
 */
import type { DType, Tensor } from '../index.ts';
import { type Array64, randomArray, randomStream, type Tolerance } from './arrays.ts';

export interface OpCase<P> {
  /** What this case is there to catch. */
  readonly why: string;
  /** Shapes of the inputs. */
  readonly shapes: readonly (readonly number[])[];
  readonly params: P;
  /** Where the spec's is too narrow for this case. */
  readonly tolerance?: Partial<Tolerances>;
}

export interface Tolerances {
  readonly forward: Tolerance;
  /** As forward if absent. */
  readonly backward?: Tolerance;
}

export interface OpSpec<P> {
  readonly name: string;
  readonly cases: readonly OpCase<P>[];
  /** The op under test, in a graph. */
  build(inputs: readonly Tensor[], params: P): Tensor;
  /** Straight loops in double precision. */
  forward(inputs: readonly Array64[], params: P): Array64;
  /** Gradients of the inputs, undefined where there is none. Absent for an op without a gradient. */
  backward?(inputs: readonly Array64[], dy: Array64, params: P): readonly (Array64 | undefined)[];
  /** Dtypes of the inputs; f32 if absent. */
  readonly dtypes?: readonly DType[];
  /** Draws the inputs; `randomArray` for each if absent. Values must be exact in float32. */
  inputs?(shapes: readonly (readonly number[])[], random: () => number, params: P): readonly Array64[];
  readonly tolerance: Tolerances;
}

/** Infers P from the cases. */
export function opSpec<P>(spec: OpSpec<P>): OpSpec<P> {
  return spec;
}

/** A case with numbers: inputs, the upstream gradient, and what the reference makes of them. */
export interface DrawnCase {
  readonly inputs: readonly Array64[];
  readonly dy: Array64;
  readonly y: Array64;
  /** Absent for an op without a gradient. */
  readonly dxs: readonly (Array64 | undefined)[] | undefined;
}

/** Draws the numbers of a case, the same each time for the same `random`. */
export function drawCase<P>(spec: OpSpec<P>, { shapes, params }: OpCase<P>, random: () => number): DrawnCase {
  const inputs = spec.inputs?.(shapes, random, params) ?? shapes.map((shape) => randomArray(shape, random));
  const y = spec.forward(inputs, params);
  // A random upstream gradient: with ones, the gradient of a softmax is 0 whatever the code does.
  const dy = randomArray(y.shape, random);
  return { inputs, y, dy, dxs: spec.backward?.(inputs, dy, params) };
}

/** What is allowed of a case. */
export function tolerances<P>(spec: OpSpec<P>, opCase: OpCase<P>): Required<Tolerances> {
  const { forward, backward = forward } = { ...spec.tolerance, ...opCase.tolerance };
  return { forward, backward };
}

/** The stream that the numbers of a spec's case are drawn from. */
export function caseStream(index: number): () => number {
  return randomStream(index + 1);
}

export function caseTitle<P>({ shapes, params, why }: OpCase<P>): string {
  return `${shapes.map((shape) => `[${shape}]`).join(' ')} ${JSON.stringify(params) ?? ''} (${why})`;
}
