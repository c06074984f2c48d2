/** The lessons' numbers by hand, demo/lesson/reference, beside the engine's kernels, forward and backward. */
import { describe, expect, test } from 'vitest';
import { activations } from '../../demo/lesson/reference/activations.ts';
import { type Array64, array64 } from '../../demo/lesson/reference/array64.ts';
import { type ConvOptions, conv2d as convByHand, convTerms } from '../../demo/lesson/reference/conv2d.ts';
import { conv2dTranspose as transposeByHand } from '../../demo/lesson/reference/conv2dTranspose.ts';
import { dense, denseGradients } from '../../demo/lesson/reference/dense.ts';
import { maxPool2d as maxByHand, maxPool2dGradient, meanPool2d } from '../../demo/lesson/reference/pool2d.ts';
import { crossEntropy, crossEntropyGradient, softmax as softmaxByHand } from '../../demo/lesson/reference/softmax.ts';
import {
  avgPool2d,
  biasAdd,
  conv2d,
  conv2dTranspose,
  gradients,
  graph,
  matmul,
  maxPool2d,
  mul,
  relu,
  sigmoid,
  softmax,
  softmaxCrossEntropy,
  sum,
  type Tensor,
  tanh,
} from '../../src/index.ts';
import { randomArray, randomStream } from '../support/arrays.ts';
import { runOnce } from '../support/session.ts';

const TOLERANCE = 1e-5;

const random = (shape: readonly number[], seed: number) => array64(randomArray(shape, randomStream(seed)).data, shape);

function expectEqual(values: ArrayLike<number>, reference: ArrayLike<number>): void {
  expect(values.length).toBe(reference.length);
  const worst = Math.max(...Array.from(reference, (want, i) => Math.abs(values[i]! - want)));
  expect(worst).toBeLessThan(TOLERANCE);
}

/** What the engine makes of some arrays, and the gradients of the sum of its product with `dy`. */
async function engine(
  build: (inputs: Tensor[]) => Tensor,
  inputs: readonly Array64[],
  dy: Array64,
): Promise<number[][]> {
  const g = graph();
  const tensors = inputs.map(({ shape }, i) => g.input(`x${i}`, shape));
  const upstream = g.input('dy', dy.shape);
  const y = build(tensors);
  const outputs = [y, ...gradients(sum(mul(y, upstream)), tensors)];
  const feeds = [...tensors.map((tensor, i) => [tensor, inputs[i]!.data] as const), [upstream, dy.data] as const];
  return runOnce(g, feeds, outputs);
}

/** A picture as a batch of one. */
const batch = ({ data, shape }: Array64): Array64 => ({ data, shape: [1, ...shape] });

describe('conv2d', () => {
  const cases: readonly [x: number[], w: number[], options: ConvOptions][] = [
    [[5, 5, 1], [2, 2, 1, 1], {}],
    [[7, 6, 3], [3, 3, 3, 4], { padding: 'same' }],
    [[8, 7, 2], [2, 3, 2, 3], { padding: 'same', stride: 2 }],
    [[9, 8, 1], [5, 3, 1, 2], { stride: 3 }],
    [[3, 3, 2], [3, 3, 2, 1], {}],
  ];
  test.each(cases)('%j with %j, %j', async (shape, kernels, options) => {
    const [x, w] = [random(shape, 1), random(kernels, 2)];
    const bias = random([kernels[3]!], 3);
    const y = convByHand(x, w, { ...options, bias: bias.data });
    const { padding = 'valid', stride = 1 } = options;
    const [values] = await engine(
      ([x, w, b]) => biasAdd(conv2d(x!, w!, { padding, strides: stride }), b!),
      [batch(x), w, bias],
      batch(random(y.shape, 4)),
    );
    expectEqual(values!, y.data);
  });

  test("the slide's picture, written out", () => {
    const picture = [0, 1, 2, 3, 4, -5, -6, -7, -8, -9, 1, 2, 3, -2, 1, 4, 3, 2, 1, 0, -9, -8, -7, -6, -5];
    const x = array64(picture, [5, 5, 1]);
    const w = array64([2, -1, -1, 2], [2, 2, 1, 1]);
    const terms = convTerms(x, w, { row: 2, column: 1, kernel: 0 });
    expect(terms.map(({ x, w }) => [x, w])).toEqual([
      [2, 2],
      [3, -1],
      [3, -1],
      [2, 2],
    ]);
    expect(terms.map(({ row, column }) => [row, column])).toEqual([
      [2, 1],
      [2, 2],
      [3, 1],
      [3, 2],
    ]);
    const map = Array.from(convByHand(x, w, { bias: [1] }).data, activations.relu.f);
    expect(map).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 3, 3, 9, 0, 0, 0, 0, 0]);
  });
});

test.each([
  [[3, 3, 1], [3, 3, 1, 1], 2],
  [[4, 3, 2], [2, 5, 3, 2], 3],
  [[2, 5, 3], [4, 4, 2, 3], 1],
])('a transposed convolution: %j with %j, stride %d', async (shape, kernels, strides) => {
  const [x, w] = [random(shape, 1), random(kernels, 2)];
  const y = transposeByHand(x, w, strides);
  const [values] = await engine(([x, w]) => conv2dTranspose(x!, w!, { strides }), [batch(x), w], batch(y));
  expectEqual(values!, y.data);
});

describe('pooling', () => {
  test.each([
    [[8, 8, 1], 2, 2],
    [[7, 9, 3], 3, 2],
    [[5, 5, 2], 5, 5],
  ])('%j, windows of %d, stride %d', async (shape, size, stride) => {
    const x = random(shape, 5);
    const { y, chosen } = maxByHand(x, { size, stride });
    const dy = random(y.shape, 6);
    const pool = { poolSize: size, strides: stride };
    const [values, dx] = await engine(([x]) => maxPool2d(x!, pool), [batch(x)], batch(dy));
    expectEqual(values!, y.data);
    expectEqual(dx!, maxPool2dGradient(dy, chosen, x.shape).data);
    const [means] = await engine(([x]) => avgPool2d(x!, pool), [batch(x)], batch(dy));
    expectEqual(means!, meanPool2d(x, { size, stride }).data);
  });

  test('of equal maxima the first one is chosen, as by the engine', async () => {
    const x = array64([1, 1, 1, 1], [2, 2, 1]);
    const { y, chosen } = maxByHand(x, { size: 2 });
    expect(chosen).toEqual([0]);
    const [, dx] = await engine(([x]) => maxPool2d(x!, { poolSize: 2 }), [batch(x)], batch(array64([1], y.shape)));
    expect(dx).toEqual([1, 0, 0, 0]);
  });
});

test.each([
  ['relu', relu],
  ['sigmoid', sigmoid],
  ['tanh', tanh],
] as const)('%s and its derivative', async (name, op) => {
  const u = array64([-9, -3.5, -1, -0.1, 0, 0.2, 1, 2.5, 8], [9]);
  const { f, derivative } = activations[name];
  const [y, du] = await engine(([u]) => op(u!), [u], array64(Array(9).fill(1), [9]));
  expectEqual(y!, u.data.map(f));
  expectEqual(du!, u.data.map(derivative));
});

test('a dense layer, forward and backward', async () => {
  const [x, w, b, du] = [random([4, 3], 7), random([3, 5], 8), random([5], 9), random([4, 5], 10)];
  const [u, ...grads] = await engine(([x, w, b]) => biasAdd(matmul(x!, w!), b!), [x, w, b], du);
  expectEqual(u!, dense(x, w, b).data);
  const { dx, dw, db } = denseGradients(du, x, w);
  for (const [i, { data }] of [dx, dw, db].entries()) expectEqual(grads[i]!, data);
});

describe('softmax and cross-entropy', () => {
  test.each([[[0.3, -1.2, 2]], [[1000, 0, -1000]], [[5, 5, 5]]])('of %j', async (logits) => {
    const z = array64(logits, [1, 3]);
    const [p] = await engine(([z]) => softmax(z!), [z], array64([0, 0, 0], [1, 3]));
    expectEqual(p!, softmaxByHand(logits));
    for (const truth of [0, 1, 2]) {
      const g = graph();
      const [input, label] = [g.input('z', [1, 3]), g.input('y', [1], 'i32')];
      const loss = sum(softmaxCrossEntropy(input, label));
      const [value, dz] = await runOnce(
        g,
        [
          [input, logits],
          [label, [truth]],
        ],
        [loss, ...gradients(loss, [input])],
      );
      const loss64 = crossEntropy(logits, truth);
      expect(Math.abs(value![0]! - loss64)).toBeLessThan(TOLERANCE * Math.max(1, loss64));
      const gradient = crossEntropyGradient(logits, truth);
      expectEqual(dz!, gradient);
      expect(Math.abs(gradient.reduce((sum, value) => sum + value, 0))).toBeLessThan(1e-12);
    }
  });
});

test('numbers that do not fill a shape are refused', () => {
  expect(() => array64([1, 2, 3], [2, 2])).toThrow(/3 numbers do not fill the shape 2 × 2/);
});
