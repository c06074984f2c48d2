/** Options that become numbers of a kernel: float32 has them, and as normal numbers, or they are refused. */
import { describe, expect, test } from 'vitest';
import * as neurite from '../../src/index.ts';
import {
  ArgumentError,
  adam,
  adamw,
  constantSchedule,
  cosineDecay,
  exponentialDecay,
  graph,
  layers,
  rmsprop,
  sequential,
  sgd,
  stepDecay,
} from '../../src/index.ts';

const g = graph();
const x = g.input('x', [4, 2]);
const row = g.input('row', [2]);
const one = g.input('one', [1]);
const seed = g.input('seed', [1], 'u32');
const rows = g.input('rows', [1], 'u32');
const hyper = g.input('hyper', [4]);
const state = ['w', 'a', 'b'].map((name) => g.variable({ name, shape: [2], dtype: 'f32' }));
const [w, a, b] = state as [(typeof state)[0], (typeof state)[0], (typeof state)[0]];

const model = (spec: neurite.LayerSpec) => sequential([layers.input({ inputShape: [2] }), spec]);
const dense = (kernelInitializer: object) =>
  model(layers.dense({ units: 2, kernelInitializer: kernelInitializer as never }));

/** Each option alone, with a number that it takes. */
const OPTIONS: readonly [string, (value: number) => unknown, number][] = [
  ['sgd: learningRate', (learningRate) => sgd({ learningRate }), 0.1],
  ['sgd: momentum', (momentum) => sgd({ momentum }), 0.9],
  ['sgd: globalClipNorm', (globalClipNorm) => sgd({ globalClipNorm }), 1],
  ['rmsprop: learningRate', (learningRate) => rmsprop({ learningRate }), 0.1],
  ['rmsprop: rho', (rho) => rmsprop({ rho }), 0.9],
  ['rmsprop: momentum', (momentum) => rmsprop({ momentum }), 0.9],
  ['rmsprop: epsilon', (epsilon) => rmsprop({ epsilon }), 1e-7],
  ['adam: learningRate', (learningRate) => adam({ learningRate }), 0.1],
  ['adam: beta1', (beta1) => adam({ beta1 }), 0.9],
  ['adam: beta2', (beta2) => adam({ beta2 }), 0.9],
  ['adam: epsilon', (epsilon) => adam({ epsilon }), 1.2e-38],
  ['adamw: weightDecay', (weightDecay) => adamw({ weightDecay }), 0],
  ['constantSchedule: learningRate', (learningRate) => constantSchedule({ learningRate }), 1],
  ['stepDecay: initialLearningRate', (rate) => stepDecay({ initialLearningRate: rate, factor: 0.5, every: 2 }), 1],
  [
    'exponentialDecay: initialLearningRate',
    (rate) => exponentialDecay({ initialLearningRate: rate, decaySteps: 1, decayRate: 0.5 }),
    1,
  ],
  ['cosineDecay: initialLearningRate', (rate) => cosineDecay({ initialLearningRate: rate, decaySteps: 1 }), 1],
  [
    'cosineDecay: warmupTarget',
    (warmupTarget) => cosineDecay({ initialLearningRate: 1, decaySteps: 1, warmupTarget, warmupSteps: 1 }),
    1,
  ],
  ['rescaling: scale', (scale) => model(layers.rescaling({ scale })), 0.5],
  ['rescaling: offset', (offset) => model(layers.rescaling({ scale: 1, offset })), 0.5],
  ['dropout: rate', (rate) => model(layers.dropout({ rate })), 0.5],
  ['batchNormalization: momentum', (momentum) => model(layers.batchNormalization({ momentum })), 0.9],
  ['batchNormalization: epsilon', (epsilon) => model(layers.batchNormalization({ epsilon })), 1e-3],
  ['initializer: constant', (value) => dense({ name: 'constant', value }), -3],
  ['initializer: low', (low) => dense({ name: 'randomUniform', low, high: 1 }), -1],
  ['initializer: high', (high) => dense({ name: 'randomUniform', low: 0, high }), 1],
  ['initializer: mean', (mean) => dense({ name: 'randomNormal', mean, stddev: 1 }), 0],
  ['initializer: stddev', (stddev) => dense({ name: 'randomNormal', stddev }), 1],
  ['op elu: alpha', (alpha) => neurite.elu(x, { alpha }), -1],
  ['op leakyRelu: alpha', (alpha) => neurite.leakyRelu(x, { alpha }), 0],
  ['op fill: value', (value) => neurite.fill(g, [2], value), -2],
  ['op dropout: rate', (rate) => neurite.dropout(x, seed, { rate, salt: 1 }), 0.5],
  ['op clipScale: clipNorm', (clipNorm) => neurite.clipScale(one, { clipNorm }), 1],
  ['op movingAverage: momentum', (momentum) => neurite.movingAverage(w, row, { momentum }), 1],
  ['op batchNormTraining: epsilon', (epsilon) => neurite.batchNormTraining(x, row, row, rows, { epsilon }), 1e-3],
  ['op batchNormInference: epsilon', (epsilon) => neurite.batchNormInference(x, row, row, row, row, { epsilon }), 1e-3],
  ['op sgdUpdate: momentum', (momentum) => neurite.sgdUpdate(w, [a], row, hyper, { momentum }), 0.9],
  [
    'op rmspropUpdate: epsilon',
    (epsilon) => neurite.rmspropUpdate(w, [a], row, hyper, { rho: 0.9, momentum: 0, epsilon, centered: false }),
    1e-7,
  ],
  [
    'op adamUpdate: epsilon',
    (epsilon) => neurite.adamUpdate(w, [a, b], row, hyper, { beta1: 0.9, beta2: 0.99, epsilon }),
    1e-7,
  ],
];

describe.each(OPTIONS)('%s', (_, make, good) => {
  test('takes what float32 has', () => {
    make(good);
  });

  test.each([1e-39, 1.17e-38, -1e-39, 5e-324, 3.41e38, -3.5e38, 1e300])('refuses %d', (value) => {
    expect(() => make(value)).toThrow(ArgumentError);
    expect(() => make(value)).toThrow(/ must be /);
  });
});

test('a message says what float32 has', () => {
  expect(() => adam({ epsilon: 1e-39 })).toThrow(
    'adam: epsilon must be a positive number, and one that float32 holds: from 1.18e-38 to 3.4e38; got 1e-39.',
  );
  expect(() => neurite.elu(x, { alpha: 1e-39 })).toThrow(
    'elu: alpha must be a number, and one that float32 holds: 0, or from 1.18e-38 to 3.4e38 in size; got 1e-39.',
  );
  expect(() => neurite.clipScale(x, 1e-39 as never)).toThrow(
    'clipScale: options must be an object, such as { clipNorm: … }, got 1e-39.',
  );
  expect(() => adam({ epsilon: -1 })).toThrow('adam: epsilon must be a positive number, got -1.');
});

test('the limits are those of float32', () => {
  const [least, most] = [2 ** -126, (2 - 2 ** -23) * 2 ** 127];
  for (const value of [least, -least, most, -most]) neurite.elu(x, { alpha: value });
  for (const value of [least * (1 - 2 ** -23), most * (1 + 2 ** -24)]) {
    expect(() => neurite.elu(x, { alpha: value })).toThrow(ArgumentError);
  }
});

test('normal numbers with a mean or a deviation so large that their sum is infinite', () => {
  dense({ name: 'randomNormal', stddev: 6e37 });
  expect(() => dense({ name: 'randomNormal', stddev: 1e38 })).toThrow(/stddev.*draws beyond float32/);
  expect(() => dense({ name: 'randomNormal', mean: -3e38, stddev: 1e37 })).toThrow(/draws beyond float32/);
});
