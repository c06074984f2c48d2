/** What hooks of batches ask for holds from the next step, however long they wait; notifications hold nothing back. */
import { beforeAll, describe, expect, test } from 'vitest';
import { type Callback, type Model, requestDevice, resume, type Training } from '../../src/index.ts';
import type { FitOptions } from '../../src/nn/train/fit.ts';
import { randomStream } from '../support/arrays.ts';
import { testDevice } from '../support/device.ts';
import { compiled, contents, lose } from '../support/losses.ts';
import { memoryStore } from '../support/snapshots.ts';
import { bits, compiledToy, toyExamples } from '../support/toy.ts';

const data = toyExamples(40);
const OPTIONS = { batchSize: 2 }; // 20 steps an epoch
const sleep = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

const newModel = async () => compiled(await testDevice());

/** Tensors of a model's file: weights and the optimizer's state. */
const tensorsOf = async (model: Model) => ({ ...contents(await model.save()), neurite: undefined });

/** The tensors after each step of the same training, made step by step. */
async function stepByStep(steps: number) {
  const model = await newModel();
  const all = [];
  for (let i = 0; i < steps; i++) {
    const x = { data: data.x.data.subarray(i * 128, (i + 1) * 128), shape: [2, 8, 8, 1] };
    await model.trainOnBatch(x, data.y.subarray(2 * i, 2 * i + 2));
    all.push(await tensorsOf(model));
  }
  model.dispose();
  return all;
}

describe('holds from the next step', () => {
  test.each([0, 30])('stop, asked for %i ms into the hook', async (ms) => {
    const model = await newModel();
    let checks = 0;
    await model.fit(data, {
      ...OPTIONS,
      callbacks: {
        async onBatchEnd(batch, _, training) {
          expect(model.iterations).toBe(batch + 1);
          checks++;
          await sleep(ms);
          if (batch === 4) training.stop();
        },
      },
    });
    expect([model.iterations, checks]).toEqual([5, 5]);
    model.dispose();
  });

  test('stop before a batch: its step is not made', async () => {
    const model = await newModel();
    const ends: number[] = [];
    const history = await model.fit(data, {
      ...OPTIONS,
      validationSplit: 0.5,
      callbacks: {
        onBatchBegin(batch, training) {
          expect(model.iterations).toBe(batch);
          if (batch === 4) training.stop();
        },
        onBatchEnd: (batch) => void ends.push(batch),
      },
    });
    expect(model.iterations).toBe(4);
    expect(ends).toEqual([0, 1, 2, 3]);
    expect(history.valLoss).toEqual([Number.NaN]);
    model.dispose();
  });

  test.each(['onBatchBegin', 'onBatchEnd'] as const)('abort in %s', async (hook) => {
    const model = await newModel();
    const abort = new AbortController();
    const callbacks: Callback = {
      [hook]: async (batch: number) => {
        await sleep(5);
        if (batch === 4) abort.abort(new Error('enough'));
      },
    };
    await expect(model.fit(data, { ...OPTIONS, signal: abort.signal, callbacks })).rejects.toThrow('enough');
    expect(model.iterations).toBe(hook === 'onBatchBegin' ? 4 : 5);
    model.dispose();
  });

  test('abort between epochs: the next one does not begin', async () => {
    const model = await newModel();
    const abort = new AbortController();
    const hookCalls: string[] = [];
    const callbacks: Callback = {
      onEpochBegin: (epoch) => void hookCalls.push(`begin ${epoch}`),
      onEpochEnd(epoch) {
        hookCalls.push(`end ${epoch}`);
        abort.abort(new Error('enough'));
      },
    };
    await expect(model.fit(data, { epochs: 2, signal: abort.signal, callbacks })).rejects.toThrow('enough');
    expect(hookCalls).toEqual(['begin 0', 'end 0']);
    model.dispose();
  });

  test.each(['onEpochEnd', 'onTrainEnd'] as const)('abort in the last %s rejects fit', async (hook) => {
    const model = await newModel();
    const abort = new AbortController();
    const callbacks: Callback = { [hook]: () => abort.abort(new Error('enough')) };
    await expect(model.fit(data, { signal: abort.signal, callbacks })).rejects.toThrow('enough');
    model.dispose();
  });

  test('hooks that a callback takes up when training begins', async () => {
    const model = await newModel();
    const callback: Callback = {
      onTrainBegin() {
        callback.onBatchEnd = (batch, _, training) => void (batch === 4 && training.stop());
      },
    };
    await model.fit(data, { ...OPTIONS, callbacks: callback });
    expect(model.iterations).toBe(5);
    model.dispose();
  });

  test('an error', async () => {
    for (const [hook, steps] of [
      ['onBatchBegin', 4],
      ['onBatchEnd', 5],
    ] as const) {
      const model = await newModel();
      const callbacks: Callback = {
        [hook]: (batch: number) => {
          if (batch === 4) throw new Error('a mistake');
        },
      };
      await expect(model.fit(data, { ...OPTIONS, callbacks })).rejects.toThrow('a mistake');
      expect(model.iterations).toBe(steps);
      model.dispose();
    }
  });

  test('pause after a batch, step, and pause before a batch', async () => {
    const model = await newModel();
    let training!: Training;
    const hookCalls: string[] = [];
    const done = model.fit(data, {
      ...OPTIONS,
      callbacks: {
        onTrainBegin(given) {
          training = given;
        },
        onBatchBegin(batch) {
          hookCalls.push(`begin ${batch}`);
          if (batch === 9) training.pause();
        },
        onBatchEnd(batch) {
          hookCalls.push(`end ${batch}`);
          if (batch === 4) training.pause();
        },
      },
    });
    const held = async (steps: number, last: string) => {
      await expect.poll(() => training?.paused && hookCalls.at(-1)).toBe(last);
      await sleep(150);
      expect([model.iterations, hookCalls.at(-1)]).toEqual([steps, last]);
    };
    await held(5, 'end 4'); // the next batch does not begin before it may
    training.step();
    await held(6, 'end 5');
    training.resume();
    await held(9, 'begin 9');
    training.step();
    await held(10, 'end 9');
    training.resume();
    await done;
    expect(hookCalls).toEqual(Array.from({ length: 20 }, (_, i) => [`begin ${i}`, `end ${i}`]).flat());
    expect(model.iterations).toBe(20);
    model.dispose();
  });

  test.each(['onBatchBegin', 'onBatchEnd'] as const)('the learning rate, set in %s', async (hook) => {
    const model = await newModel();
    let then: number[] = [];
    const callbacks: Callback = {
      [hook]: async (batch: number) => {
        if (batch !== 7) return;
        then = await bits(model);
        model.learningRate = 0;
      },
    };
    await model.fit(data, { ...OPTIONS, callbacks });
    expect(await bits(model)).toEqual(then);
    expect(model.iterations).toBe(20);
    model.dispose();
  });

  test.each(['onBatchBegin', 'onBatchEnd'] as const)('weights, set in %s', async (hook) => {
    const model = await newModel();
    let set: number[] = [];
    const callbacks: Callback = {
      [hook]: async (batch: number) => {
        if (batch !== 7) return;
        const weights = await model.getWeights();
        await model.setWeights(
          weights.map(({ data: values, ...rest }) => ({ ...rest, data: values.map((x) => x / 2) })),
        );
        set = await bits(model);
        model.learningRate = 0;
      },
    };
    await model.fit(data, { ...OPTIONS, callbacks });
    expect(await bits(model)).toEqual(set);
    model.dispose();
  });

  test('what a hook reads is what the steps before it have left', async () => {
    const model = await newModel();
    const [before, after]: [unknown[], unknown[]] = [[], []];
    await model.fit(data, {
      ...{ ...OPTIONS, shuffle: false },
      callbacks: {
        onBatchBegin: async () => void before.push(await tensorsOf(model)),
        onBatchEnd: async () => void after.push(await tensorsOf(model)),
      },
    });
    const wanted = await stepByStep(20);
    expect(after).toEqual(wanted);
    expect(before.slice(1)).toEqual(wanted.slice(0, -1));
    model.dispose();
  });
});

/** Steers at many batches, with a rate that depends on the rate before, weights, and an end. */
function steering(model: () => Model, wait: () => number, hookCalls: string[]): Callback {
  return {
    async onBatchBegin(batch, training) {
      hookCalls.push(`begin ${batch}`);
      await sleep(wait());
      if (batch % 3 === 1) training.model.learningRate *= 0.8;
    },
    async onBatchEnd(batch, { loss }) {
      hookCalls.push(`end ${batch} ${loss}`);
      await sleep(wait());
      if (batch % 4 === 2) model().learningRate *= 1.1;
      if (batch % 7 !== 3) return;
      const weights = await model().getWeights();
      await sleep(wait());
      await model().setWeights(weights.map(({ data: x, ...rest }) => ({ ...rest, data: x.map((v) => v * 0.9) })));
    },
    async onEpochEnd(epoch, _, training) {
      hookCalls.push(`epoch ${epoch}`);
      if (epoch === 1) training.stop();
    },
  };
}

/** Trains with a hook that steers, and gives all that came of it. */
async function steered(wait: () => number, options: FitOptions = {}, more: (model: Model) => Callback[] = () => []) {
  const device = await requestDevice();
  const model = await compiled(device);
  const hookCalls: string[] = [];
  try {
    const history = await model.fit(data, {
      ...{ batchSize: 4, epochs: 3, validationSplit: 0.1 },
      ...options,
      callbacks: [steering(() => model, wait, hookCalls), ...more(model)],
    });
    return { history, file: contents(await model.save()), hookCalls, iterations: model.iterations };
  } finally {
    model.dispose();
    device.destroy();
  }
}

describe('equal bits, however long a hook waits', () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  const random = randomStream(seed);
  let wanted: Awaited<ReturnType<typeof steered>>;
  beforeAll(async () => {
    wanted = await steered(() => 0);
    expect(wanted.iterations).toBe(18);
    expect(wanted.hookCalls).toHaveLength(38);
  });

  test.each<[string, () => number]>([
    ['50 ms', () => 50],
    [`at random (seed ${seed})`, () => Math.floor(random() * 12)],
  ])('%s', async (_, wait) => {
    expect(await steered(wait)).toEqual(wanted);
  });

  test.each([
    ['onBatchBegin', 6, 2],
    ['onBatchEnd', 6, 1000],
    ['onBatchLogs', 6, 2],
    ['onEpochEnd', 1, 2],
  ] as const)('the device lost in call %s %i, a snapshot every %i steps', async (hook, at, everySteps) => {
    let calls = 0;
    const losing = (model: Model): Callback => ({ [hook]: () => void (++calls === at && lose(model)) });
    const got = await steered(
      () => 5,
      { recovery: { everySteps } },
      (model) => [losing(model)],
    );
    expect(got).toEqual(wanted);
    expect(calls).toBeGreaterThan(at);
  });

  test.each(['onBatchBegin', 'onBatchEnd'] as const)('cut off in %s and resumed', async (hook) => {
    for (const at of [1, 11]) {
      const { store } = memoryStore();
      const abort = new AbortController();
      let calls = 0;
      const cuts = (): Callback[] => [{ [hook]: () => void (++calls === at && abort.abort(new Error('cut'))) }];
      const recovery = { everySteps: 1, store };
      await expect(steered(() => 3, { recovery, signal: abort.signal }, cuts)).rejects.toThrow('cut');
      let model!: Model;
      const hookCalls: string[] = [];
      const begins: Callback = {
        onTrainBegin(training) {
          model = training.model;
        },
      };
      const callbacks = [
        begins,
        steering(
          () => model,
          () => 0,
          hookCalls,
        ),
      ];
      const resumed = await resume(data, { store, device: await testDevice(), callbacks });
      const file = contents(await resumed!.model.save());
      resumed!.model.dispose();
      expect({ history: resumed!.history, file }, `cut in call ${at}`).toEqual({
        history: wanted.history,
        file: wanted.file,
      });
      expect(wanted.hookCalls.slice(-hookCalls.length)).toEqual(hookCalls);
    }
  });
});

test('stopped before a batch, and the device lost after it: onTrainEnd is called once, onBatchBegin not again', async () => {
  const device = await requestDevice();
  const model = await compiled(device);
  const hookCalls: string[] = [];
  let tries = 0;
  await model.fit(data, {
    ...OPTIONS,
    recovery: { everySteps: 3 },
    callbacks: {
      onBatchBegin(batch, training) {
        hookCalls.push(`begin ${batch}`);
        if (batch === 4) training.stop();
      },
      async onEpochEnd() {
        if (tries++ === 0) lose(model);
        await model.getWeights();
        hookCalls.push('epoch');
      },
      onTrainEnd: () => void hookCalls.push('end'),
    },
  });
  expect(tries).toBe(2);
  expect(hookCalls).toEqual([...[0, 1, 2, 3, 4].map((batch) => `begin ${batch}`), 'epoch', 'end']);
  expect(model.iterations).toBe(4);
  model.dispose();
});

describe('onBatchLogs', () => {
  test('comes for each batch, in order, before its epoch ends, and holds no step back', async () => {
    const model = await compiledToy();
    const hookCalls: string[] = [];
    const ahead: number[] = [];
    const want: string[] = [];
    const quiet = await compiledToy();
    await quiet.fit(data, {
      ...OPTIONS,
      epochs: 2,
      callbacks: {
        onBatchEnd: (batch, logs) => void want.push(`${batch} ${JSON.stringify(logs)}`),
        onEpochEnd: (epoch) => void want.push(`epoch ${epoch}`),
      },
    });
    await model.fit(data, {
      ...OPTIONS,
      epochs: 2,
      callbacks: {
        onBatchLogs(batch, logs, training) {
          hookCalls.push(`${batch} ${JSON.stringify(logs)}`);
          ahead.push(training.model.iterations % 20 || 20);
          return new Promise(() => {}); // whatever it waits for, nobody waits with it
        },
        onEpochEnd: (epoch) => void hookCalls.push(`epoch ${epoch}`),
      },
    });
    expect(hookCalls).toEqual(want);
    expect(await bits(model)).toEqual(await bits(quiet));
    // Steps went on meanwhile.
    expect(Math.max(...ahead.map((steps, i) => steps - (i % 20) - 1))).toBeGreaterThan(0);
    model.dispose();
    quiet.dispose();
  });

  test.each<[string, Callback['onBatchLogs']]>([
    [
      'throws',
      (batch) => {
        if (batch === 3) throw new Error('a mistake');
      },
    ],
    [
      'rejects',
      async (batch) => {
        await sleep(1);
        if (batch === 3) throw new Error('a mistake');
      },
    ],
  ])('one that %s ends the fit', async (_, onBatchLogs) => {
    const model = await newModel();
    await expect(model.fit(data, { ...OPTIONS, epochs: 50, callbacks: { onBatchLogs: onBatchLogs! } })).rejects.toThrow(
      'a mistake',
    );
    expect(model.iterations).toBeLessThan(1000);
    await model.fit(data); // the model is still usable
    model.dispose();
  });
});
