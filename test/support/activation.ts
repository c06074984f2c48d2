/** One table of an element-wise activation: the modes of `checkOp`, its extreme inputs, its accuracy near 0, NaN. */
import { expect, test } from 'vitest';
import { gradients, graph, plan, Session, type Tensor } from '../../src/index.ts';
import type { ActivationSpec } from '../../src/selftest/activation.ts';
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

/** @param oracle the same function in TensorFlow.js */
export function checkActivation<P>(
  spec: ActivationSpec<P>,
  oracle: (tf: Tf, x: TfTensor, params: P) => TfTensor | undefined,
): void {
  checkOp<P>({ ...spec, oracle: (tf, [x], params) => oracle(tf, x!, params) });

  const first = spec.cases[0]!.params;
  test(`${spec.name}: extreme inputs`, async () => {
    const { y, slope } = await evaluate(
      (x) => spec.build([x], first),
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
    const { y, slope } = await evaluate((x) => spec.build([x], first), xs);
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
      const { y } = await evaluate((x) => spec.build([x], first), xs);
      const worst = Math.max(...xs.map((x, i) => Math.abs(y[i]! / spec.f(x, first) - 1)));
      expect(worst).toBeLessThanOrEqual(error);
    });
  }

  if (spec.passesNaN) {
    test(`${spec.name}: a NaN passes on`, async () => {
      const { y } = await evaluate((x) => spec.build([x], first), [Number.NaN, 1]);
      expect(y[0]).toBeNaN();
      expect(y[1]).not.toBeNaN();
    });
  }
}
