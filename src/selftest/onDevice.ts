/** One case of an op, forward and backward, on a device. */
import { type Device, type DType, gradients, graph, type HostArray, plan, Session, type Tensor } from '../index.ts';
import type { KernelChoice } from '../kernels.ts';
import { type Array64, size } from './arrays.ts';
import type { DrawnCase, OpCase, OpSpec } from './spec.ts';

export interface CaseResult {
  readonly y: ArrayLike<number>;
  /** Shape of y, by the op. */
  readonly shape: readonly number[];
  /** Gradients, undefined where the reference has none. */
  readonly dxs: readonly (ArrayLike<number> | undefined)[];
}

/** Runs a case as one step. @param choose among the kernels of each node. @throws what planning, compiling and running throw */
export async function runCase<P>(
  device: Device,
  spec: OpSpec<P>,
  { shapes, params }: OpCase<P>,
  { inputs, dy, dxs }: DrawnCase,
  choose?: KernelChoice,
): Promise<CaseResult> {
  const g = graph();
  const xs = shapes.map((shape, i) => g.input(`x${i}`, shape, spec.dtypes?.[i] ?? 'f32'));
  const y = spec.build(xs, params);
  const upstream = g.input('dy', y.shape);
  const variable = (dxs ?? []).flatMap((dx, i) => (dx ? [i] : []));
  const wanted = variable.map((i) => xs[i]!);
  const found = wanted.length > 0 ? gradients(y, wanted, upstream) : [];
  const session = await Session.create(device, plan(g, [y, ...found], { target: device.target, choose }));
  try {
    const feed = (tensor: Tensor, values: Array64) => {
      if (session.uses(tensor)) session.write(tensor, hostValues(tensor.dtype, values));
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

/** Values as the device stores them. */
export function hostValues(dtype: DType, { shape, data }: Array64): HostArray {
  const values = { f32: Float32Array, i32: Int32Array, u32: Uint32Array }[dtype];
  const host = new values(size(shape));
  host.set(data);
  return host;
}
