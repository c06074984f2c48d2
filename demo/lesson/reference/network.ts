/**
 * A network of dense layers, by hand: what it computes, its losses, all gradients by backpropagation, and steps of Adam with
 * weight decay. It is what the GPU's training is checked against, and what trains where there is no GPU.
 */
import { type ActivationName, activations } from './activations.ts';
import { type Array64, array64 } from './array64.ts';
import { dense, denseGradients } from './dense.ts';

/** Weights of one layer. */
export interface DenseLayer {
  /** `[inputs, outputs]` */
  readonly w: Array64;
  /** `[outputs]` */
  readonly b: Array64;
  readonly activation: ActivationName;
}

/** `binary` takes logits, and labels from 0 to 1. */
export type LossKind = 'binary' | 'squared';

/** What a layer makes of a batch: u = x W + b, and h = activation(u). Both are `[rows, outputs]`. */
export interface LayerValues {
  readonly u: Array64;
  readonly h: Array64;
}

export function forward(network: readonly DenseLayer[], x: Array64): LayerValues[] {
  let h = x;
  return network.map(({ w, b, activation }) => {
    const u = dense(h, w, b);
    h = { data: u.data.map(activations[activation].f), shape: u.shape };
    return { u, h };
  });
}

/** Mean over the rows: of the cross-entropy of sigmoid(z), in nats, or of (z - y)^2. */
export function lossOf(kind: LossKind, z: ArrayLike<number>, y: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < z.length; i++) {
    const [at, wanted] = [z[i]!, y[i]!];
    // log(1 + exp(z)) - z y, without an exponential that overflows.
    if (kind === 'binary') sum += Math.max(at, 0) - at * wanted + Math.log1p(Math.exp(-Math.abs(at)));
    else sum += (at - wanted) ** 2;
  }
  return sum / z.length;
}

/** The loss of a network with one output. */
export function networkLoss(network: readonly DenseLayer[], kind: LossKind, x: Array64, y: ArrayLike<number>): number {
  return lossOf(kind, forward(network, x).at(-1)!.h.data, y);
}

/**
 * Gradients of that loss by all weights, by backpropagation.
 * @returns for each layer dL/dW and dL/db
 */
export function backward(
  network: readonly DenseLayer[],
  kind: LossKind,
  x: Array64,
  y: ArrayLike<number>,
): { dw: Array64; db: Array64 }[] {
  const values = forward(network, x);
  const z = values.at(-1)!.h;
  const rows = z.data.length;
  const slope = (at: number, i: number) => (kind === 'binary' ? activations.sigmoid.f(at) - y[i]! : 2 * (at - y[i]!));
  let dh: Array64 = { data: z.data.map((at, i) => slope(at, i) / rows), shape: z.shape };
  const found: { dw: Array64; db: Array64 }[] = [];
  for (let i = network.length - 1; i >= 0; i--) {
    const { w, activation } = network[i]!;
    const { derivative } = activations[activation];
    const { u } = values[i]!;
    const du = { data: dh.data.map((d, k) => d * derivative(u.data[k]!)), shape: u.shape };
    const { dx, dw, db } = denseGradients(du, i > 0 ? values[i - 1]!.h : x, w);
    found.unshift({ dw, db });
    dh = dx;
  }
  return found;
}

/** Copies the weights. */
export const copyOf = (network: readonly DenseLayer[]): DenseLayer[] =>
  network.map(({ w, b, activation }) => ({ w: array64(w.data, w.shape), b: array64(b.data, b.shape), activation }));

/**
 * AdamW (I. Loshchilov, F. Hutter: Decoupled weight decay regularization, 2019) with the engine's defaults, which are Keras':
 * biases decay as well. Without decay it is Adam.
 */
export class Adam {
  rate: number;
  decay: number;
  #step = 0;
  readonly #moments = new Map<Float64Array, { m: Float64Array; v: Float64Array }>();

  constructor(rate: number, decay = 0) {
    this.rate = rate;
    this.decay = decay;
  }

  /** Changes the weights, in place. */
  step(network: readonly DenseLayer[], gradients: readonly { dw: Array64; db: Array64 }[]): void {
    this.#step++;
    network.forEach(({ w, b }, i) => {
      this.#update(w.data, gradients[i]!.dw.data);
      this.#update(b.data, gradients[i]!.db.data);
    });
  }

  #update(w: Float64Array, gradient: Float64Array): void {
    const [beta1, beta2, epsilon] = [0.9, 0.999, 1e-7];
    const { m, v } = this.#moments.get(w) ?? { m: new Float64Array(w.length), v: new Float64Array(w.length) };
    this.#moments.set(w, { m, v });
    const alpha = (this.rate * Math.sqrt(1 - beta2 ** this.#step)) / (1 - beta1 ** this.#step);
    for (let i = 0; i < w.length; i++) {
      const g = gradient[i]!;
      m[i]! += (1 - beta1) * (g - m[i]!);
      v[i]! += (1 - beta2) * (g * g - v[i]!);
      w[i]! -= this.rate * this.decay * w[i]! + (alpha * m[i]!) / (Math.sqrt(v[i]!) + epsilon);
    }
  }
}
