/** `model.profile`: times of the dispatches of one training step. */
import { expect, test, vi } from 'vitest';
import { Device, DeviceError, type Plan, StateError } from '../../src/index.ts';
import { DispatchTimer } from '../../src/runtime/profile.ts';
import { countBuffers, testDevice } from '../support/device.ts';
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

test('frees what it made: 40 profiles leave as many buffers and query sets as none', async () => {
  const { gpu } = await testDevice();
  const model = await compiledToy();
  const { x, y } = toyExamples(8);
  await model.trainOnBatch(x, y);
  const { alive, restore } = countBuffers(gpu);
  const sets = vi.spyOn(gpu, 'createQuerySet');
  const destroyed = vi.spyOn(GPUQuerySet.prototype, 'destroy');
  try {
    for (let i = 0; i < 40; i++) {
      const asked = model.profile();
      await model.trainOnBatch(x, y);
      await asked;
    }
    expect(alive()).toBe(0);
    expect(sets).toHaveBeenCalledTimes(40);
    expect(destroyed).toHaveBeenCalledTimes(40);
  } finally {
    restore();
    vi.restoreAllMocks();
  }
  model.dispose();
});

test('only the profiled step has a pass for each dispatch', async () => {
  const model = await compiledToy();
  const { x, y } = toyExamples(8);
  const passes = vi.spyOn(GPUCommandEncoder.prototype, 'beginComputePass');
  try {
    const counts: number[] = [];
    let length = 0;
    for (const profiled of [false, true, false]) {
      const asked = profiled ? model.profile() : undefined;
      passes.mockClear();
      await model.trainOnBatch(x, y);
      counts.push(passes.mock.calls.length);
      if (asked) length = (await asked).dispatches.length;
    }
    expect(counts).toEqual([1, length, 1]);
    expect(length).toBeGreaterThan(10);
  } finally {
    passes.mockRestore();
  }
  model.dispose();
});

test('where times cannot be taken the profile fails, the step does not', async () => {
  const { gpu } = await testDevice();
  const { x, y } = toyExamples(8);
  const plain = await compiledToy();
  await plain.trainOnBatch(x, y);
  const model = await compiledToy();
  const failed = expect(model.profile()).rejects.toThrow('no queries left');
  const sets = vi.spyOn(gpu, 'createQuerySet').mockImplementation(() => {
    throw new Error('no queries left');
  });
  try {
    await model.trainOnBatch(x, y);
  } finally {
    sets.mockRestore();
  }
  await failed;
  expect(await bits(model)).toEqual(await bits(plain));
  plain.dispose();
  model.dispose();
});

test('more dispatches than a query set holds are an error, said beforehand', async () => {
  const device = await testDevice();
  const plan = { dispatches: Array.from({ length: 2049 }, () => ({ label: 'relu' })) } as unknown as Plan;
  expect(() => new DispatchTimer(device, plan)).toThrow(DeviceError);
  expect(() => new DispatchTimer(device, plan)).toThrow(/2049 dispatches are too many/);
});

test('an end before its beginning counts as no time', async () => {
  const times = BigInt64Array.of(5000n, 7500n, 9000n, 8000n);
  const device = await testDevice();
  const staging = { mapAsync: async () => {}, getMappedRange: () => times.buffer, unmap() {}, destroy() {}, size: 32 };
  const create = vi.spyOn(device, 'createBuffer').mockReturnValue(staging as unknown as GPUBuffer);
  try {
    const timer = new DispatchTimer(device, { dispatches: [{ label: 'a' }, { label: 'b' }] } as unknown as Plan);
    expect(await timer.read()).toEqual([
      { label: 'a', microseconds: 2.5 },
      { label: 'b', microseconds: 0 },
    ]);
    timer.destroy();
  } finally {
    create.mockRestore();
  }
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
