/**
 * Whatever happens while a model works, at every moment at which something can happen: the outcome is defined. The moments are
 * found by counting: all that a fit waits for outside of itself (the GPU, a dataset, callbacks) is a moment, and one run for
 * each of them does something just then.
 */
import { afterEach, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import {
  type Callback,
  type Device,
  exampleGradients,
  type History,
  type Model,
  mean,
  StateError,
  softmaxCrossEntropy,
  trainingStep,
} from '../../src/index.ts';
import { LOSS_REPORT_MS } from '../../src/runtime/device.ts';
import { countBuffers, testDevice } from '../support/device.ts';
import { Moments, streamed } from '../support/moments.ts';
import { bits, compiledToy, toyExamples } from '../support/toy.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Whether each moment is tried with all its turns, or with one of them. */
    everyTurn: boolean;
  }
}

const data = toyExamples(20);
const held = toyExamples(10, 2);
const EPOCHS = 2;

interface Case {
  readonly device: Device;
  readonly model: Model;
  readonly moments: Moments;
  readonly train: (options?: { signal?: AbortSignal; callbacks?: Callback }) => Promise<History>;
}

/** A new model and its fit, in which something is to happen at a moment. */
async function caseOf(kind: 'resident' | 'streamed', moments: Moments): Promise<Case> {
  const device = await testDevice();
  const model = await compiledToy();
  const here = () => moments.here();
  const listens: Callback = {
    ...{ onTrainBegin: here, onEpochBegin: here, onEpochEnd: here, onTrainEnd: here },
    // Several steps are under way, or one.
    ...(kind === 'resident' ? { onBatchLogs: here } : { onBatchBegin: here, onBatchEnd: here }),
  };
  const train: Case['train'] = ({ signal, callbacks } = {}) =>
    model.fit(kind === 'resident' ? data : streamed(data, moments), {
      epochs: EPOCHS,
      batchSize: 8, // three steps an epoch, the last one of four examples
      validationData: held,
      recovery: { everySeconds: 1e6 }, // a snapshot by the clock would be moments that other runs lack
      callbacks: callbacks ? [listens, callbacks] : listens,
      ...(signal ? { signal } : {}),
    });
  return { device, model, moments, train };
}

let stopListening: (() => void) | undefined;

afterEach(() => {
  stopListening?.();
  stopListening = undefined;
  vi.restoreAllMocks();
});

/** Turns of the promise queue within which code that awaits a moment continues, one call after another. */
const TICKS = 12;

/** Milliseconds for some hundred runs, or for those of every turn, on a machine that has other work. */
const timeout = (delays: 'each' | 'some') => (delays === 'each' && inject('everyTurn') ? 1_800_000 : 300_000);

/**
 * Runs `scene` once for each moment of a fit.
 * @param delays whether for each moment something happens after each number of turns, or after another one each time
 * @param scene starts the fit, and checks how it ended; `act` is called at the moment
 */
async function atEveryMoment(
  kind: 'resident' | 'streamed',
  delays: 'each' | 'some',
  scene: (parts: Case, at: (act: () => void) => void) => Promise<void>,
  work: (parts: Case) => Promise<unknown> = ({ train }) => train(),
): Promise<void> {
  const device = await testDevice();
  const moments = new Moments();
  stopListening = moments.listen(device);
  let count = 0;
  for (let time = 0; time < 2; time++) {
    const quiet = await caseOf(kind, moments); // the first time compiles what there is to compile, too
    moments.at(-1, 0, () => {});
    await work(quiet);
    count = moments.count;
    quiet.model.dispose();
  }
  let acted = 0;
  const timers = vi.spyOn(globalThis, 'setTimeout');
  const each = delays === 'each' && inject('everyTurn');
  const runs = each ? count * TICKS : count;
  for (let k = 0; k < runs; k++) {
    const [moment, ticks] = each ? [Math.floor(k / TICKS), k % TICKS] : [k, k % TICKS];
    const parts = await caseOf(kind, moments);
    const { alive, restore } = countBuffers(device.gpu);
    try {
      await scene(parts, (act) =>
        moments.at(moment, ticks, () => {
          acted++;
          act();
        }),
      );
      moments.at(-1, 0, () => {});
      parts.model.dispose();
      await vi.waitFor(() => expect(alive(), `buffers left, moment ${moment}, tick ${ticks}`).toBeLessThanOrEqual(0), {
        interval: 2,
        timeout: 20_000,
      });
    } finally {
      restore();
    }
  }
  // A map that fails because its buffer was freed is not taken for the beginning of a device's loss.
  expect(timers.mock.calls.filter(([, ms]) => ms === LOSS_REPORT_MS)).toEqual([]);
  expect(count, 'there are moments').toBeGreaterThan(2);
  // How many steps are under way at once depends on how long they take, and with it the order of moments, not their number.
  // After the last one the work may be done before its turn comes.
  expect(acted, 'moments that came').toBeGreaterThan(runs - TICKS);
}

/** A promise's outcome, noted at once so that no rejection is unhandled. */
const outcome = async <T>(promise: Promise<T>): Promise<{ value?: T; error?: Error }> => {
  try {
    return { value: await promise };
  } catch (error) {
    return { error: error as Error };
  }
};

const kinds = ['resident', 'streamed'] as const;

describe.each(kinds)('while a fit runs, its data %s', (kind) => {
  let undisturbed: number[];
  let history: History;

  beforeAll(async () => {
    const { model, train } = await caseOf(kind, new Moments());
    history = await train();
    undisturbed = await bits(model);
    model.dispose();
  });

  test('abort: it rejects with the reason, and the model works', { timeout: timeout('each') }, async () => {
    await atEveryMoment(kind, 'each', async ({ model, train }, at) => {
      const controller = new AbortController();
      const reason = new Error('enough');
      at(() => controller.abort(reason));
      const { value, error } = await outcome(train({ signal: controller.signal }));
      // When the last callback runs there is nothing left to abort.
      if (value) expect(value).toEqual(history);
      else expect(error).toBe(reason);
      expect((await model.fit(data, { batchSize: 8 })).loss[0]).toBeGreaterThan(0);
    });
  });

  test('dispose: it rejects with a StateError, at once, and nothing stays', { timeout: timeout('each') }, async () => {
    await atEveryMoment(kind, 'each', async ({ model, train }, at) => {
      at(() => model.dispose());
      const { value, error } = await outcome(train());
      if (value) expect(value).toEqual(history);
      else expect([error!.name, error!.message]).toEqual(['StateError', expect.stringContaining('disposed')]);
      expect((await outcome(model.evaluate(held))).error).toBeInstanceOf(StateError);
    });
  });

  test.each<[string, (model: Model) => Promise<unknown>]>([
    ['evaluate', (model) => model.evaluate(held, { batchSize: 4 })],
    ['predict', (model) => model.predict(held.x)],
    ['inspect', (model) => model.inspect(held.x)],
    ['save', (model) => model.save()],
  ])('%s: it answers, and the fit ends with the same bits', { timeout: 300_000 }, async (_, use) => {
    await atEveryMoment(kind, 'some', async ({ model, train }, at) => {
      let answer: Promise<{ value?: unknown; error?: Error }> | undefined;
      at(() => {
        answer = outcome(use(model));
      });
      expect(await train()).toEqual(history);
      if (answer) expect((await answer).error).toBeUndefined();
      expect(await bits(model)).toEqual(undisturbed);
    });
  });

  test('another fit, trainOnBatch, compile: a StateError, and the fit ends with the same bits', {
    timeout: 300_000,
  }, async () => {
    await atEveryMoment(kind, 'some', async ({ model, train }, at) => {
      let answers: Promise<{ value?: unknown; error?: Error }[]> | undefined;
      at(() => {
        const uses = [model.fit(data), model.trainOnBatch(data.x, data.y), model.compile({ recompile: true })];
        answers = Promise.all(uses.map((use) => outcome<unknown>(use)));
      });
      expect(await train()).toEqual(history);
      for (const { error } of (await answers) ?? []) expect(error).toBeInstanceOf(StateError);
      expect(await bits(model)).toEqual(undisturbed);
    });
  });

  test('stop: it ends as usual', { timeout: 300_000 }, async () => {
    await atEveryMoment(kind, 'some', async ({ model, train }, at) => {
      let stop = () => {};
      let stopped = false;
      at(() => {
        stopped = true;
        stop();
      });
      const callbacks: Callback = {
        onTrainBegin(training) {
          stop = () => training.stop();
          if (stopped) stop();
        },
      };
      const got = await train({ callbacks });
      expect(got.epoch.length).toBeLessThanOrEqual(EPOCHS);
      expect((await model.evaluate(held)).loss).toBeGreaterThan(0);
    });
  });
});

/** Builds a step of the caller's own, and runs it once. */
async function ownStep(model: Model): Promise<unknown> {
  const step = await trainingStep(({ graph: g, seed, minimize }) => {
    const logits = model.apply(g.input('x', held.x.shape), { training: true, seed: seed() });
    const loss = mean(softmaxCrossEntropy(logits, g.input('y', [held.y.length], 'i32')));
    minimize({ model, loss });
    return { loss };
  });
  try {
    return await step.run({ x: held.x.data, y: held.y });
  } finally {
    step.dispose();
  }
}

test.each<[string, (model: Model) => Promise<unknown>]>([
  ['evaluate', (model) => model.evaluate(data, { batchSize: 8 })],
  ['predict', (model) => model.predict(data.x, { batchSize: 8 })],
  ['inspect', (model) => model.inspect(held.x)],
  ['trainOnBatch', (model) => model.trainOnBatch(held.x, held.y)],
  ['getWeights', (model) => model.getWeights()],
  ['save', (model) => model.save()],
  ['exampleGradients', (model) => exampleGradients(model, held.x, { output: 1 })],
  ['profile', async (model) => (await Promise.all([model.profile(), model.trainOnBatch(held.x, held.y)]))[0]],
  ['a training step', ownStep],
])(
  'disposed during %s: it answers or rejects with a StateError, and nothing stays',
  { timeout: timeout('each') },
  async (_, use) => {
    await atEveryMoment(
      'resident',
      'each',
      async ({ model }, at) => {
        at(() => model.dispose());
        const { value, error } = await outcome(use(model));
        if (!value) expect([error!.name, error!.message]).toEqual(['StateError', expect.stringContaining('disposed')]);
      },
      ({ model }) => use(model),
    );
  },
);

describe('two models on one device', () => {
  /** A model's history and weights after a fit by itself. */
  async function alone(seed: number) {
    const model = await compiledToy({ seed });
    const history = await model.fit(data, { epochs: 4, batchSize: 8, validationData: held });
    const weights = await bits(model);
    model.dispose();
    return { history, weights };
  }

  test('trained at once end with the bits of each alone', async () => {
    const want = [await alone(1), await alone(2)];
    const models = [await compiledToy({ seed: 1 }), await compiledToy({ seed: 2 })];
    const got = await Promise.all(
      models.map(async (model) => ({
        history: await model.fit(data, { epochs: 4, batchSize: 8, validationData: held }),
        weights: await bits(model),
      })),
    );
    expect(got).toEqual(want);
    for (const model of models) model.dispose();
  });

  test('one disposed in mid-training leaves the other alone', async () => {
    const want = await alone(1);
    const stays = await compiledToy({ seed: 1 });
    const goes = await compiledToy({ seed: 2 });
    const going = outcome(
      goes.fit(data, {
        epochs: 50,
        batchSize: 8,
        callbacks: { onBatchEnd: (batch) => void (batch === 1 && goes.dispose()) },
      }),
    );
    const history = await stays.fit(data, { epochs: 4, batchSize: 8, validationData: held });
    expect((await going).error).toBeInstanceOf(StateError);
    expect({ history, weights: await bits(stays) }).toEqual(want);
    stays.dispose();
  });

  test('one trains in the callbacks of the other', async () => {
    const [first, second] = [await alone(1), await alone(2)];
    const outer = await compiledToy({ seed: 1 });
    const inner = await compiledToy({ seed: 2 });
    let innerHistory: History | undefined;
    const history = await outer.fit(data, {
      epochs: 4,
      batchSize: 8,
      validationData: held,
      callbacks: {
        async onEpochEnd(epoch) {
          if (epoch === 1) innerHistory = await inner.fit(data, { epochs: 4, batchSize: 8, validationData: held });
        },
      },
    });
    expect({ history, weights: await bits(outer) }).toEqual(first);
    expect({ history: innerHistory, weights: await bits(inner) }).toEqual(second);
    for (const model of [outer, inner]) model.dispose();
  });
});

test('evaluations, predictions and inspections asked for at once come one after another, each with its own answer', async () => {
  const model = await compiledToy();
  await model.fit(data, { batchSize: 8 });
  const sets = [toyExamples(3, 5), toyExamples(9, 6), toyExamples(17, 7)];
  const one = async (set: (typeof sets)[number]) => [
    await model.evaluate(set, { batchSize: 4 }),
    await model.predict(set.x, { batchSize: 5 }),
    (await model.inspect(set.x)).prediction,
  ];
  const want = [];
  for (const set of sets) want.push(await one(set));
  const all = sets.map((set) =>
    Promise.all([
      model.evaluate(set, { batchSize: 4 }),
      model.predict(set.x, { batchSize: 5 }),
      model.inspect(set.x).then(({ prediction }) => prediction),
    ]),
  );
  expect(await Promise.all(all)).toEqual(want);
  model.dispose();
});
