/** A device that is lost: training continues by itself, on another one, and ends with the bits of an undisturbed run. */
import { beforeAll, describe, expect, test } from 'vitest';
import {
  type Callback,
  earlyStopping,
  learningRateScheduler,
  type Model,
  requestDevice,
  type Training,
} from '../../src/index.ts';
import { STEPS_IN_FLIGHT } from '../../src/nn/execute/stepRunner.ts';
import { randomStream } from '../support/arrays.ts';
import { f16Device } from '../support/device.ts';
import {
  type Disturbance,
  deviceOf,
  lose,
  losesAfter,
  losesAtStep,
  losesIn,
  type Outcome,
  outcome,
} from '../support/losses.ts';
import { compiledToy, toyExamples, toyModel } from '../support/toy.ts';

let straight: Outcome;
beforeAll(async () => {
  straight = await outcome();
  expect(straight.hookCalls.filter((text) => text.startsWith('batch'))).toHaveLength(24);
});

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

function expectSame(got: Outcome, wanted = straight): void {
  expect(got.file).toEqual(wanted.file);
  expect(got.history).toEqual(wanted.history);
  expect(got.hookCalls).toEqual(wanted.hookCalls);
}

describe('the device lost', () => {
  const seed = Math.floor(Math.random() * 2 ** 31);
  const random = randomStream(seed);
  const steps = Array.from({ length: 12 }, () => 1 + Math.floor(random() * 24));

  test(`at random steps: ${steps} (seed ${seed})`, async () => {
    const options = { epochs: 7 }; // a loss comes with a new batch: there are enough for those that meet
    const wanted = await outcome({ model: toyModel, options });
    const got = await outcome({ model: toyModel, options, callbacks: losesAfter(...steps) });
    expectSame(got, wanted);
    expect(got.events).toHaveLength(steps.length);
    for (const { step, epoch, stepsLost, reason, device } of got.events) {
      expect(step).toBeLessThanOrEqual(6);
      expect(epoch).toBeLessThan(7);
      expect(stepsLost).toBeLessThanOrEqual(4 + STEPS_IN_FLIGHT); // from one snapshot to the next, and those under way
      expect(reason).toMatch(/^destroyed/);
      expect(device.description.length).toBeGreaterThan(0);
    }
  }, 120_000);

  test.each<[string, Disturbance['callbacks']]>([
    ['before the first step', losesIn('onTrainBegin', () => true)],
    ['before the first step of an epoch', losesIn('onEpochBegin', (epoch) => epoch === 2)],
    ['before a step', losesIn('onBatchBegin', (batch) => batch === 3)],
    ['after the last step of an epoch', losesIn('onBatchEnd', (batch) => batch === 5)],
    ['when the logs of the last step of an epoch arrive', losesIn('onBatchLogs', (batch) => batch === 5)],
    ['after the last epoch', losesIn('onEpochEnd', (epoch) => epoch === 3)],
    ['at the very end', losesIn('onTrainEnd', () => true)],
  ])('%s', async (_, callbacks) => {
    const got = await outcome({ ...(callbacks ? { callbacks } : {}) });
    expectSame(got);
  });

  test('without a snapshot: training begins anew', async () => {
    const got = await outcome({ options: { recovery: { everySteps: 1000 } }, callbacks: losesAfter(9) });
    expectSame(got);
    expect(got.events[0]).toMatchObject({ epoch: 0, step: 0 });
    expect(got.events[0]!.stepsLost).toBeGreaterThanOrEqual(9);
  });

  test('in mid-validation, which is done again', async () => {
    const heldOut = toyExamples(20, 5);
    const validationData = (whenRead: (batch: number) => void) => {
      let batch = 0;
      return {
        size: 20,
        xShape: [8, 8, 1],
        async read(indices: Uint32Array, x: Float32Array, y?: Int32Array | Float32Array) {
          indices.forEach((row, i) => {
            x.set(heldOut.x.data.subarray(row * 64, (row + 1) * 64), i * 64);
            y![i] = heldOut.y[row]!;
          });
          whenRead(++batch);
        },
      };
    };
    const wanted = await outcome({ options: { validationData: validationData(() => {}) } });
    let model!: Model;
    const got = await outcome({
      options: { validationData: validationData((batch) => batch === 5 && lose(model)) },
      callbacks(given) {
        model = given;
        return [];
      },
    });
    expect(got.events).toHaveLength(1);
    expectSame(got, wanted);
  });

  test('while paused: it stays paused, where it was', async () => {
    let training!: Training;
    let hookCalls = 0;
    const got = await outcome({
      callbacks: (model) => [
        {
          onTrainBegin(given) {
            training = given;
          },
          onBatchEnd() {
            if (++hookCalls !== 7) return;
            training.pause();
            (async () => {
              await expect.poll(() => hookCalls).toBe(model.iterations); // the logs of all steps have arrived
              await sleep(300);
              const iterations = model.iterations;
              const before = deviceOf(model);
              lose(model);
              await expect.poll(() => deviceOf(model) !== before && model.iterations).toBe(iterations);
              await sleep(300);
              expect([hookCalls, model.iterations, training.paused]).toEqual([iterations, iterations, true]);
              training.step();
              await expect.poll(() => hookCalls).toBe(iterations + 1);
              await sleep(300);
              expect([hookCalls, model.iterations]).toEqual([iterations + 1, iterations + 1]);
              training.resume();
            })().catch((error) => {
              hookCalls = Number.NaN;
              training.stop();
              throw error;
            });
          },
        },
      ],
    });
    expect(hookCalls).toBe(24);
    expectSame(got);
  });

  test('while paused, and a step asked for while it recovers: that step is made, and no other', async () => {
    let training!: Training;
    let model!: Model;
    let made: Promise<number> | undefined;
    const got = await outcome({
      options: {
        recovery: {
          async device() {
            const before = model.iterations;
            training.step();
            made = (async () => {
              await expect.poll(() => model.iterations, { interval: 20 }).toBeGreaterThan(before);
              await sleep(300);
              return model.iterations - before;
            })().finally(() => training.resume());
            made.catch(() => {}); // awaited below
            return requestDevice();
          },
        },
      },
      callbacks: (given) => [
        {
          onTrainBegin(begun) {
            [model, training] = [given, begun];
          },
          onEpochBegin(epoch) {
            if (epoch !== 1) return;
            training.pause();
            setTimeout(() => lose(model), 300); // the first step of the epoch waits by then
          },
        },
      ],
    });
    expect(await made).toBe(1);
    expectSame(got);
  });

  test('again and again, and while it recovers', async () => {
    let asked = 0;
    const got = await outcome({
      options: {
        recovery: {
          async device() {
            asked++;
            if (asked === 2) throw new Error('not yet');
            const device = await requestDevice();
            if (asked === 1) device.gpu.destroy();
            else if (asked === 3) losesAtStep(device); // of those that are done again
            return device;
          },
        },
      },
      callbacks: losesAfter(5, 6),
    });
    expectSame(got);
    expect(asked).toBe(5);
  });

  test('for want of memory', async () => {
    let hookCalls = 0;
    const got = await outcome({
      callbacks: (model) => [
        {
          onBatchEnd() {
            if (++hookCalls !== 8) return;
            const error = new GPUOutOfMemoryError('no memory left');
            const event = Object.assign(new Event('uncapturederror'), { error });
            deviceOf(model).gpu.dispatchEvent(event);
          },
        },
      ],
    });
    expectSame(got);
    expect(got.events[0]!.reason).toBe('out of memory: no memory left');
  });

  test('to a callback that needs it: it is called once more, the others are not', async () => {
    const run = (loses: boolean) => {
      let tries = 0;
      const means: number[] = [];
      return outcome({
        callbacks: (model) => [
          {
            async onEpochEnd(epoch) {
              if (epoch === 1 && tries++ === 0 && loses) lose(model);
              const [first] = await model.getWeights();
              means.push(first!.data[0]!);
            },
            onTrainEnd: () => void expect(means).toHaveLength(4),
          },
          earlyStopping({ restoreBestWeights: true, monitor: 'loss', patience: 5 }),
        ],
      }).then((result) => ({ ...result, means, tries }));
    };
    const [wanted, got] = [await run(false), await run(true)];
    expect(got.tries).toBe(wanted.tries + 1);
    expect(got.means).toEqual(wanted.means);
    expectSame(got, wanted);
  });
});

describe('changes by hand are made again, after the same steps', () => {
  test('of the learning rate', async () => {
    const scheduler = () => learningRateScheduler((_, rate) => rate * 0.7);
    const wanted = await outcome({ callbacks: () => [scheduler()] });
    expect(wanted.file).not.toEqual(straight.file);
    for (const recovery of [{}, { everySteps: 100 }]) {
      const got = await outcome({
        options: { recovery },
        callbacks: (model) => [scheduler(), ...losesAfter(8, 15)(model)],
      });
      expectSame(got, wanted);
    }
  });

  test('of the weights', async () => {
    const halves = (model: Model): Callback => ({
      async onEpochEnd(epoch) {
        if (epoch === 2) return;
        const weights = await model.getWeights();
        await model.setWeights(weights.map(({ data, ...rest }) => ({ ...rest, data: data.map((x) => x / 2) })));
      },
    });
    const wanted = await outcome({ callbacks: (model) => [halves(model)] });
    expect(wanted.file).not.toEqual(straight.file);
    const got = await outcome({
      options: { recovery: { everySteps: 100 } },
      callbacks: (model) => [halves(model), ...losesAfter(7, 13)(model), ...losesIn('onEpochEnd', () => true)(model)],
    });
    expectSame(got, wanted);
  });
});

test('mixed precision, with the scale of the loss', async (context) => {
  const device = await f16Device(context);
  void device;
  const compile = { precision: 'mixed' } as const;
  const wanted = await outcome({ compile });
  expectSame(await outcome({ compile, callbacks: losesAfter(4, 9, 17) }), wanted);
});

test('snapshots create no buffer after the first step, and cost no step', async () => {
  const device = await requestDevice();
  const model = await compiledToy({ device });
  const counts: number[] = [];
  await model.fit(toyExamples(80), {
    epochs: 10,
    batchSize: 8,
    recovery: { everySteps: 1 },
    callbacks: { onBatchLogs: () => void counts.push(device.buffersCreated) },
  });
  expect(counts).toHaveLength(100);
  expect(new Set(counts.slice(4)).size, 'number of buffers from the first steps to the last').toBe(1);
  model.dispose();
  device.destroy();
});
