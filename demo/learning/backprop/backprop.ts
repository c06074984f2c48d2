/**
 * Backpropagation through a network of two inputs, three hidden units and one output, or three for classes, by hand. Vectors are
 * columns, as in the lecture: u = W₁x + b₁, h = relu(u), f = W₂h + b₂.
 */
import { activations } from '../../lesson/reference/activations.ts';
import { type Array64, array64, zeros } from '../../lesson/reference/array64.ts';
import { crossEntropy, crossEntropyGradient, softmax } from '../../lesson/reference/softmax.ts';

export type Kind = 'regression' | 'softmax';

export const WEIGHTS = ['W₁', 'b₁', 'W₂', 'b₂'] as const;
export type WeightName = (typeof WEIGHTS)[number];

export interface Inputs {
  readonly kind: Kind;
  /** `[2, 1]` */
  readonly x: Array64;
  /** What f is to be: a number, or a class from 0. */
  readonly y: number;
  /** `[3, 2]`, `[3, 1]`, `[outputs, 3]`, `[outputs, 1]` */
  readonly weights: Readonly<Record<WeightName, Array64>>;
}

/** What is computed, in the order of the presses. */
export type ValueName = 'u' | 'h' | 'f' | 'p' | 'L' | 'df' | 'dW₂' | 'db₂' | 'dh' | 'du' | 'dW₁' | 'db₁';
export type Values = Readonly<Record<ValueName, Array64>>;

/** Values in the middle of the forward pass, in place of those that would be computed. */
export type Given = Partial<Readonly<Record<'u' | 'h' | 'f', Array64>>>;

/** First weights and data. One hidden unit gives 0, so that its gradient is seen to end there. */
export function firstInputs(kind: Kind): Inputs {
  const shared = { x: array64([1, -2], [2, 1]) };
  const [w1, b1] = [array64([0.5, -1, 1, 1, -1, -1.5], [3, 2]), array64([0.5, -0.5, 0], [3, 1])];
  return kind === 'regression'
    ? {
        ...shared,
        kind,
        y: 1,
        weights: { 'W₁': w1, 'b₁': b1, 'W₂': array64([1, 0.5, -1], [1, 3]), 'b₂': array64([0.5], [1, 1]) },
      }
    : {
        ...shared,
        kind,
        y: 1,
        weights: {
          'W₁': w1,
          'b₁': b1,
          'W₂': array64([0.5, 1, -0.5, 0.5, -1, 0.5, -0.5, 0.5, 1], [3, 3]),
          'b₂': array64([0, 0.5, -0.5], [3, 1]),
        },
      };
}

/** A B. */
export function product(a: Array64, b: Array64): Array64 {
  const [rows, inner] = a.shape as [number, number];
  const columns = b.shape[1]!;
  const c = zeros([rows, columns]);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < columns; j++) {
      for (let k = 0; k < inner; k++) c.data[i * columns + j]! += a.data[i * inner + k]! * b.data[k * columns + j]!;
    }
  }
  return c;
}

export function transposed({ data, shape }: Array64): Array64 {
  const [rows, columns] = shape as [number, number];
  const flipped = Array.from(data, (_, i) => data[(i % rows) * columns + Math.floor(i / rows)]!);
  return array64(flipped, [columns, rows]);
}

const plus = (a: Array64, b: Array64): Array64 => ({ data: a.data.map((v, i) => v + b.data[i]!), shape: a.shape });

/** 1(h > 0), as numbers. */
export const alive = (h: Array64): Array64 => ({ data: h.data.map((v) => (v > 0 ? 1 : 0)), shape: h.shape });

function forward({ x, weights }: Inputs, given: Given = {}) {
  const u = given.u ?? plus(product(weights['W₁'], x), weights['b₁']);
  const h = given.h ?? { data: u.data.map(activations.relu.f), shape: u.shape };
  const f = given.f ?? plus(product(weights['W₂'], h), weights['b₂']);
  return { u, h, f };
}

const lossAt = ({ kind, y }: Inputs, f: Array64) =>
  kind === 'softmax' ? crossEntropy(f.data, y) : (y - f.data[0]!) ** 2 / 2;

/** L = (y - f)^2 / 2, or -log p of the class y. */
export const lossOf = (inputs: Inputs, given?: Given) => lossAt(inputs, forward(inputs, given).f);

/** Everything, forward and backward. */
export function valuesOf(inputs: Inputs): Values {
  const { kind, x, y, weights } = inputs;
  const { u, h, f } = forward(inputs);
  const isClass = kind === 'softmax';
  const df = { data: isClass ? crossEntropyGradient(f.data, y) : f.data.map((value) => value - y), shape: f.shape };
  const dh = product(transposed(weights['W₂']), df);
  const du = { data: dh.data.map((d, i) => d * activations.relu.derivative(u.data[i]!)), shape: u.shape };
  return {
    ...{ u, h, f, df, dh, du },
    p: { data: isClass ? softmax(f.data) : f.data, shape: f.shape },
    L: array64([lossAt(inputs, f)], [1, 1]),
    'dW₂': product(df, transposed(h)),
    'db₂': df,
    'dW₁': product(du, transposed(x)),
    'db₁': du,
  };
}

/** With one weight changed. */
export function withWeight(inputs: Inputs, name: WeightName, index: number, value: number): Inputs {
  const { data, shape } = inputs.weights[name];
  return { ...inputs, weights: { ...inputs.weights, [name]: { data: data.with(index, value), shape } } };
}

export const EPSILON = 1e-4;

/** The loss with a weight larger and smaller by EPSILON, and the slope between them: (L(w + ε) - L(w - ε)) / 2ε. */
export function finiteDifference(inputs: Inputs, name: WeightName, index: number) {
  const w = inputs.weights[name].data[index]!;
  const above = lossOf(withWeight(inputs, name, index, w + EPSILON));
  const below = lossOf(withWeight(inputs, name, index, w - EPSILON));
  return { above, below, slope: (above - below) / (2 * EPSILON) };
}
