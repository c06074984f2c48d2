/**
 * Options as plain JavaScript may pass them: for every option of every call a misspelt name and values of wrong types, each an
 * ArgumentError that names the call and the option. The names come from what the calls check by, so that none is left out.
 */
import { describe, expect, test } from 'vitest';
import {
  ArgumentError,
  adam,
  adamw,
  type Callback,
  constantSchedule,
  cosineDecay,
  earlyStopping,
  exponentialDecay,
  graph,
  learningRateScheduler,
  loadModel,
  mean,
  requestDevice,
  resume,
  rmsprop,
  session,
  sgd,
  stepDecay,
  sum,
  trainingStep,
} from '../../src/index.ts';
import { LOAD_OPTIONS } from '../../src/nn/file/load.ts';
import { WATCH_OPTIONS } from '../../src/nn/nonFinite/options.ts';
import { RECOVERY_OPTIONS } from '../../src/nn/recovery/options.ts';
import { RESUME_OPTIONS } from '../../src/nn/recovery/resume.ts';
import { APPLY_OPTIONS } from '../../src/nn/step/applyNetwork.ts';
import { COMPILE_OPTIONS } from '../../src/nn/step/compileOptions.ts';
import { CLASSIFY_OPTIONS } from '../../src/nn/train/classify.ts';
import { FIT_OPTIONS } from '../../src/nn/train/fit.ts';
import { PREDICT_OPTIONS } from '../../src/nn/train/predict.ts';
import { EARLY_STOPPING_OPTIONS } from '../../src/nn/train/readyCallbacks.ts';
import { TRAINING_STEP_OPTIONS } from '../../src/nn/train/trainingStep.ts';
import type { Kinds } from '../../src/options.ts';
import { DEVICE_OPTIONS } from '../../src/runtime/device.ts';
import { SESSION_OPTIONS } from '../../src/runtime/session.ts';
import { shown } from '../../src/shown.ts';
import { testDevice } from '../support/device.ts';
import { memoryStore } from '../support/snapshots.ts';
import { compiledToy, toyExamples, toyModel } from '../support/toy.ts';
import { WRONG } from '../support/wrongValues.ts';

const data = toyExamples(8);

interface Call {
  readonly kinds: Kinds;
  /** Wrong values of options that are `any`, and more of others. */
  readonly wrong?: Readonly<Record<string, readonly unknown[]>>;
  readonly run: (options: object) => unknown;
}

const withModel = async (run: (model: Awaited<ReturnType<typeof compiledToy>>) => unknown) => {
  const model = await compiledToy();
  try {
    await run(model);
  } finally {
    model.dispose();
  }
};
const train = (options: object) => withModel((model) => model.fit(data, options));
const LEARNING_RATE = { learningRate: ['0.1', 0, Number.NaN, {}] };
/** All that something made with defaults says that it was made with. */
const optionsOf = ({ config }: { readonly config: object }): Kinds =>
  Object.fromEntries(Object.keys(config).map((name) => [name, 'any']));

const CALLS: Record<string, Call> = {
  compile: {
    kinds: COMPILE_OPTIONS,
    wrong: {
      optimizer: ['adamm', 'Adam', {}, 5, null],
      loss: ['huber', 5, null],
      metrics: [['f1'], ['accuracy', 5], 5, {}, null],
      device: [5, {}, null],
      precision: ['half', true, null],
      tune: ['yes', 5, null, { budgets: 3 }, { budget: 'x' }, { store: {} }],
    },
    async run(options) {
      const model = toyModel();
      await model
        .compile({ device: await testDevice(), loss: 'sparseCategoricalCrossentropy', ...options })
        .finally(() => model.dispose());
    },
  },
  fit: {
    kinds: FIT_OPTIONS,
    wrong: {
      callbacks: [[5], { onEpochEnded() {} }, [{ onEpochEnd: 5 }], [null]],
      classWeight: [{ 7: 1 }, { 0: 'x' }, { 0: -1 }],
      recovery: [5, null, true, [], { everyStep: 3 }],
      watch: ['halt', 5, [], null, true, { every: 3 }],
    },
    run: train,
  },
  'fit: recovery': {
    kinds: RECOVERY_OPTIONS,
    wrong: { store: ['disk', {}, null, { load() {} }], everySteps: [0.5] },
    run: (recovery) => train({ recovery }),
  },
  'fit: watch': {
    kinds: WATCH_OPTIONS,
    wrong: { action: ['halt', 5, null], everySteps: [0, 0.5, '3', null] },
    run: (watch) => train({ watch }),
  },
  trainOnBatch: {
    kinds: { sampleWeight: 'list' },
    run: (options) => withModel((model) => model.trainOnBatch(data.x, data.y, options)),
  },
  evaluate: {
    kinds: { batchSize: 'count', sampleWeight: 'list' },
    run: (options) => withModel((model) => model.evaluate(data, options)),
  },
  predict: {
    kinds: PREDICT_OPTIONS,
    wrong: { as: ['probability', 'logits', true, null] },
    run: (options) => withModel((model) => model.predict(data.x, options)),
  },
  classify: {
    kinds: CLASSIFY_OPTIONS,
    wrong: { labels: [['a'], ['a', 5], ['a', null]] },
    run: (options) => withModel((model) => model.classify(data.x, options)),
  },
  apply: {
    kinds: APPLY_OPTIONS,
    run: (options) =>
      withModel((model) => {
        const g = graph();
        model.apply(g.input('x', data.x.shape), { seed: g.input('seed', [1], 'u32'), ...options });
      }),
  },
  trainingStep: {
    kinds: TRAINING_STEP_OPTIONS,
    run: (options) =>
      withModel(async (model) => {
        const step = await trainingStep(({ graph: g, minimize }) => {
          const loss = mean(model.apply(g.input('x', data.x.shape)));
          minimize({ model, loss });
          return { loss };
        }, options);
        step.dispose();
      }),
  },
  plan: { kinds: { batchSize: 'count' }, run: (options) => withModel((model) => model.plan(options)) },
  loadModel: {
    kinds: LOAD_OPTIONS,
    wrong: { device: [5, {}], precision: ['half', 5], tune: ['yes', { budget: -1 }] },
    run: (options) =>
      withModel(async (model) => {
        const loaded = await loadModel(await model.save(), { device: await testDevice(), ...options });
        loaded.dispose();
      }),
  },
  resume: {
    kinds: RESUME_OPTIONS,
    wrong: {
      store: ['disk', {}, null],
      device: [5, {}],
      recovery: [5, null, false, { store: memoryStore().store }],
      callbacks: [[5], { onEpochEnded() {} }],
      watch: ['halt', 5, []],
    },
    run: (options) => resume(data, { store: memoryStore().store, ...options }),
  },
  requestDevice: {
    kinds: DEVICE_OPTIONS,
    wrong: { powerPreference: ['fast', 5, null] },
    run: async (options) => (await requestDevice(options)).destroy(),
  },
  session: {
    kinds: SESSION_OPTIONS,
    run: async (options) => (await session(await testDevice(), [sum(graph().input('x', [2]))], options)).destroy(),
  },
  earlyStopping: { kinds: EARLY_STOPPING_OPTIONS, wrong: { mode: ['maximum', 5, null] }, run: earlyStopping },
  constantSchedule: {
    kinds: optionsOf(constantSchedule({ learningRate: 1 })),
    wrong: { learningRate: ['0.1', 0] },
    run: (options) => constantSchedule({ learningRate: 1, ...options }),
  },
  stepDecay: {
    kinds: optionsOf(stepDecay({ initialLearningRate: 1, factor: 1, every: 1 })),
    wrong: { initialLearningRate: ['0.1', 0], factor: ['x', 0], every: ['x', 0] },
    run: (options) => stepDecay({ initialLearningRate: 1, factor: 0.5, every: 3, ...options }),
  },
  exponentialDecay: {
    kinds: optionsOf(exponentialDecay({ initialLearningRate: 1, decaySteps: 1, decayRate: 1 })),
    wrong: { initialLearningRate: ['0.1', 0], decaySteps: ['x', 0], decayRate: ['x', 0], staircase: ['x', 1] },
    run: (options) => exponentialDecay({ initialLearningRate: 1, decaySteps: 3, decayRate: 0.5, ...options }),
  },
  cosineDecay: {
    kinds: optionsOf(cosineDecay({ initialLearningRate: 1, decaySteps: 1 })),
    wrong: {
      initialLearningRate: ['0.1', 0],
      decaySteps: ['x', 0],
      alpha: ['x', 2],
      warmupTarget: ['x', 0],
      warmupSteps: ['x', -1],
    },
    run: (options) => cosineDecay({ initialLearningRate: 1, decaySteps: 3, ...options }),
  },
  sgd: {
    kinds: optionsOf(sgd()),
    wrong: { ...LEARNING_RATE, globalClipNorm: ['x', 0], momentum: ['x', 2], nesterov: ['x', 1] },
    run: (options) => sgd({ momentum: 0.9, ...options }),
  },
  rmsprop: {
    kinds: optionsOf(rmsprop()),
    wrong: {
      ...LEARNING_RATE,
      globalClipNorm: ['x', 0],
      rho: ['x', 1],
      momentum: ['x', 2],
      epsilon: ['x', 0],
      centered: ['x', 1],
    },
    run: rmsprop,
  },
  ...Object.fromEntries(
    Object.entries({ adam, adamw }).map(([name, run]): [string, Call] => [
      name,
      {
        kinds: optionsOf(run()),
        wrong: {
          ...LEARNING_RATE,
          globalClipNorm: ['x', 0],
          beta1: ['x', 1],
          beta2: ['x', 1],
          epsilon: ['x', 0],
          weightDecay: ['x', -1],
        },
        run,
      },
    ]),
  ),
};

const failure = async (run: () => unknown): Promise<Error | undefined> => {
  try {
    await run();
    return undefined;
  } catch (error) {
    return error as Error;
  }
};

describe.each(Object.entries(CALLS))('%s', (name, { kinds, wrong = {}, run }) => {
  test('what is right is taken', async () => {
    expect(await failure(() => run({}))).toBeUndefined();
    const absent = Object.fromEntries(Object.keys(kinds).map((option) => [option, undefined]));
    // What has no default cannot be absent.
    if (!/resume|Decay|constant/.test(name)) expect(await failure(() => run(absent))).toBeUndefined();
  });

  test('a misspelt name', async () => {
    const error = await failure(() => run({ misspelt: 1 }));
    expect(error).toBeInstanceOf(ArgumentError);
    expect(error!.message).toMatch(/there is no option 'misspelt'; the options are \w/);
    expect(error!.message.startsWith(name)).toBe(true);
  });

  test.each(Object.entries(kinds))('%s', async (option, kind) => {
    const values = [...(kind === 'any' ? [] : WRONG[kind]), ...(wrong[option] ?? [])];
    expect(values.length, `wrong values of ${option}`).toBeGreaterThan(0);
    for (const value of values) {
      const error = await failure(() => run({ [option]: value }));
      const given = `${name} with ${option}: ${JSON.stringify(value) ?? value}`;
      expect(error, given).toBeInstanceOf(ArgumentError);
      // Which call, which option, and what was given, or the part of it that is wrong.
      expect(error!.message, given).toMatch(new RegExp(`^${name}\\b[^]*\\b${option}\\b`));
      if (typeof value !== 'object' || value === null) expect(error!.message, given).toContain(`got ${shown(value)}.`);
    }
  });
});

test('options that are no object', async () => {
  const model = await compiledToy();
  for (const options of ['x', 5, null, [], () => {}] as never[]) {
    const calls: (() => unknown)[] = [
      () => model.compile(options),
      () => model.fit(data, options),
      () => model.evaluate(data, options),
      () => model.predict(data.x, options),
      () => model.trainOnBatch(data.x, data.y, options),
      () => model.plan(options),
      () => loadModel(new Uint8Array(), options),
      () => resume(data, options),
      () => requestDevice(options),
      ...[earlyStopping, learningRateScheduler, adam, sgd, cosineDecay].map((make) => () => make(options)),
    ];
    for (const call of calls.filter((call) => !(typeof options === 'function' && `${call}`.includes('make')))) {
      expect(await failure(call), `${call} with ${String(options)}`).toBeInstanceOf(ArgumentError);
    }
  }
  model.dispose();
});

test('callbacks of a class of their own, with more than hooks in them', async () => {
  class Counter implements Callback {
    epochs = 0;
    online = true;
    onEpochEnd() {
      this.count();
    }
    count() {
      this.epochs++;
    }
  }
  class Misspelt extends Counter {
    onTrainBatchEnd() {}
  }
  const counter = new Counter();
  await train({ callbacks: [counter, Object.create(counter)], epochs: 2 });
  expect(counter.epochs).toBe(2);
  expect((await failure(() => train({ callbacks: new Misspelt() })))!.message).toBe(
    "fit: callbacks: there is no hook 'onTrainBatchEnd'; the hooks are onTrainBegin, onTrainEnd, onEpochBegin, onEpochEnd, onBatchBegin, onBatchEnd, onBatchLogs.",
  );
});
