import { describe, expect, test } from 'vitest';
import { ArgumentError } from '../../src/errors.ts';
import { adam, adamw, clipByGlobalNorm, optimizerFromConfig, rmsprop, sgd } from '../../src/nn/optimizers.ts';
import { constantSchedule, cosineDecay } from '../../src/nn/schedules.ts';

const weight = { name: 'dense/kernel', shape: [3, 2], dtype: 'f32' } as const;
const schedule = cosineDecay({ initialLearningRate: 0, decaySteps: 100, warmupTarget: 0.1, warmupSteps: 10 });

describe('options', () => {
  test("defaults are Keras'", () => {
    const common = { globalClipNorm: null };
    expect(sgd().config).toEqual({ ...common, learningRate: 0.01, momentum: 0, nesterov: false });
    expect(rmsprop().config).toEqual({
      ...common,
      learningRate: 0.001,
      rho: 0.9,
      momentum: 0,
      epsilon: 1e-7,
      centered: false,
    });
    const adamDefaults = { ...common, learningRate: 0.001, beta1: 0.9, beta2: 0.999, epsilon: 1e-7 };
    expect(adam().config).toEqual(adamDefaults);
    expect(adamw().config).toEqual({ ...adamDefaults, weightDecay: 0.004 });
  });

  test('undefined is the default', () => {
    expect(adam({ beta1: undefined } as object).config).toEqual(adam().config);
  });

  test.each([
    ['sgd, learning rate 0', () => sgd({ learningRate: 0 })],
    ['sgd, negative learning rate', () => sgd({ learningRate: -1 })],
    ['sgd, infinite learning rate', () => sgd({ learningRate: Number.POSITIVE_INFINITY })],
    ['sgd, a learning rate that is text', () => sgd({ learningRate: '0.1' as unknown as number })],
    ['sgd, no learning rate at all', () => sgd({ learningRate: null as unknown as number })],
    ['sgd, a schedule as JSON', () => sgd({ learningRate: JSON.parse(JSON.stringify(schedule)) })],
    ['sgd, momentum above 1', () => sgd({ momentum: 1.1 })],
    ['sgd, nesterov as a number', () => sgd({ nesterov: 1 as unknown as boolean })],
    ['sgd, clip norm 0', () => sgd({ globalClipNorm: 0 })],
    ['sgd, an option that does not exist', () => sgd({ learning_rate: 0.1 } as object)],
    ['rmsprop, rho 1', () => rmsprop({ rho: 1 })],
    ['rmsprop, negative momentum', () => rmsprop({ momentum: -0.1 })],
    ['rmsprop, epsilon 0', () => rmsprop({ epsilon: 0 })],
    ['rmsprop, centered as text', () => rmsprop({ centered: 'yes' as unknown as boolean })],
    ['adam, beta1 of 1', () => adam({ beta1: 1 })],
    ['adam, beta2 below 0', () => adam({ beta2: -0.1 })],
    ['adam, beta2 NaN', () => adam({ beta2: Number.NaN })],
    ['adam, negative epsilon', () => adam({ epsilon: -1e-7 })],
    ['adam, weight decay', () => adam({ weightDecay: 0.1 } as object)],
    ['adamw, negative weight decay', () => adamw({ weightDecay: -0.1 })],
  ])('refuses %s', (_, create) => {
    expect(create).toThrow(ArgumentError);
  });

  test('a message names the optimizer, the option, the rule and what was given', () => {
    expect(() => adam({ beta1: 1.5 })).toThrow('adam: beta1 must be a number from 0 to less than 1, got 1.5.');
    expect(() => sgd({ decay: 1 } as object)).toThrow(
      "sgd: there is no option 'decay'; the options are learningRate, globalClipNorm, momentum, nesterov.",
    );
  });
});

describe('config', () => {
  test.each([
    ['sgd', sgd({ learningRate: 0.5, momentum: 0.9, nesterov: true, globalClipNorm: 3 })],
    ['rmsprop', rmsprop({ rho: 0.8, centered: true, momentum: 0.1, epsilon: 1e-3 })],
    ['adam', adam({ learningRate: schedule, beta1: 0.5 })],
    ['adamw', adamw({ learningRate: constantSchedule({ learningRate: 0.3 }), weightDecay: 0.1 })],
  ] as const)('%s goes through JSON', (name, optimizer) => {
    const json = JSON.stringify({ name: optimizer.name, config: optimizer.config });
    const { name: readName, config } = JSON.parse(json);
    const again = optimizerFromConfig(readName, config);
    expect(again.name).toBe(name);
    expect(again.config).toEqual(optimizer.config);
    expect(again.globalClipNorm).toBe(optimizer.globalClipNorm);
    expect(again.slots(weight)).toEqual(optimizer.slots(weight));
    expect(again.hyper(7, 0.1)).toEqual(optimizer.hyper(7, 0.1));
    if (typeof optimizer.learningRate === 'object') {
      expect((again.learningRate as typeof schedule).at(33)).toBe(optimizer.learningRate.at(33));
    } else expect(again.learningRate).toBe(optimizer.learningRate);
  });

  test('refuses names and options that do not exist', () => {
    expect(() => optimizerFromConfig('adagrad', {})).toThrow(ArgumentError);
    expect(() => optimizerFromConfig('toString', {})).toThrow(ArgumentError);
    expect(() => optimizerFromConfig('adam', { beta3: 1 })).toThrow(ArgumentError);
    expect(() => optimizerFromConfig('sgd', { learningRate: { name: 'none', config: {} } })).toThrow(ArgumentError);
  });
});

describe('slots', () => {
  const names = (optimizer: ReturnType<typeof sgd>) => optimizer.slots(weight).map(({ name }) => name);

  test('have the name of weight and optimizer, the shape of the weight, and start as zeros', () => {
    expect(names(sgd())).toEqual([]);
    expect(names(sgd({ momentum: 0.9 }))).toEqual(['dense/kernel/sgd_velocity']);
    expect(names(rmsprop())).toEqual(['dense/kernel/rmsprop_velocity']);
    expect(names(rmsprop({ momentum: 0.9, centered: true }))).toEqual([
      'dense/kernel/rmsprop_velocity',
      'dense/kernel/rmsprop_momentum',
      'dense/kernel/rmsprop_average',
    ]);
    expect(adam().slots(weight)).toEqual([
      { name: 'dense/kernel/adam_m', shape: [3, 2], dtype: 'f32' },
      { name: 'dense/kernel/adam_v', shape: [3, 2], dtype: 'f32' },
    ]);
    expect(names(adamw())).toEqual(['dense/kernel/adamw_m', 'dense/kernel/adamw_v']);
  });
});

describe('hyper', () => {
  test('is the learning rate', () => {
    expect(sgd().hyper(1, 0.25)).toEqual([0.25]);
    expect(rmsprop().hyper(9, 0.25)).toEqual([0.25]);
  });

  test("is Adam's bias-corrected rate, in double precision", () => {
    expect(adam().hyper(1, 0.001)[0]).toBeCloseTo((0.001 * Math.sqrt(0.001)) / 0.1, 15);
    expect(adam().hyper(1, 0.001)[1]).toBe(0);
    // After many steps nothing is left to correct.
    expect(adam().hyper(1e6, 0.001)).toEqual([0.001, 0]);
    expect(adamw({ weightDecay: 0.5 }).hyper(1e6, 0.01)).toEqual([0.01, 0.005]);
  });
});

test('clipByGlobalNorm needs gradients', () => {
  expect(() => clipByGlobalNorm([], 1)).toThrow(ArgumentError);
});
