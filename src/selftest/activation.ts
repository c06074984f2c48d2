/** Specs of element-wise activations: cases and references are derived from a scalar function and its derivative. */
import { type Device, gradients, graph, type HostArray, type Tensor } from '../index.ts';
import { array64, map, randomArray, type Tolerance } from './arrays.ts';
import type { Check, Comparison } from './check.ts';
import { feed, onDevice } from './onDevice.ts';
import type { OpSpec } from './spec.ts';

interface Scalar<P> {
  /** The function and its derivative, in double precision. */
  f(x: number, params: P): number;
  df(x: number, params: P): number;
  readonly tolerance: { readonly forward: Tolerance; readonly backward: Tolerance };
  /** `[x, y, dy/dx]` at 0 and at the limits of float32, computed by hand for the first options. */
  readonly extremes: readonly (readonly [number, number, number])[];
  /** Whether a slope of 0 is exact by definition, so that the gradient is 0 whatever the upstream gradient. */
  readonly masks?: true;
  /** Range of small |x| in which y must also have this relative error. */
  readonly relative?: { readonly from: number; readonly to: number; readonly error: number };
}

interface Activation<P> extends Scalar<P> {
  readonly name: string;
  /** Options to test. The first is tested with every shape. */
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
    // |x| from 0.8 to 8 covers where the functions bend and where they saturate. A factor of 8, a power of 2, is exact
    // in float32.
    inputs: (all, random) => all.map((shape) => map(randomArray(shape, random), (v) => 8 * v)),
    forward: ([x], p) => map(x!, (v) => scalar.f(v, p)),
    backward: ([x], dy, p) => [
      map(dy, (d, i) => {
        const v = x!.data[i]!;
        const slope = scalar.df(v, p);
        return Number.isNaN(v) ? v : slope === 0 && scalar.masks ? 0 : d * slope;
      }),
    ],
  };
}

/** `[y, dy/dx]` for a list of values of x, with the first options. */
async function evaluate<P>(device: Device, spec: ActivationSpec<P>, xs: readonly number[]): Promise<HostArray[]> {
  const g = graph();
  const x = g.input('x', [xs.length]);
  const y = spec.build([x], spec.cases[0]!.params);
  const outputs = [y, ...gradients(y, [x])];
  return onDevice(device, g, outputs, undefined, (session) => {
    feed(session, x, xs);
    return session.runAndRead(outputs);
  });
}

const vector = (values: readonly number[]) => array64([values.length], values);

/** Checks besides the cases: extreme inputs, a dense grid, the relative error of small x. */
export function activationChecks<P>(spec: ActivationSpec<P>): Check[] {
  const params = spec.cases[0]!.params;
  const f = (x: number) => spec.f(x, params);
  const df = (x: number) => spec.df(x, params);
  const check = (title: string, run: (device: Device) => Promise<Comparison[]>): Check => {
    return { op: spec.name, title, prepare: () => run };
  };
  const { extremes, relative, tolerance } = spec;
  return [
    check('extreme inputs', async (device) => {
      const [y, slope] = await evaluate(
        device,
        spec,
        extremes.map(([x]) => x),
      );
      const bound = { error: 1e-6, why: 'what float32 makes of results by hand' };
      return [
        { what: 'y', got: y!, want: vector(extremes.map(([, v]) => v)), tolerance: bound },
        { what: 'dy/dx', got: slope!, want: vector(extremes.map(([, , v]) => v)), tolerance: bound },
      ];
    }),
    check('a dense grid', async (device) => {
      const xs = Array.from({ length: 24_001 }, (_, i) => Math.fround((i - 12_000) / 1000));
      const [y, slope] = await evaluate(device, spec, xs);
      // At 0 the derivative may jump, so that point is left out.
      const steady = (_: number, i: number) => xs[i] !== 0;
      return [
        { what: 'y', got: y!, want: vector(xs.map(f)), tolerance: tolerance.forward },
        {
          what: 'dy/dx',
          got: slope!.filter(steady),
          want: vector(xs.filter(steady).map(df)),
          tolerance: tolerance.backward,
        },
      ];
    }),
    ...(relative
      ? [
          check('relative error', async (device) => {
            const { from, to, error } = relative;
            // Evenly spaced in the logarithm of |x|.
            const xs = Array.from({ length: 4001 }, (_, i) => Math.fround(from * (to / from) ** (i / 4000)));
            const [y] = await evaluate(device, spec, xs);
            const got = xs.map((x, i) => y![i]! / f(x));
            const bound = { error, why: 'small results have a small relative error, too' };
            return [{ what: 'y / reference', got, want: vector(xs.map(() => 1)), tolerance: bound }];
          }),
        ]
      : []),
  ];
}
