/** The worker of the page of the machine, called as the page calls it. */
import * as Comlink from 'comlink';
import { expect, test } from 'vitest';
import type { Machine } from '../../demo/gpu/machine.ts';
import type { LayerSpec } from '../../demo/lab/protocol/index.ts';
import type { Planner } from '../../demo/machine/protocol/index.ts';
import { layers } from '../../src/index.ts';

const NETWORK: LayerSpec[] = [
  layers.maxPool2d({ poolSize: 8, inputShape: [128, 128, 1] }),
  layers.conv2d({ filters: 3, kernelSize: 3, activation: 'relu' }),
  layers.flatten(),
  layers.dropout({ rate: 0.2 }),
  layers.dense({ units: 2 }),
];
const TRAINING = {
  ...({ optimizer: 'adam', learningRate: 0.01, schedule: 'constant' } as const),
  ...{ batchSize: 5, epochs: 3, seed: 0 },
};

const planner = Comlink.wrap<Planner>(
  new Worker(new URL('../../demo/machine/worker/planner.ts', import.meta.url), { type: 'module' }),
);
const seen: Machine[] = [];
const greeting = planner.connect(Comlink.proxy((machine: Machine) => void seen.push(machine)));

test('greets, and finds a machine', async () => {
  const { presets, layerTypes } = await greeting;
  expect(Object.keys(presets)).toContain('baseline');
  expect(layerTypes).toContain('conv2d');
  await expect.poll(() => seen.at(-1)?.state).toBe('ready');
});

test('plans a step without training', async () => {
  const { dispatches, slots, lifetimes, peakBytes, microseconds } = await planner.plan(NETWORK, TRAINING);
  expect(microseconds).toBeUndefined();
  expect(dispatches.length).toBeGreaterThan(10);
  expect(
    dispatches.every(({ shader, bindings }) => shader !== '' && bindings.some((b) => b.access === 'read_write')),
  ).toBe(true);
  expect(lifetimes.every(({ slot, first, last }) => slot < slots.length && first <= last)).toBe(true);
  expect(peakBytes).toBeGreaterThan(slots.reduce((sum, bytes) => sum + bytes, 0));
});

test('measures a step of the training that the lab does, its watch included', async () => {
  const { dispatches, microseconds, batchSize } = await planner.measure(NETWORK, TRAINING);
  expect(batchSize).toBe(5);
  expect(microseconds).toHaveLength(dispatches.length);
  expect(microseconds!.reduce((sum, time) => sum + time, 0)).toBeGreaterThan(0);
  expect(dispatches.filter(({ phase }) => phase === 'check').length).toBeGreaterThan(0);
});

test('another measurement ends the one under way', async () => {
  const first = planner.measure(NETWORK, { ...TRAINING, batchSize: 64 }).catch(({ name }: Error) => name);
  const second = await planner.measure(NETWORK, TRAINING);
  expect(second.batchSize).toBe(5);
  expect(await first).toBe('AbortError');
});

test('layers that do not fit are refused with the reason', async () => {
  const unfit = [...NETWORK.slice(0, 2), layers.dense({ units: 2 })];
  await expect(planner.plan(unfit, TRAINING)).rejects.toThrow(/flatten/);
  await expect(planner.measure(unfit, TRAINING)).rejects.toThrow(/flatten/);
});
