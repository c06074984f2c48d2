/** Runs graphs on a device and reads their results: any graph, or a case of a spec with its gradients. */
import {
  type Device,
  type DType,
  type Graph,
  gradients,
  graph,
  type HostArray,
  plan,
  Session,
  type Tensor,
} from '../index.ts';
import type { KernelChoice } from '../plan/kernels.ts';
import type { DrawnCase, OpCase, OpSpec, PlantedNaN } from './spec.ts';

/** Plans a graph, lets `use` run it, and frees its memory. @param choose chooses the kernel of each node */
export async function onDevice<T>(
  device: Device,
  g: Graph,
  outputs: readonly Tensor[],
  choose: KernelChoice | undefined,
  use: (session: Session) => Promise<T>,
): Promise<T> {
  const session = await Session.create(device, plan(g, outputs, { target: device.target, choose }));
  try {
    return await use(session);
  } finally {
    session.destroy();
  }
}

/** Values in the host array of a dtype. */
function hostValues(dtype: DType, values: ArrayLike<number>): HostArray {
  return { f32: Float32Array, i32: Int32Array, u32: Uint32Array }[dtype].from(values);
}

/** Writes an input, unless the plan does not read it. @param nan a NaN to plant among the values, by its bits */
export function feed(
  session: Session,
  input: Tensor,
  values: ArrayLike<number>,
  nan?: Pick<PlantedNaN, 'element' | 'bits'>,
): void {
  if (!session.uses(input)) return;
  const host = hostValues(input.dtype, values);
  if (nan) new Uint32Array(host.buffer)[nan.element] = nan.bits;
  session.write(input, host);
}

export interface CaseResult {
  readonly y: ArrayLike<number>;
  /** Gradients; undefined for an input without one in the reference. */
  readonly dxs: readonly (ArrayLike<number> | undefined)[];
}

/**
 * Runs a case forward and backward as one step, once for each set of numbers.
 * @throws the errors of planning, compiling and running
 */
export async function runCase<P>(
  device: Device,
  spec: OpSpec<P>,
  { shapes, params }: OpCase<P>,
  drawn: readonly DrawnCase[],
  choose?: KernelChoice,
): Promise<CaseResult[]> {
  const { dxs, y: want } = drawn[0]!;
  const g = graph();
  const xs = shapes.map((shape, i) => g.input(`x${i}`, shape, spec.dtypes?.[i] ?? 'f32'));
  const y = spec.build(xs, params);
  if (`${y.shape}` !== `${want.shape}`) throw new Error(`y has shape [${y.shape}], wanted [${want.shape}].`);
  const upstream = g.input('dy', y.shape);
  const variable = (dxs ?? []).flatMap((dx, i) => (dx ? [i] : []));
  const wanted = variable.map((i) => xs[i]!);
  const outputs = [y, ...(wanted.length > 0 ? gradients(y, wanted, upstream) : [])];
  return onDevice(device, g, outputs, choose, async (session) => {
    const results: CaseResult[] = [];
    for (const { inputs, dy, nan } of drawn) {
      [...xs, upstream].forEach((x, i) => {
        feed(session, x, (inputs[i] ?? dy).data, nan?.input === i ? nan : undefined);
      });
      const [value, ...found] = await session.runAndRead(outputs);
      results.push({ y: value!, dxs: xs.map((_, i) => found[variable.indexOf(i)]) });
    }
    return results;
  });
}
