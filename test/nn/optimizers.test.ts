/** The optimizers as a whole, host side and kernels, with Keras' formulas and defaults; TensorFlow.js' where they are the same. */
import { describe, expect, test } from 'vitest';
import {
  adam,
  adamw,
  clipByGlobalNorm,
  exponentialDecay,
  gradients,
  graph,
  meanSquaredError,
  mul,
  type Optimizer,
  rmsprop,
  sgd,
  type Variable,
  weightedMean,
} from '../../src/index.ts';
import { STEPS, type State, updateData } from '../../src/selftest/update.ts';
import { array64, expectClose, map, randomArray, randomStream } from '../support/arrays.ts';
import { expectUpdates, runOptimizer } from '../support/checkUpdate.ts';
import { feed, runOnce, withSession } from '../support/session.ts';
import { type Tf, tensorflow, toTf } from '../support/tensorflow.ts';

const SHAPE = [5, 7, 3];
const tolerance = { error: 2e-6, why: '12 steps with a few roundings each' };

/** Keras' Adam, and AdamW with a weight decay, at their defaults. */
function adamRule(rate: (step: number) => number, weightDecay: number) {
  return (state: State, g: number, t: number) => {
    const [m, v] = state.slots;
    state.w -= state.w * weightDecay * rate(t);
    state.slots = [m! + (g - m!) * 0.1, v! + (g * g - v!) * 0.001];
    const alpha = (rate(t) * Math.sqrt(1 - 0.999 ** t)) / (1 - 0.9 ** t);
    state.w -= (state.slots[0]! * alpha) / (Math.sqrt(state.slots[1]!) + 1e-7);
  };
}

const RULES: readonly { why: string; optimizer: Optimizer; rule: (state: State, g: number, t: number) => void }[] = [
  {
    why: 'sgd, defaults',
    optimizer: sgd(),
    rule: (state, g) => {
      state.w -= 0.01 * g;
    },
  },
  {
    why: 'sgd, Nesterov momentum',
    optimizer: sgd({ learningRate: 0.05, momentum: 0.9, nesterov: true }),
    rule: (state, g) => {
      state.slots[0] = 0.9 * state.slots[0]! - 0.05 * g;
      state.w += 0.9 * state.slots[0] - 0.05 * g;
    },
  },
  {
    why: 'rmsprop, defaults',
    optimizer: rmsprop(),
    rule: (state, g) => {
      state.slots[0] = 0.9 * state.slots[0]! + (1 - 0.9) * g * g;
      state.w -= (0.001 * g) / Math.sqrt(state.slots[0] + 1e-7);
    },
  },
  {
    why: 'rmsprop, centered, with momentum: three slots in the right order',
    optimizer: rmsprop({ centered: true, momentum: 0.5 }),
    rule: (state, g) => {
      const [velocity, momentum, average] = state.slots;
      const v = 0.9 * velocity! + (1 - 0.9) * g * g;
      const a = 0.9 * average! + (1 - 0.9) * g;
      const m = 0.5 * momentum! + (0.001 * g) / Math.sqrt(v - a * a + 1e-7);
      state.slots = [v, m, a];
      state.w -= m;
    },
  },
  { why: 'adam, defaults', optimizer: adam(), rule: adamRule(() => 0.001, 0) },
  { why: 'adamw, defaults', optimizer: adamw(), rule: adamRule(() => 0.001, 0.004) },
  {
    why: 'adamw with a schedule, which the decay follows',
    optimizer: adamw({
      learningRate: exponentialDecay({ initialLearningRate: 0.1, decaySteps: 2, decayRate: 0.5 }),
      weightDecay: 0.1,
    }),
    rule: adamRule((t) => 0.1 * 0.5 ** ((t - 1) / 2), 0.1),
  },
];

test.each(RULES)(`${STEPS} steps of $why`, async ({ optimizer, rule }) => {
  const data = updateData(SHAPE);
  expectUpdates(await runOptimizer(optimizer, data), data, rule, tolerance);
});

type TfOptimizer = ReturnType<Tf['train']['sgd' | 'momentum' | 'rmsprop' | 'adam']>;

// TensorFlow.js' RMSprop and SGD are Keras' at a learning rate that stays. Its Adam adds epsilon to the root of the
// bias-corrected mean of squares, Keras to that of the plain one: at the first step that is like an epsilon 32 times
// larger, 3e-6, beside roots of 0.1 and more. Its centered RMSprop is left out: it takes epsilon off the variance where
// Keras adds it, which makes NaN of a gradient that is 0.
const TENSORFLOW: readonly { why: string; optimizer: Optimizer; oracle: (tf: Tf) => TfOptimizer }[] = [
  { why: 'sgd', optimizer: sgd({ learningRate: 0.1 }), oracle: (tf) => tf.train.sgd(0.1) },
  {
    why: 'sgd with momentum',
    optimizer: sgd({ learningRate: 0.1, momentum: 0.8 }),
    oracle: (tf) => tf.train.momentum(0.1, 0.8),
  },
  {
    why: 'sgd with Nesterov momentum',
    optimizer: sgd({ learningRate: 0.1, momentum: 0.8, nesterov: true }),
    oracle: (tf) => tf.train.momentum(0.1, 0.8, true),
  },
  {
    why: 'rmsprop with momentum',
    optimizer: rmsprop({ learningRate: 0.01, momentum: 0.5, rho: 0.8 }),
    oracle: (tf) => tf.train.rmsprop(0.01, 0.8, 0.5, 1e-7),
  },
  { why: 'adam', optimizer: adam({ learningRate: 0.01 }), oracle: (tf) => tf.train.adam(0.01, 0.9, 0.999, 1e-7) },
];

test.each(TENSORFLOW)('TensorFlow.js: $why', async ({ optimizer, oracle }) => {
  const tf = await tensorflow();
  const data = updateData(SHAPE);
  const w = tf.variable(toTf(data.start));
  const theirs = oracle(tf);
  for (const gradient of data.gradients) {
    // The objective whose gradient is the one given.
    theirs.minimize(() => w.mul(toTf(gradient)).sum().asScalar(), false, [w]);
  }
  const want = { shape: SHAPE, data: Float64Array.from(await w.data()) };
  const run = await runOptimizer(optimizer, data);
  expectClose('w', run.w, want, { error: 2e-5, why: 'epsilon stands elsewhere; both round to float32' });
  w.dispose();
});

describe('clipByGlobalNorm', () => {
  const random = randomStream(5);
  const shapes = [[3], [9, 31], [1], [4, 4]];
  const values = shapes.map((shape) => randomArray(shape, random));
  const norm = Math.sqrt(values.reduce((sum, { data }) => sum + data.reduce((s, v) => s + v * v, 0), 0));

  async function clip(limit: number, from = values) {
    const g = graph();
    const inputs = shapes.map((shape, i) => g.input(`g${i}`, shape));
    const outputs = clipByGlobalNorm(inputs, limit);
    return runOnce(
      g,
      inputs.map((input, i) => [input, from[i]!.data] as const),
      outputs,
    );
  }

  test('scales all gradients to the norm, together', async () => {
    const clipped = await clip(norm / 4);
    clipped.forEach((got, i) => {
      expectClose(
        `gradient ${i}`,
        got,
        map(values[i]!, (v) => v / 4),
        { error: 1e-6, why: 'a norm of 300 elements' },
      );
    });
  });

  test('leaves gradients of a smaller norm as they are', async () => {
    const clipped = await clip(2 * norm);
    expect(clipped).toEqual(values.map(({ data }) => Array.from(data)));
  });

  test('hides no gradient that is not finite', async () => {
    const broken = values.map((value, i) => (i === 1 ? map(value, (v, k) => (k === 30 ? Number.NaN : v)) : value));
    const clipped = await clip(1, broken);
    for (const gradient of clipped) expect(gradient.every(Number.isNaN)).toBe(true);
  });
});

test('a step is one list: forward, loss, gradients, clipping and update of a regression that converges', async () => {
  const g = graph();
  const weight: Variable = { name: 'w', shape: [3], dtype: 'f32' };
  const w = g.variable(weight);
  const x = g.input('x', [8, 3]);
  const truth = g.input('truth', [8, 3]);
  const weights = g.input('weights', [8]);
  const rows = g.input('rows', [1], 'u32');
  const hyper = g.input('hyper', [4]);
  const loss = weightedMean(meanSquaredError(mul(x, w), truth), weights, rows);
  const optimizer = adam({ learningRate: 0.1 });
  const slots = optimizer.slots(weight).map((slot) => g.variable(slot));
  const [dw] = clipByGlobalNorm(gradients(loss, [w]), 10);
  optimizer.update(w, slots, dw!, hyper);

  const random = randomStream(3);
  const data = randomArray([8, 3], random);
  const goal = [1.5, -0.5, 0.25];
  const padding = (i: number) => i >= 5 * 3;
  await withSession(g, [loss], async (session) => {
    feed(session, x, data.data);
    // The padding rows say something else: their weight is 0.
    feed(session, truth, map(data, (v, i) => (padding(i) ? 100 : v * goal[i % 3]!)).data);
    feed(session, weights, [1, 1, 1, 1, 1, 0, 0, 0]);
    feed(session, rows, [5]);
    for (let step = 1; step <= 300; step++) {
      feed(session, hyper, optimizer.hyper(step, 0.1));
      session.run();
    }
    const got = Array.from(await session.read(w));
    expectClose('w', got, array64([3], goal), { error: 1e-3, why: 'Adam has come to rest' });
    expect((await session.read(loss))[0]).toBeLessThan(1e-5);
  });
});
