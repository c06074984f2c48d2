/** The same network on the GPU: the engine's graph, and its gradients. */
import { add, fill, gradients, graph, matmul, mul, relu, reshape, softmax, softmaxCrossEntropy, sum } from 'neurite';
import { onDevice } from '../../lesson/compute.ts';
import type { Inputs, Kind, Values } from './backprop.ts';

function build(kind: Kind) {
  const g = graph();
  const outputs = kind === 'softmax' ? 3 : 1;
  const x = g.input('x', [2, 1]);
  const [w1, b1] = [g.input('w1', [3, 2]), g.input('b1', [3, 1])];
  const [w2, b2] = [g.input('w2', [outputs, 3]), g.input('b2', [outputs, 1])];
  const u = add(matmul(w1, x), b1);
  const h = relu(u);
  const f = add(matmul(w2, h), b2);
  // Of the true class 1, of the others 0; of a regression -y.
  const target = g.input('target', [1, outputs]);
  const rows = reshape(f, [1, outputs]);
  const error = add(rows, target);
  const loss =
    kind === 'softmax' ? sum(softmaxCrossEntropy(rows, target)) : mul(fill(g, [1, 1], 1 / 2), mul(error, error));
  const [df, dw2, db2, dh, du, dw1, db1] = gradients(loss, [f, w2, b2, h, u, w1, b1]);
  const p = kind === 'softmax' ? softmax(rows) : f;
  return {
    inputs: { x, w1, b1, w2, b2, target },
    outputs: {
      ...{ u, h, f, p, L: loss, df: df!, dh: dh!, du: du! },
      ...{ 'dW₂': dw2!, 'db₂': db2!, 'dW₁': dw1!, 'db₁': db1! },
    },
  };
}

const networks = { regression: onDevice(() => build('regression')), softmax: onDevice(() => build('softmax')) };

/** All values and gradients of the presses. */
export function valuesOnGpu(
  device: Parameters<typeof networks.regression>[0],
  { kind, x, y, weights }: Inputs,
): Promise<Record<keyof Values, number[]>> {
  return networks[kind](device, {
    x: x.data,
    w1: weights['W₁'].data,
    b1: weights['b₁'].data,
    w2: weights['W₂'].data,
    b2: weights['b₂'].data,
    target: kind === 'softmax' ? [0, 1, 2].map((k) => (k === y ? 1 : 0)) : [-y],
  });
}
