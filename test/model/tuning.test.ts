/** Models whose kernels are measured, and models whose kernels are not. */
import { expect, test } from 'vitest';
import { ArgumentError, layers, StateError, sequential, type TuneOptions } from '../../src/index.ts';
import { countBuffers, testDevice } from '../support/device.ts';
import { memoryStore, PATIENT } from '../support/tuning.ts';

const build = () =>
  sequential([
    layers.conv2d({ inputShape: [40, 40, 4], filters: 16, kernelSize: 3, activation: 'relu' }),
    layers.flatten(),
    layers.dense({ units: 3 }),
  ]);
const n = 16;
const x = { data: Float32Array.from({ length: n * 6400 }, (_, i) => Math.sin(i * i)), shape: [n, 40, 40, 4] };
const y = Int32Array.from({ length: n }, (_, i) => i % 3);
const entryPoints = (text: string) => text.match(/\w+\.\w+ </g);

async function trained(tune: boolean | TuneOptions | undefined) {
  const model = build();
  await model.compile({
    ...{ device: await testDevice(), loss: 'sparseCategoricalCrossentropy', seed: 3 },
    ...(tune === undefined ? {} : { tune }),
  });
  const before = entryPoints(model.plan({ batchSize: n }).toString());
  for (let i = 0; i < 3; i++) await model.trainOnBatch(x, y);
  const after = entryPoints(model.plan({ batchSize: n }).toString());
  const weights = (await model.getWeights()).map(({ data }) => [...data]);
  const inspected = await model.inspect(x);
  model.dispose();
  return { before, after, weights, layers: inspected.layers.length };
}

test('are tuned by default, and with tune: false have the first kernels of the list; twice the same bits', async () => {
  const device = await testDevice();
  const before = device.tuning.measurements.length;
  const untuned = await trained(false);
  expect(device.tuning.measurements.length).toBe(before);
  expect(untuned.after).toEqual(untuned.before);
  const store = memoryStore();
  const tuned = await trained({ budget: PATIENT, store });
  expect(tuned.before).toEqual(untuned.before);
  const measured = device.tuning.measurements.length;
  expect(measured).toBeGreaterThan(before);
  const again = await trained({ budget: PATIENT, store });
  expect(device.tuning.measurements.length).toBe(measured);
  expect(again.before).toEqual(tuned.after);
  expect(again.weights).toEqual(tuned.weights);
  // Another order of adding up, the same numbers.
  tuned.weights.forEach((values, k) => {
    const apart = values.map((w, i) => Math.abs(w - untuned.weights[k]![i]!));
    expect(apart.reduce((p, q) => Math.max(p, q))).toBeLessThan(1e-3);
  });
  await trained(undefined);
});

test('disposed while kernels are measured', async () => {
  const device = await testDevice();
  const buffers = countBuffers(device.gpu);
  const model = build();
  const tune = { budget: PATIENT, store: memoryStore() };
  await model.compile({ device, loss: 'sparseCategoricalCrossentropy', tune });
  const before = device.tuning.measurements.length;
  const training = model.trainOnBatch(x, y);
  await new Promise((resolve) => setTimeout(resolve));
  model.dispose();
  await expect(training).rejects.toThrow(StateError);
  expect(device.tuning.measurements.length).toBeGreaterThan(before);
  expect(buffers.alive()).toBe(0);
  buffers.restore();
});

test('refuse options that make no sense', async () => {
  const device = await testDevice();
  for (const tune of [null, 'yes', { budget: -1 }, { budget: Number.NaN }, { store: {} }]) {
    await expect(build().compile({ device, tune: tune as never })).rejects.toThrow(ArgumentError);
  }
});
