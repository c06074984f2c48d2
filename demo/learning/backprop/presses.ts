/** The presses: one formula each, with the matrices that it multiplies. */
import type { Array64 } from '../../lesson/reference/array64.ts';
import { alive, type Inputs, type Kind, transposed, type ValueName, type Values } from './backprop.ts';

/** A matrix of the formula, or a sign between two. */
export type Part = Array64 | string;

export interface Press {
  /** What it computes; the input is given. */
  readonly result: ValueName | 'x';
  /** The same, as it is written. */
  readonly name: string;
  readonly formula: string;
  /** One sentence: what happens. */
  readonly text: string;
  /** The formula with numbers, without the result. */
  parts(inputs: Inputs, values: Values): Part[];
  /** Edges that are lit: those of the first layer, of the second, or of the loss. */
  readonly edges: readonly ('first' | 'second' | 'loss')[];
  readonly backward: boolean;
}

const forwardPresses = (kind: Kind): Press[] => [
  {
    result: 'x',
    name: 'x',
    formula: 'x',
    text: 'The input: two numbers.',
    parts: () => [],
    edges: [],
    backward: false,
  },
  {
    result: 'u',
    name: 'u',
    formula: 'W₁x + b₁',
    text: 'Each hidden unit adds up its inputs, times its weights.',
    parts: ({ x, weights }) => [weights['W₁'], '·', x, '+', weights['b₁']],
    edges: ['first'],
    backward: false,
  },
  {
    result: 'h',
    name: 'h',
    formula: 'relu(u)',
    text: 'What is below 0 becomes 0.',
    parts: (_, { u }) => ['max', u, ', 0'],
    edges: [],
    backward: false,
  },
  {
    result: 'f',
    name: 'f',
    formula: 'W₂h + b₂',
    text: 'The last layer is linear. The slide writes W₁ here a second time: it is W₂, with weights of its own.',
    parts: ({ weights }, { h }) => [weights['W₂'], '·', h, '+', weights['b₂']],
    edges: ['second'],
    backward: false,
  },
  ...(kind === 'softmax'
    ? [
        {
          result: 'p' as const,
          name: 'p',
          formula: 'exp(f) / Σ exp(fₖ)',
          text: 'Softmax makes probabilities of the outputs: they are positive, and their sum is 1.',
          parts: (_: Inputs, { f }: Values) => ['softmax', f],
          edges: ['loss' as const],
          backward: false,
        },
      ]
    : []),
  {
    result: 'L',
    name: 'L',
    formula: kind === 'softmax' ? '−log p of the class y' : '½ (y − f)²',
    text: kind === 'softmax' ? 'The loss is small where the true class is probable.' : 'The loss: how far f is from y.',
    parts: ({ y }, { p, f }) =>
      kind === 'softmax' ? [`−log ${short(p.data[y]!)}`] : [`½ (${short(y)} − ${bracketed(f.data[0]!)})²`],
    edges: ['loss'],
    backward: false,
  },
];

const backwardPresses = (kind: Kind): Press[] => [
  {
    result: 'df',
    name: '∂L/∂f',
    formula: kind === 'softmax' ? 'p − 1(y = k)' : 'f − y',
    text:
      kind === 'softmax'
        ? 'Back again: each class gets its probability, the true one less 1. The sum is 0.'
        : 'Back again: the error of the output is what is sent through the network.',
    parts: ({ y }, { p, f }) =>
      kind === 'softmax'
        ? [p, '−', { data: p.data.map((_, k) => (k === y ? 1 : 0)), shape: p.shape }]
        : [f, `− ${bracketed(y)}`],
    edges: ['loss'],
    backward: true,
  },
  {
    result: 'dW₂',
    name: '∂L/∂W₂',
    formula: '∂L/∂f · hᵀ',
    text: 'A weight matters as much as what went through it, times the error behind it.',
    parts: (_, { df, h }) => [df, '·', transposed(h)],
    edges: ['second'],
    backward: true,
  },
  {
    result: 'db₂',
    name: '∂L/∂b₂',
    formula: '∂L/∂f',
    text: 'A bias is the weight of a 1.',
    parts: () => [],
    edges: [],
    backward: true,
  },
  {
    result: 'dh',
    name: '∂L/∂h',
    formula: 'W₂ᵀ · ∂L/∂f',
    text: 'The error goes back along the same weights.',
    parts: ({ weights }, { df }) => [transposed(weights['W₂']), '·', df],
    edges: ['second'],
    backward: true,
  },
  {
    result: 'du',
    name: '∂L/∂u',
    formula: '1(h > 0) ∘ ∂L/∂h',
    text: 'Where relu gave 0 the error ends.',
    parts: (_, { h, dh }) => [alive(h), '∘', dh],
    edges: [],
    backward: true,
  },
  {
    result: 'dW₁',
    name: '∂L/∂W₁',
    formula: '∂L/∂u · xᵀ',
    text: 'As in the second layer: the error behind a weight, times what went through it.',
    parts: ({ x }, { du }) => [du, '·', transposed(x)],
    edges: ['first'],
    backward: true,
  },
  {
    result: 'db₁',
    name: '∂L/∂b₁',
    formula: '∂L/∂u',
    text: 'And its bias. Now every weight knows its gradient, after one walk back.',
    parts: () => [],
    edges: [],
    backward: true,
  },
];

export const pressesOf = (kind: Kind): readonly Press[] => [...forwardPresses(kind), ...backwardPresses(kind)];

/** At most three decimals: `0.5`, `−1.234`. */
export const short = (value: number) => String(Number(value.toFixed(3)) || 0).replace('-', '−');

const bracketed = (value: number) => (value < 0 ? `(${short(value)})` : short(value));
