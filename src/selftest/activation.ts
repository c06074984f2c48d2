/** Element-wise activations: cases and references out of a function of one number and its derivative. */
import type { Tensor } from '../index.ts';
import { map, randomArray, type Tolerance } from './arrays.ts';
import type { OpSpec } from './spec.ts';

interface Scalar<P> {
  /** The function and its derivative, in double precision. */
  f(x: number, params: P): number;
  df(x: number, params: P): number;
  readonly tolerance: { readonly forward: Tolerance; readonly backward: Tolerance };
  /** `[x, y, dy/dx]` at 0 and where float32 ends, by hand, for the first options. */
  readonly extremes: readonly (readonly [number, number, number])[];
  /** y and dy/dx of small x have a small relative error, too. */
  readonly relative?: { readonly from: number; readonly to: number; readonly error: number };
  /** Whether y of a NaN is a NaN (else any number). */
  readonly passesNaN: boolean;
}

interface Activation<P> extends Scalar<P> {
  readonly name: string;
  /** Options to test; the first is tested with every shape. */
  readonly params: readonly P[];
  build(x: Tensor, params: P): Tensor;
}

export interface ActivationSpec<P> extends OpSpec<P>, Scalar<P> {
  readonly tolerance: Scalar<P>['tolerance'];
}

const SHAPES = [
  { why: 'one element, less than a vec4', shapes: [[1]] },
  { why: 'odd sizes, partial vec4 and workgroup', shapes: [[3, 5, 7, 3]] },
  { why: 'dense, batch > 1', shapes: [[5, 33]] },
];

export function activation<P>({ params, build, ...scalar }: Activation<P>): ActivationSpec<P> {
  return {
    ...scalar,
    cases: params.flatMap((p, i) => (i === 0 ? SHAPES : SHAPES.slice(1, 2)).map((c) => ({ ...c, params: p }))),
    build: ([x], p) => build(x!, p),
    // Absolute sizes 0.8 to 8: where the functions bend and where they saturate. A power of 2 keeps float32 exact.
    inputs: (all, random) => all.map((shape) => map(randomArray(shape, random), (v) => 8 * v)),
    forward: ([x], p) => map(x!, (v) => scalar.f(v, p)),
    backward: ([x], dy, p) => [map(dy, (d, i) => d * scalar.df(x!.data[i]!, p))],
  };
}
