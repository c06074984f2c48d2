/** One table of an element-wise activation: the modes of `checkOp`, its extreme inputs, its accuracy near 0, NaN. */
import { expect, test } from 'vitest';
import { gradients, graph, plan, Session, type Tensor } from '../../src/index.ts';
import { map, randomArray, type Tolerance } from './arrays.ts';
import { checkOp } from './checkOp.ts';
import { testDevice } from './device.ts';
import type { Tf, TfTensor } from './tensorflow.ts';

/** Runs y = build(x) and dy/dx for a list of values of x. */
export async function evaluate(
  build: (x: Tensor) => Tensor,
  values: readonly number[],
): Promise<{ y: number[]; slope: number[] }> {
  const g = graph();
  const x = g.input('x', [values.length]);
  const y = build(x);
  const [slope] = gradients(y, [x]);
  const device = await testDevice();
  const session = await Session.create(device, plan(g, [y, slope!], { target: device.target }));
  try {
    session.write(x, Float32Array.from(values));
    session.run();
    return { y: [...(await session.read(y))], slope: [...(await session.read(slope!))] };
  } finally {
    session.destroy();
  }
}

export interface ActivationSpec<P> {
  readonly name: string;
  /** Options to test; the first is tested with every shape. */
  readonly params: readonly P[];
  build(x: Tensor, params: P): Tensor;
  /** The function and its derivative, in double precision. */
  f(x: number, params: P): number;
  df(x: number, params: P): number;
  oracle?(tf: Tf, x: TfTensor, params: P): TfTensor | undefined;
  readonly tolerance: { readonly forward: Tolerance; readonly backward: Tolerance };
  /** `[x, y, dy/dx]` at 0 and where float32 ends, by hand, for the first options. */
  readonly extremes: readonly (readonly [number, number, number])[];
  /** y and dy/dx of small x have a small relative error, too. */
  readonly relative?: { readonly from: number; readonly to: number; readonly error: number };
  /** Whether y of a NaN is a NaN (else any number). */
  readonly passesNaN: boolean;
}

export function checkActivation<P>(spec: ActivationSpec<P>): void {
  const shapes = [
    { why: 'one element, less than a vec4', shapes: [[1]] },
    { why: 'odd sizes, partial vec4 and workgroup', shapes: [[3, 5, 7, 3]] },
    { why: 'dense, batch > 1', shapes: [[5, 33]] },
  ];
  checkOp<P>({
    name: spec.name,
    cases: spec.params.flatMap((params, i) => (i === 0 ? shapes : shapes.slice(1, 2)).map((c) => ({ ...c, params }))),
    build: ([x], params) => spec.build(x!, params),
    // Absolute sizes 0.8 to 8: where the functions bend and where they saturate. A power of 2 keeps float32 exact.
    inputs: (all, random) => all.map((shape) => map(randomArray(shape, random), (v) => 8 * v)),
    forward: ([x], params) => map(x!, (v) => spec.f(v, params)),
    backward: ([x], dy, params) => [map(dy, (d, i) => d * spec.df(x!.data[i]!, params))],
    ...(spec.oracle ? { oracle: (tf, [x], params) => spec.oracle!(tf, x!, params) } : {}),
    tolerance: spec.tolerance,
  });

  const first = spec.params[0]!;
  test(`${spec.name}: extreme inputs`, async () => {
    const { y, slope } = await evaluate(
      (x) => spec.build(x, first),
      spec.extremes.map(([x]) => x),
    );
    spec.extremes.forEach(([x, wantY, wantSlope], i) => {
      const close = (got: number, want: number) => Math.abs(got - want) <= 1e-6 * Math.max(1, Math.abs(want));
      expect(close(y[i]!, wantY), `y(${x}): got ${y[i]}, want ${wantY}`).toBe(true);
      expect(close(slope[i]!, wantSlope), `dy/dx(${x}): got ${slope[i]}, want ${wantSlope}`).toBe(true);
    });
  });

  test(`${spec.name}: a dense grid`, async () => {
    const xs = Array.from({ length: 24_001 }, (_, i) => Math.fround((i - 12_000) / 1000));
    const { y, slope } = await evaluate((x) => spec.build(x, first), xs);
    const worst = (got: number[], want: (x: number, p: P) => number) =>
      Math.max(...xs.map((x, i) => Math.abs(got[i]! - want(x, first)) / Math.max(1, Math.abs(want(x, first)))));
    const { forward, backward } = spec.tolerance;
    expect(worst(y, spec.f), `y: ${forward.why}`).toBeLessThanOrEqual(forward.error);
    // A derivative may jump at 0.
    xs.splice(12_000, 1);
    slope.splice(12_000, 1);
    expect(worst(slope, spec.df), `dy/dx: ${backward.why}`).toBeLessThanOrEqual(backward.error);
  });

  const { relative } = spec;
  if (relative) {
    test(`${spec.name}: relative error`, async () => {
      const { from, to, error } = relative;
      // Evenly spaced in the logarithm of |x|.
      const xs = Array.from({ length: 4001 }, (_, i) => Math.fround(from * (to / from) ** (i / 4000)));
      const { y } = await evaluate((x) => spec.build(x, first), xs);
      const worst = Math.max(...xs.map((x, i) => Math.abs(y[i]! / spec.f(x, first) - 1)));
      expect(worst).toBeLessThanOrEqual(error);
    });
  }

  if (spec.passesNaN) {
    test(`${spec.name}: a NaN passes on`, async () => {
      const { y } = await evaluate((x) => spec.build(x, first), [Number.NaN, 1]);
      expect(y[0]).toBeNaN();
      expect(y[1]).not.toBeNaN();
    });
  }
}
