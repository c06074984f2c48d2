/** The memory of training steps under the memory limits of their models. */
import { afterEach, expect, test } from 'vitest';
import {
  add,
  layers,
  MemoryLimitError,
  type Model,
  mean,
  mul,
  requestDevice,
  StateError,
  sequential,
  sgd,
  trainingStep,
} from '../../src/index.ts';
import { countBuffers, testDevice } from '../support/device.ts';

const ROWS = 64;
const SHAPE = [ROWS, 128] as const;
const x = { data: Float32Array.from({ length: ROWS * 128 }, (_, i) => Math.sin(i * i)), shape: [...SHAPE] };
const y = { data: new Float32Array(ROWS * 16), shape: [ROWS, 16] };

const made: { dispose(): void }[] = [];
afterEach(() => {
  for (const one of made.splice(0)) one.dispose();
});

async function compiled(memoryLimit?: number, device = testDevice()): Promise<Model> {
  const model = sequential([
    layers.dense({ inputShape: [128], units: 32, activation: 'tanh' }),
    layers.dense({ units: 16 }),
  ]);
  const limit = memoryLimit === undefined ? {} : { memoryLimit };
  const optimizer = sgd({ momentum: 0.9 });
  await model.compile({ device: await device, optimizer, loss: 'meanSquaredError', ...limit });
  made.push(model);
  return model;
}

async function stepOf(...models: readonly Model[]) {
  const step = await trainingStep(({ graph: g, minimize }) => {
    const input = g.input('x', SHAPE);
    const losses = models.map((model) => {
      const out = model.apply(input, { training: true });
      return mean(mul(out, out));
    });
    const sum = losses.reduce((p, q) => add(p, q));
    minimize(...models.map((model, i) => ({ model, loss: losses[i]! })));
    return { sum };
  });
  made.push(step);
  return step;
}

const caught = (call: Promise<unknown>): Promise<Error> =>
  call.then(
    () => {
      throw new Error('it did not fail');
    },
    (error) => error,
  );

test('what does not fit is refused when the step is made, with the least limit that would do; from it on it fits', async () => {
  const error = (await caught(stepOf(await compiled(150_000)))) as MemoryLimitError;
  expect(error).toBeInstanceOf(MemoryLimitError);
  expect(error.message).toMatch(
    /^trainingStep: memoryLimit is 150000 bytes .* This one takes \d+, so it fits from memoryLimit: \d+ on/,
  );
  const tight = await compiled(error.least - 1);
  expect(await caught(stepOf(tight))).toBeInstanceOf(MemoryLimitError);
  expect((await tight.predict(x)).shape).toEqual([ROWS, 16]); // the model works on
  for (const model of made.splice(0)) model.dispose();

  const device = await testDevice();
  const buffers = countBuffers(device.gpu);
  const model = await compiled(error.least);
  const step = await stepOf(model);
  for (let i = 0; i < 3; i++) await step.run({ x: x.data });
  await model.save();
  expect(buffers.peakBytes()).toBeLessThanOrEqual(error.least);
  step.dispose();
  model.dispose();
  expect(buffers.alive()).toBe(0);
  buffers.restore();
});

test('fit, predict and inspect leave it its room, and have it back when it is disposed of', async () => {
  const limit = 260_000; // of which fit alone would take all
  const buffers = countBuffers((await testDevice()).gpu);
  const model = await compiled(limit);
  await model.predict(x); // what it keeps makes room
  const { memoryBudget } = model.compiled;
  const step = await stepOf(model);
  await step.run({ x: x.data });
  await model.fit({ x, y }, { epochs: 2, batchSize: ROWS });
  const { prediction } = await model.inspect(x);
  expect(prediction.data.length).toBe(ROWS * 16);
  await step.run();
  expect(buffers.peakBytes()).toBeLessThanOrEqual(limit);
  const free = await compiled();
  const step2 = await stepOf(free); // the same without a limit
  await step2.run({ x: x.data });
  await free.fit({ x, y }, { epochs: 2, batchSize: ROWS });
  await step2.run();
  const [a, b] = [await model.getWeights(), await free.getWeights()];
  const apart = a.flatMap(({ data }, i) => [...data].map((value, k) => Math.abs(value - b[i]!.data[k]!)));
  expect(Math.max(...apart)).toBeLessThan(1e-5); // micro-batches add up in another order
  const before = memoryBudget.free;
  step.dispose();
  expect(memoryBudget.ownSteps.size).toBe(0);
  expect(memoryBudget.free).toBeGreaterThan(before + x.data.byteLength);
  buffers.restore();
});

test('the limit of each model that is trained counts; the message says whose', async () => {
  const [first, second] = [await compiled(2_000_000), await compiled(150_000)];
  expect((await caught(stepOf(first, second))).message).toMatch(
    /^trainingStep, model 2 of 2 in minimize: memoryLimit is 150000/,
  );
  expect([first, second].map((model) => model.compiled.memoryBudget.ownSteps.size)).toEqual([0, 0]);
});

test('under a limit no other call may train the model while the step is made', async () => {
  const model = await compiled(2_000_000);
  const training = model.trainOnBatch(x, y);
  const error = await caught(stepOf(model));
  expect(error).toBeInstanceOf(StateError);
  expect(error.message).toMatch(/trainingStep: trainOnBatch is still running/);
  await training;
  const [step, predicted] = await Promise.all([stepOf(model), model.predict(x), model.inspect(x)]);
  await step.run({ x: x.data });
  expect(predicted.shape).toEqual([ROWS, 16]);
});

test('after the loss of the device it counts on the next one', async () => {
  const device = requestDevice();
  const limit = 1_000_000;
  const model = await compiled(limit, device);
  const step = await stepOf(model);
  const { free } = model.compiled.memoryBudget;
  (await device).gpu.destroy();
  await step.run({ x: x.data });
  const { memoryBudget } = model.compiled;
  expect(memoryBudget.ownSteps.size).toBe(1);
  expect(memoryBudget.free).toBeLessThanOrEqual(free);
  step.dispose();
  expect(memoryBudget.ownSteps.size).toBe(0);
  (await device).destroy();
});
