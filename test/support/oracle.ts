/** A case of an op in TensorFlow.js, forward and backward. */
import type { DrawnCase, OpSpec } from '../../src/selftest/spec.ts';
import type { Array64, Tolerance } from './arrays.ts';
import { type Tf, type TfTensor, toTf } from './tensorflow.ts';

export const ORACLE: Tolerance = { error: 2e-4, why: 'TensorFlow.js sums in float32, in an order of its own' };

/** An op in TensorFlow.js. */
export interface Oracle<P> {
  /** Undefined where TensorFlow.js can't do the case. */
  oracle?(tf: Tf, inputs: readonly TfTensor[], params: P): TfTensor | undefined;
  /** TensorFlow.js has no gradient for this case: compare the values only. */
  oracleForwardOnly?(params: P): boolean;
}

export interface OracleResults {
  readonly y: Array64;
  /** Gradients of the inputs, undefined where the reference or TensorFlow.js has none. */
  readonly dxs: readonly (Array64 | undefined)[];
}

function values(tensor: TfTensor, shape: readonly number[] = tensor.shape): Array64 {
  return { shape, data: Float64Array.from(tensor.dataSync()) };
}

/** @returns undefined where TensorFlow.js cannot do the case */
export function oracleResults<P>(
  tf: Tf,
  { dtypes }: OpSpec<P>,
  { oracle, oracleForwardOnly }: Oracle<P>,
  params: P,
  { inputs, dy, dxs }: DrawnCase,
): OracleResults | undefined {
  if (!oracle) return undefined;
  const scope = tf.engine();
  scope.startScope();
  try {
    const xs = inputs.map((x, i) => toTf(x, (dtypes?.[i] ?? 'f32') === 'f32' ? 'float32' : 'int32'));
    const y = oracle(tf, xs, params);
    if (!y) return undefined;
    if (!dxs || oracleForwardOnly?.(params)) return { y: values(y), dxs: [] };
    const variable = dxs.flatMap((dx, i) => (dx ? [i] : []));
    const grads = tf.grads(
      (...tensors: TfTensor[]) =>
        oracle(
          tf,
          xs.map((x, i) => (variable.includes(i) ? tensors[variable.indexOf(i)]! : x)),
          params,
        )!,
    )(
      variable.map((i) => xs[i]!),
      toTf(dy).reshape(y.shape),
    );
    const found: (Array64 | undefined)[] = inputs.map(() => undefined);
    for (const [k, i] of variable.entries()) found[i] = values(grads[k]!, inputs[i]!.shape);
    return { y: values(y), dxs: found };
  } finally {
    scope.endScope();
  }
}
