/**
 * A spec defines what an op computes: a table of cases and a float64 reference in plain loops, forward and backward.
 * The tests check the reference against finite differences and TensorFlow.js, and the kernels against the reference;
 * `selfTest` does the latter on a visitor's device.
 */
import type { DType, Tensor } from '../index.ts';
import { type Array64, map, randomArray, randomStream, type Tolerance } from './arrays.ts';

export interface OpCase<P> {
  /** The purpose of the case. */
  readonly why: string;
  /** Shapes of the inputs. */
  readonly shapes: readonly (readonly number[])[];
  readonly params: P;
  /** Tolerance of this case, if that of the spec is too narrow. */
  readonly tolerance?: Partial<Tolerances>;
}

export interface Tolerances {
  readonly forward: Tolerance;
  /** Default: the same as `forward`. */
  readonly backward?: Tolerance;
}

export interface OpSpec<P> {
  readonly name: string;
  readonly cases: readonly OpCase<P>[];
  /** Adds the op under test to a graph. */
  build(inputs: readonly Tensor[], params: P): Tensor;
  /** The reference: plain loops in double precision. */
  forward(inputs: readonly Array64[], params: P): Array64;
  /** Gradients of the inputs; undefined for an input without one. Absent for an op without a gradient. */
  backward?(inputs: readonly Array64[], dy: Array64, params: P): readonly (Array64 | undefined)[];
  /** Dtypes of the inputs. Default: f32. */
  readonly dtypes?: readonly DType[];
  /** Draws the inputs; `randomArray` for each if absent. Values must be exact in float32. */
  inputs?(shapes: readonly (readonly number[])[], random: () => number, params: P): readonly Array64[];
  /**
   * Indices of inputs (the number of inputs stands for the upstream gradient) whose NaN may also appear in results that
   * depend on them only by a product with 0, e.g. of padding or of a pixel without a gradient: some kernels compute
   * this product, others skip it.
   */
  readonly spreads?: readonly number[];
  readonly tolerance: Tolerances;
  /**
   * Whether its kernels are those of other ops, in whose cases each of them is tested: `selfTest` then runs a case by the kernels that
   * the engine chooses, and by another one only if no case before could.
   */
  readonly sharesKernels?: boolean;
}

/** Infers P from the cases. */
export function opSpec<P>(spec: OpSpec<P>): OpSpec<P> {
  return spec;
}

/** A case with numbers: inputs, the upstream gradient, and the results of the reference. */
export interface DrawnCase {
  readonly inputs: readonly Array64[];
  readonly dy: Array64;
  readonly y: Array64;
  /** Absent for an op without a gradient. */
  readonly dxs: readonly (Array64 | undefined)[] | undefined;
  /** The NaN that was planted among the inputs. */
  readonly nan?: PlantedNaN;
}

/** A NaN at a place in an input, by its bits. */
export interface PlantedNaN {
  /** Index of the input; the number of inputs stands for the upstream gradient. */
  readonly input: number;
  readonly element: number;
  readonly bits: number;
}

/** Bits of NaNs: a quiet one, a negative one, one with a payload, and those of either sign next to infinity. */
const NANS = [0x7fc00000, 0xffc00000, 0x7fd12345, 0xff800001, 0x7f800001];

/** Draws the numbers of a case, the same each time for the same `random`. */
export function drawCase<P>(spec: OpSpec<P>, { shapes, params }: OpCase<P>, random: () => number): DrawnCase {
  const inputs = spec.inputs?.(shapes, random, params) ?? shapes.map((shape) => randomArray(shape, random));
  const y = spec.forward(inputs, params);
  // The upstream gradient is random: with ones, the gradient of a softmax is 0 whatever the code does.
  const dy = randomArray(y.shape, random);
  return { inputs, y, dy, dxs: spec.backward?.(inputs, dy, params) };
}

/**
 * The case with a NaN planted in each of its float inputs in turn, and in the upstream gradient, with the results of
 * the reference.
 */
export function withNaNs<P>(spec: OpSpec<P>, { params }: OpCase<P>, drawn: DrawnCase, index: number): DrawnCase[] {
  const random = caseStream(index + 1000);
  const given = spec.backward ? [...drawn.inputs, drawn.dy] : drawn.inputs;
  return given.flatMap(({ data }, input): DrawnCase[] => {
    if ((spec.dtypes?.[input] ?? 'f32') !== 'f32') return [];
    const element = Math.floor(data.length * random());
    const planted = given.map((x, i) => (i === input ? map(x, (v, k) => (k === element ? Number.NaN : v)) : x));
    const [inputs, dy] = [planted.slice(0, drawn.inputs.length), planted[drawn.inputs.length] ?? drawn.dy];
    return [
      {
        inputs,
        dy,
        y: spec.forward(inputs, params),
        dxs: spec.backward?.(inputs, dy, params),
        nan: { input, element, bits: NANS[(index + input) % NANS.length]! },
      },
    ];
  });
}

/** The tolerances of a case. */
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
