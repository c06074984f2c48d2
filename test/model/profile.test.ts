/** `model.profile`: times of the dispatches of one training step. */
import { expect, test } from 'vitest';
import { Device, DeviceError, StateError } from '../../src/index.ts';
import { testDevice } from '../support/device.ts';
import { bits, compiledToy, toyExamples } from '../support/toy.ts';

test('times each dispatch of the next step, and changes nothing', async () => {
  const { x, y } = toyExamples(16);
  const plain = await compiledToy();
  for (let i = 0; i < 3; i++) await plain.trainOnBatch(x, y);
  const profiled = await compiledToy();
  await profiled.trainOnBatch(x, y);
  const asked = profiled.profile();
  await profiled.trainOnBatch(x, y);
  const { plan, dispatches } = await asked;
  await profiled.trainOnBatch(x, y);
  expect(dispatches.map(({ label }) => label)).toEqual(plan.dispatches.map(({ label }) => label));
  expect(dispatches.map(({ label }) => label)).toEqual(
    profiled.plan({ batchSize: 16 }).dispatches.map(({ label }) => label),
  );
  expect(dispatches.every(({ microseconds }) => microseconds >= 0 && microseconds < 60e6)).toBe(true);
  expect(dispatches.some(({ microseconds }) => microseconds > 0)).toBe(true);
  expect(await bits(profiled)).toEqual(await bits(plain));
  plain.dispose();
  profiled.dispose();
});

test('in fit the plan is that of its step, which gathers its batches', async () => {
  const model = await compiledToy();
  const asked = model.profile();
  const again = model.profile();
  await model.fit(toyExamples(16), { batchSize: 8 });
  const { plan, dispatches } = await asked;
  expect(dispatches).toHaveLength(plan.dispatches.length);
  expect(dispatches.some(({ label }) => label.startsWith('gatherRows'))).toBe(true);
  expect(await again).toEqual({ plan, dispatches });
  model.dispose();
});

test('frees what it made: 40 profiles leave as many buffers as none', async () => {
  const { gpu } = await testDevice();
  const model = await compiledToy();
  const { x, y } = toyExamples(8);
  await model.trainOnBatch(x, y);
  let alive = 0;
  const create = gpu.createBuffer.bind(gpu);
  gpu.createBuffer = (descriptor) => {
    const buffer = create(descriptor);
    const destroy = buffer.destroy.bind(buffer);
    alive++;
    buffer.destroy = () => {
      alive--;
      return destroy();
    };
    return buffer;
  };
  try {
    for (let i = 0; i < 40; i++) {
      const asked = model.profile();
      await model.trainOnBatch(x, y);
      await asked;
    }
    expect(alive).toBe(0);
  } finally {
    gpu.createBuffer = create;
  }
  model.dispose();
});

test('rejects when the model is disposed before a step', async () => {
  const model = await compiledToy();
  const asked = model.profile();
  model.dispose();
  await expect(asked).rejects.toThrow(StateError);
});

test('a device without timestamps says so', async () => {
  const adapter = await navigator.gpu.requestAdapter();
  const device = new Device(await adapter!.requestDevice());
  const model = await compiledToy({ device });
  await expect(model.profile()).rejects.toThrow(DeviceError);
  await expect(model.profile()).rejects.toThrow(/timestamp-query/);
  model.dispose();
  device.destroy();
});
