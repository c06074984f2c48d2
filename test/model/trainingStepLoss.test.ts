/** Training steps whose device is lost: their models move together, and what is lost is said. */
import { afterEach, expect, test } from 'vitest';
import {
  adam,
  add,
  type Device,
  DeviceError,
  layers,
  type Model,
  mean,
  meanSquaredError,
  mul,
  requestDevice,
  StepsLostError,
  sequential,
  type TrainingStepOptions,
  trainingStep,
} from '../../src/index.ts';
import { contents, deviceOf } from '../support/losses.ts';

const ROWS = 3;
const noiseOf = (step: number) => Float32Array.from({ length: 2 * ROWS }, (_, i) => Math.sin(7 * step + i * i));
const real = Float32Array.from({ length: 2 * ROWS }, (_, i) => Math.cos(i * i));

const made: { dispose(): void }[] = [];
const devices: Device[] = [];
afterEach(() => {
  for (const one of made.splice(0)) one.dispose();
  for (const device of devices.splice(0)) device.destroy();
});

async function own(): Promise<Device> {
  const device = await requestDevice();
  devices.push(device);
  return device;
}

async function compiled(seed: number, device: Device): Promise<Model> {
  const model = sequential([
    layers.dense({ inputShape: [2], units: 3, activation: 'tanh' }),
    layers.dropout({ rate: 0.2 }),
    layers.dense({ units: 2 }),
  ]);
  await model.compile({ device, seed, optimizer: adam({ learningRate: 0.05 }), loss: 'meanSquaredError', tune: false });
  made.push(model);
  return model;
}

/** Two models that are trained, of which the first goes through the second and through a third one that is not. */
async function scene({ recovery, ...more }: TrainingStepOptions = {}, device?: Device) {
  const options = { ...more, recovery: { everySeconds: 1e6, ...recovery } }; // by steps: a busy machine takes seconds for each
  const on = device ?? (await own());
  const models = [await compiled(1, on), await compiled(2, on)] as const;
  const judge = await compiled(3, on);
  const step = await trainingStep(({ graph: g, seed, minimize }) => {
    const fakes = models[0].apply(g.input('noise', [ROWS, 2]), { training: true, seed: seed() });
    const onFakes = models[1].apply(fakes, { training: true, seed: seed() });
    const onReal = models[1].apply(g.input('real', [ROWS, 2]), { training: true, seed: seed() });
    const judged = judge.apply(fakes);
    const first = add(mean(mul(onFakes, onFakes)), mean(mul(judged, judged)));
    const second = mean(meanSquaredError(onReal, onFakes));
    minimize({ model: models[0], loss: first }, { model: models[1], loss: second });
    return { first, second };
  }, options);
  made.push(step);
  return {
    models,
    judge,
    step,
    run: (at: number) => step.run(at === 0 ? { noise: noiseOf(at), real } : { noise: noiseOf(at) }),
  };
}

const filesOf = async (models: readonly Model[]) => Promise.all(models.map(async (one) => contents(await one.save())));

/** The files of the models after some steps that nothing disturbs. */
async function undisturbed(steps: number) {
  const { models, run } = await scene();
  for (let i = 0; i < steps; i++) await run(i);
  return filesOf(models);
}

const caught = (call: Promise<unknown>): Promise<Error> =>
  call.then(
    () => {
      throw new Error('it did not fail');
    },
    (error) => error,
  );

const crash = (model: Model) => deviceOf(model).gpu.destroy();

test('with a snapshot of every step none is lost: before a step, and while one is under way', async () => {
  const { models, judge, run } = await scene({ recovery: { everySteps: 1 } });
  for (let i = 0; i < 6; i++) {
    if (i === 0 || i === 2) crash(models[0]);
    const running = run(i);
    if (i === 4) crash(models[0]);
    expect(Number.isFinite((await running).first[0])).toBe(true);
    expect(new Set([...models, judge].map(deviceOf)).size).toBe(1);
  }
  expect(await filesOf(models)).toEqual(await undisturbed(6));
});

test('steps after the last snapshot are lost, which is said once; the next run goes on from there', async () => {
  const { models, run } = await scene({ recovery: { everySteps: 4 } });
  for (let i = 0; i < 6; i++) await run(i);
  const before = deviceOf(models[0]);
  crash(models[0]);
  const error = await caught(run(6));
  expect(error).toBeInstanceOf(StepsLostError);
  expect(error).toBeInstanceOf(DeviceError);
  expect((error as StepsLostError).stepsLost).toBe(2);
  expect(error.message).toMatch(
    /^run: the GPU device was lost \(.*\), and 2 steps that no snapshot holds\. The models are on/,
  );
  expect(models.map(({ iterations }) => iterations)).toEqual([4, 4]);
  expect(deviceOf(models[0])).not.toBe(before);
  expect(deviceOf(models[1])).toBe(deviceOf(models[0]));
  for (let i = 4; i < 8; i++) await run(i); // `real` was given to the lost device alone
  expect(await filesOf(models)).toEqual(await undisturbed(8));
});

test('a model that another call has moved: the others follow it to its device', async () => {
  const { models, judge, run } = await scene({ recovery: { everySteps: 2 } });
  for (let i = 0; i < 3; i++) await run(i);
  crash(models[0]);
  const x = { data: noiseOf(0), shape: [ROWS, 2] };
  const [first, second] = await Promise.all([caught(models[1].predict(x)), caught(run(3))]);
  for (const error of [first, second]) expect(error).toBeInstanceOf(StepsLostError);
  expect(new Set([...models, judge].map(deviceOf)).size).toBe(1);
  crash(models[0]);
  await judge.predict(x);
  expect(deviceOf(models[1])).not.toBe(deviceOf(judge));
  for (let i = 2; i < 5; i++) await run(i);
  expect(deviceOf(models[1])).toBe(deviceOf(judge));
  expect(await filesOf(models)).toEqual(await undisturbed(5));
});

test('the device that the models share ends with the last of them', async () => {
  const { models, judge, step, run } = await scene({ recovery: { everySteps: 1 } });
  await run(0);
  crash(models[0]);
  await run(1);
  const device = deviceOf(models[0]);
  models[0].dispose();
  judge.dispose();
  expect(device.lost).toBeUndefined();
  expect((await models[1].predict({ data: real, shape: [ROWS, 2] })).shape).toEqual([ROWS, 2]);
  await expect(run(2)).rejects.toThrow(/disposed/);
  step.dispose();
  models[1].dispose();
  expect(device.destroyed).toBe(true);
});

test('a function that gives devices is asked once for all models', async () => {
  let asked = 0;
  const recovery = {
    everySteps: 1,
    async device() {
      asked++;
      return own();
    },
  };
  const { models, run } = await scene({ recovery });
  await run(0);
  for (const count of [1, 2]) {
    crash(models[0]);
    await models[1].predict({ data: real, shape: [ROWS, 2] }); // another call asks first
    await run(count);
    expect(asked).toBe(count);
  }
  expect(deviceOf(models[0])).toBe(devices.at(-1));
  for (const model of models) model.dispose();
  expect(devices.at(-1)!.lost).toBeUndefined(); // it is its maker's
});

test('snapshots of the models are of one moment, also after a fit of one of them', async () => {
  const { models, run } = await scene({ recovery: { everySteps: 100 } });
  for (let i = 0; i < 2; i++) await run(i);
  const x = { data: real, shape: [ROWS, 2] };
  await models[1].fit({ x, y: x }, { epochs: 1, batchSize: ROWS }); // its last snapshot has the two steps
  await run(2);
  await run(3);
  crash(models[0]);
  expect(((await caught(run(4))) as StepsLostError).stepsLost).toBe(1);
  expect(models.map(({ iterations }) => iterations)).toEqual([3, 4]);
});

test('a step that is made when the device is lost is made on another one', async () => {
  const device = await own();
  device.gpu.destroy();
  await device.gpu.lost;
  const { models, run } = await scene({}, device);
  await run(0);
  expect(await filesOf(models)).toEqual(await undisturbed(1));
});

test('a device that was destroyed is not replaced, nor one of which there is no other', async () => {
  const { models, run } = await scene();
  await run(0);
  deviceOf(models[0]).destroy();
  const error = await caught(run(1));
  expect([error.name, error.message]).toEqual(['DeviceError', expect.stringMatching(/was lost \(destroyed/)]);

  const failing = async () => {
    throw new Error('no more');
  };
  const other = await scene({ recovery: { everySteps: 1, device: failing } });
  await other.run(0);
  crash(other.models[0]);
  expect((await caught(other.run(1))).message).toMatch(/no other could be had: no more/);
});

test('disposed while it moves: a StateError', async () => {
  for (const what of ['step', 'model'] as const) {
    const { models, step, run } = await scene({ recovery: { everySteps: 1 } });
    await run(0);
    crash(models[0]);
    const running = caught(run(1));
    await new Promise((resolve) => setTimeout(resolve));
    if (what === 'step') step.dispose();
    else models[1].dispose();
    const error = await running;
    expect([error.name, error.message]).toEqual(['StateError', expect.stringMatching(/disposed/)]);
  }
});
