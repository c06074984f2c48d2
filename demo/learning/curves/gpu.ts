/** Activations with their derivatives, and two dense layers, on the GPU. */
import { add, gradients, graph, matmul, relu, sigmoid, type Tensor, tanh } from 'neurite';
import { onDevice } from '../../lesson/compute.ts';
import type { ActivationName } from '../../lesson/reference/activations.ts';

const OPS: Readonly<Record<ActivationName, (u: Tensor) => Tensor>> = { linear: (u) => u, tanh, sigmoid, relu };

/** Outputs are `NAME` and `NAME'` of each, at all u. @param count of the numbers */
function build(count: number) {
  const u = graph().input('u', [count]);
  const [t, s, r] = [tanh(u), sigmoid(u), relu(u)];
  const slope = (y: Tensor) => gradients(y, [u])[0]!;
  return {
    inputs: { u },
    outputs: { tanh: t, sigmoid: s, relu: r, 'tanh′': slope(t), 'sigmoid′': slope(s), 'relu′': slope(r) },
  };
}

const ofCount = new Map<number, ReturnType<typeof activationsOf>>();
const activationsOf = (count: number) => onDevice(() => build(count));

export function activationsAt(device: Parameters<ReturnType<typeof activationsOf>>[0], u: ArrayLike<number>) {
  if (!ofCount.has(u.length)) ofCount.set(u.length, activationsOf(u.length));
  return ofCount.get(u.length)!(device, { u });
}

/**
 * f = W₂ φ(W₁ x + b₁) + b₂ of one number x, at many; and W₂ W₁ and W₂ b₁ + b₂, the one layer that it is without φ.
 * @param units of the hidden layer. @param count of the numbers x
 */
export const twoLayers = (activation: ActivationName, units: number, count: number) =>
  onDevice(() => {
    const g = graph();
    const x = g.input('x', [1, count]);
    const [w1, b1] = [g.input('w1', [units, 1]), g.input('b1', [units, 1])];
    const [w2, b2] = [g.input('w2', [1, units]), g.input('b2', [1, 1])];
    const h = OPS[activation](add(matmul(w1, x), b1));
    return {
      inputs: { x, w1, b1, w2, b2 },
      outputs: { f: add(matmul(w2, h), b2), slope: matmul(w2, w1), offset: add(matmul(w2, b1), b2) },
    };
  });
