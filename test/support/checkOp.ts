/**
 * One table of cases serves four modes: the kernel against its float64 reference, forward and backward; the reference
 * against finite differences; the reference against TensorFlow.js.
 */
import { describe, expect, test } from 'vitest';
import { type DType, gradients, graph, plan, Session, type Tensor } from '../../src/index.ts';
import { elements, hostArray } from '../../src/tensor.ts';
import { type Array64, expectClose, randomArray, randomStream, size, type Tolerance } from './arrays.ts';
import { testDevice } from './device.ts';
import { type Tf, type TfTensor, tensorflow, toTf } from './tensorflow.ts';

export interface OpCase<P> {
  /** What this case is there to catch. */
  readonly why: string;
  /** Shapes of the inputs. */
  readonly shapes: readonly (readonly number[])[];
  readonly params: P;
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
  /** The same op in TensorFlow.js; undefined where it can't do the case. */
  oracle?(tf: Tf, inputs: readonly TfTensor[], params: P): TfTensor | undefined;
  /** TensorFlow.js has no gradient for this case: compare the values only. */
  oracleForwardOnly?(params: P): boolean;
  /** Dtypes of the inputs; f32 if absent. */
  readonly dtypes?: readonly DType[];
  /** Draws the inputs; `randomArray` for each if absent. Values must be exact in float32. */
  inputs?(shapes: readonly (readonly number[])[], random: () => number, params: P): readonly Array64[];
  readonly tolerance: { readonly forward: Tolerance; readonly backward?: Tolerance };
}

/** Elements of each input at which finite differences are taken. */
const PROBES = 24;
/** Step of the central differences: their error is about step^2 plus 1e-16 / step. */
const STEP = 1e-5;
const FINITE_DIFFERENCE: Tolerance = { error: 1e-6, why: 'central differences with step 1e-5 in double precision' };
const ORACLE: Tolerance = { error: 2e-4, why: 'TensorFlow.js sums in float32, in an order of its own' };

/** Registers the tests of one op. */
export function checkOp<P>(spec: OpSpec<P>): void {
  describe(spec.name, () => {
    spec.cases.forEach((opCase, index) => {
      const random = randomStream(index + 1);
      const { shapes, params, why } = opCase;
      const inputs = spec.inputs?.(shapes, random, params) ?? shapes.map((shape) => randomArray(shape, random));
      const y = spec.forward(inputs, params);
      // A random upstream gradient: with ones, the gradient of a softmax is 0 whatever the code does.
      const dy = randomArray(y.shape, random);
      const dxs = spec.backward?.(inputs, dy, params);
      const title = `${shapes.map((shape) => `[${shape}]`).join(' ')} ${JSON.stringify(params) ?? ''} (${why})`;

      test(`kernel: ${title}`, async () => {
        const run = await runOnGpu(spec, opCase, inputs, dy, dxs);
        expect(run.shape, 'shape of y').toEqual([...y.shape]);
        expectClose('y', run.y, y, spec.tolerance.forward);
        dxs?.forEach((dx, i) => {
          if (dx)
            expectClose(`gradient of input ${i}`, run.dxs[i]!, dx, spec.tolerance.backward ?? spec.tolerance.forward);
        });
      });

      if (dxs) {
        test(`finite differences: ${title}`, () => {
          dxs.forEach((dx, i) => {
            if (dx) checkFiniteDifferences(spec, params, inputs, i, dy, dx, random);
          });
        });
      }

      if (spec.oracle) {
        test(`TensorFlow.js: ${title}`, async (context) => {
          const tf = await tensorflow();
          const xs = inputs.map((x, i) => toTf(x, (spec.dtypes?.[i] ?? 'f32') === 'f32' ? 'float32' : 'int32'));
          const apply = (...tensors: TfTensor[]) => spec.oracle!(tf, tensors, params);
          const want = apply(...xs);
          if (!want) return context.skip('TensorFlow.js cannot do this case');
          expectClose('reference y', y.data, { shape: y.shape, data: Float64Array.from(await want.data()) }, ORACLE);
          if (!dxs || spec.oracleForwardOnly?.(params)) return;
          const variable = dxs.flatMap((dx, i) => (dx ? [i] : []));
          const grads = tf.grads(
            (...tensors: TfTensor[]) =>
              apply(...xs.map((x, i) => (variable.includes(i) ? tensors[variable.indexOf(i)]! : x)))!,
          )(
            variable.map((i) => xs[i]!),
            toTf(dy).reshape(want.shape),
          );
          for (const [k, i] of variable.entries()) {
            const data = Float64Array.from(await grads[k]!.data());
            expectClose(`reference gradient of input ${i}`, dxs[i]!.data, { shape: inputs[i]!.shape, data }, ORACLE);
          }
        });
      }
    });
  });
}

async function runOnGpu<P>(
  spec: OpSpec<P>,
  { shapes, params }: OpCase<P>,
  inputs: readonly Array64[],
  dy: Array64,
  dxs: readonly (Array64 | undefined)[] | undefined,
): Promise<{ y: ArrayLike<number>; shape: readonly number[]; dxs: (ArrayLike<number> | undefined)[] }> {
  const g = graph();
  const xs = shapes.map((shape, i) => g.input(`x${i}`, shape, spec.dtypes?.[i] ?? 'f32'));
  const y = spec.build(xs, params);
  const upstream = g.input('dy', y.shape);
  const variable = (dxs ?? []).flatMap((dx, i) => (dx ? [i] : []));
  const found =
    variable.length > 0
      ? gradients(
          y,
          variable.map((i) => xs[i]!),
          upstream,
        )
      : [];
  const device = await testDevice();
  const session = await Session.create(device, plan(g, [y, ...found], { target: device.target }));
  try {
    const feed = (tensor: Tensor, values: Array64) => {
      if (!session.uses(tensor)) return;
      const data = hostArray(tensor.dtype, elements(tensor.shape));
      data.set(values.data);
      session.write(tensor, data);
    };
    for (const [i, x] of xs.entries()) feed(x, inputs[i]!);
    feed(upstream, dy);
    session.run();
    const results: (ArrayLike<number> | undefined)[] = shapes.map(() => undefined);
    for (const [k, i] of variable.entries()) results[i] = await session.read(found[k]!);
    return { y: await session.read(y), shape: y.shape, dxs: results };
  } finally {
    session.destroy();
  }
}

function checkFiniteDifferences<P>(
  spec: OpSpec<P>,
  params: P,
  inputs: readonly Array64[],
  which: number,
  dy: Array64,
  dx: Array64,
  random: () => number,
): void {
  const x = inputs[which]!;
  const count = size(x.shape);
  const objective = (at: number, value: number) => {
    const moved = { shape: x.shape, data: x.data.slice() };
    moved.data[at] = value;
    const y = spec.forward(
      inputs.map((input, i) => (i === which ? moved : input)),
      params,
    );
    return y.data.reduce((sum, v, i) => sum + v * dy.data[i]!, 0);
  };
  for (let probe = 0; probe < Math.min(PROBES, count); probe++) {
    const at = count <= PROBES ? probe : Math.floor(count * random());
    const value = x.data[at]!;
    const slope = (objective(at, value + STEP) - objective(at, value - STEP)) / (2 * STEP);
    expectClose(
      `d/d input ${which}, element ${at}`,
      [dx.data[at]!],
      { shape: [1], data: Float64Array.of(slope) },
      FINITE_DIFFERENCE,
    );
  }
}
