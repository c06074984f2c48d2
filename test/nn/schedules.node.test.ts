/** Values worked out by hand from Keras' formulas (keras.optimizers.schedules); steps count from 0. */
import { describe, expect, test } from 'vitest';
import { ArgumentError } from '../../src/errors.ts';
import {
  constantSchedule,
  cosineDecay,
  exponentialDecay,
  type Schedule,
  scheduleFromConfig,
  stepDecay,
} from '../../src/nn/schedules.ts';

/** `[step, learning rate]` */
type Values = readonly (readonly [number, number])[];

const CASES: readonly { why: string; schedule: Schedule; values: Values }[] = [
  {
    why: 'constant',
    schedule: constantSchedule({ learningRate: 0.3 }),
    values: [
      [0, 0.3],
      [1e6, 0.3],
    ],
  },
  {
    why: 'step decay',
    schedule: stepDecay({ initialLearningRate: 0.8, factor: 0.5, every: 10 }),
    values: [
      [0, 0.8],
      [9, 0.8],
      [10, 0.4],
      [19, 0.4],
      [20, 0.2],
      [35, 0.1],
    ],
  },
  {
    why: 'exponential decay',
    schedule: exponentialDecay({ initialLearningRate: 0.1, decaySteps: 100, decayRate: 0.25 }),
    values: [
      [0, 0.1],
      [50, 0.05],
      [100, 0.025],
      [150, 0.0125],
      [200, 0.00625],
    ],
  },
  {
    why: 'exponential decay in jumps',
    schedule: exponentialDecay({ initialLearningRate: 0.1, decaySteps: 100, decayRate: 0.25, staircase: true }),
    values: [
      [0, 0.1],
      [99, 0.1],
      [100, 0.025],
      [199, 0.025],
      [200, 0.00625],
    ],
  },
  {
    why: 'cosine decay',
    schedule: cosineDecay({ initialLearningRate: 0.2, decaySteps: 60 }),
    values: [
      [0, 0.2],
      [20, 0.15], // cos(pi / 3) = 1/2
      [30, 0.1],
      [40, 0.05],
      [60, 0],
      [1000, 0],
    ],
  },
  {
    why: 'cosine decay to a tenth',
    schedule: cosineDecay({ initialLearningRate: 0.2, decaySteps: 60, alpha: 0.1 }),
    values: [
      [0, 0.2],
      [30, 0.11],
      [60, 0.02],
      [1000, 0.02],
    ],
  },
  {
    why: 'cosine decay after a warm-up from 0',
    schedule: cosineDecay({
      initialLearningRate: 0,
      decaySteps: 60,
      alpha: 0.1,
      warmupTarget: 0.2,
      warmupSteps: 4,
    }),
    values: [
      [0, 0],
      [1, 0.05],
      [3, 0.15],
      [4, 0.2],
      [34, 0.11],
      [64, 0.02],
      [65, 0.02],
    ],
  },
  {
    why: 'cosine decay after a warm-up downwards',
    schedule: cosineDecay({ initialLearningRate: 0.4, decaySteps: 10, warmupTarget: 0.2, warmupSteps: 2 }),
    values: [
      [0, 0.4],
      [1, 0.3],
      [2, 0.2],
      [7, 0.1],
      [12, 0],
    ],
  },
  {
    why: 'a warm-up of no steps: the decay starts from its target',
    schedule: cosineDecay({ initialLearningRate: 0.4, decaySteps: 10, warmupTarget: 0.2 }),
    values: [
      [0, 0.2],
      [5, 0.1],
    ],
  },
];

describe.each(CASES)('$why', ({ schedule, values }) => {
  test.each(values)('step %d: %d', (step, want) => {
    expect(schedule.at(step)).toBeCloseTo(want, 15);
  });

  test('goes through JSON', () => {
    const json = JSON.parse(JSON.stringify(schedule));
    expect(Object.keys(json)).toEqual(['name', 'config']);
    const again = scheduleFromConfig(json);
    expect(again.name).toBe(schedule.name);
    expect(again.config).toEqual(schedule.config);
    for (const [step] of values) expect(again.at(step)).toBe(schedule.at(step));
  });
});

test.each([
  ['a constant of 0', () => constantSchedule({ learningRate: 0 })],
  ['a constant that is missing', () => constantSchedule({} as { learningRate: number })],
  ['a factor of 0', () => stepDecay({ initialLearningRate: 1, factor: 0, every: 5 })],
  ['steps of no length', () => stepDecay({ initialLearningRate: 1, factor: 0.5, every: 0 })],
  ['an unknown option', () => stepDecay({ initialLearningRate: 1, factor: 0.5, every: 1, drop: 2 } as never)],
  ['no decay steps', () => exponentialDecay({ initialLearningRate: 1, decaySteps: 0, decayRate: 0.5 })],
  ['a negative rate', () => exponentialDecay({ initialLearningRate: 1, decaySteps: 1, decayRate: -0.5 })],
  [
    'a staircase that is a number',
    () => exponentialDecay({ initialLearningRate: 1, decaySteps: 1, decayRate: 0.5, staircase: 1 as never }),
  ],
  ['a cosine from 0', () => cosineDecay({ initialLearningRate: 0, decaySteps: 10 })],
  ['an alpha above 1', () => cosineDecay({ initialLearningRate: 1, decaySteps: 10, alpha: 1.5 })],
  ['a target of 0', () => cosineDecay({ initialLearningRate: 1, decaySteps: 10, warmupTarget: 0, warmupSteps: 3 })],
  ['a warm-up without a target', () => cosineDecay({ initialLearningRate: 1, decaySteps: 10, warmupSteps: 3 })],
  ['decay steps that are NaN', () => cosineDecay({ initialLearningRate: 1, decaySteps: Number.NaN })],
  ['a schedule that does not exist', () => scheduleFromConfig({ name: 'linear', config: {} })],
  ['a name that every object has', () => scheduleFromConfig({ name: 'toString', config: {} })],
])('refuses %s', (_, create) => {
  expect(create).toThrow(ArgumentError);
});
