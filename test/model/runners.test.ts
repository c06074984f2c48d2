/** What a model keeps for the batch sizes it has met. */
import { expect, test } from 'vitest';
import { layers, type Model, sequential, sgd } from '../../src/index.ts';
import { countBuffers, testDevice } from '../support/device.ts';
import { bits, compiledToy, toyExamples } from '../support/toy.ts';

const trainOn = (size: number) => (model: Model) => {
  const { x, y } = toyExamples(size);
  return model.trainOnBatch(x, y);
};

test.each([
  ['training', trainOn],
  ['evaluation', (size: number) => (model: Model) => model.evaluate(toyExamples(size))],
  ['prediction', (size: number) => (model: Model) => model.predict(toyExamples(size).x)],
])('%s on 60 batch sizes, growing and shrinking, holds no more buffers than on a few', async (_, use) => {
  // One dense layer: each size compiles its own kernels, and it is buffers that count here.
  const model = sequential([layers.flatten({ inputShape: [8, 8, 1] }), layers.dense({ units: 2, useBias: false })]);
  await model.compile({ loss: 'sparseCategoricalCrossentropy', optimizer: sgd(), device: await testDevice() });
  const { alive, restore } = countBuffers((await testDevice()).gpu);
  try {
    const counts: number[] = [];
    for (let i = 1; i <= 119; i++) {
      await use(i <= 60 ? i : 120 - i)(model); // 1 to 60, and back to 1
      counts.push(alive());
    }
    expect(counts[0]).toBeGreaterThan(0);
    // Plans of some sizes have a value or two more; what was kept for each size would be hundreds.
    expect(Math.max(...counts)).toBeLessThanOrEqual(Math.max(...counts.slice(0, 10)) + 5);
    model.dispose();
    await expect.poll(alive).toBe(0);
  } finally {
    restore();
  }
});

test('the four batch sizes used last are kept, a fifth takes the place of the oldest', async () => {
  const device = await testDevice();
  const model = await compiledToy();
  const created = async (size: number) => {
    const before = device.buffersCreated;
    await trainOn(size)(model);
    return device.buffersCreated - before;
  };
  for (const size of [4, 5, 6, 7]) await created(size);
  for (const size of [4, 5, 6, 7, 4]) expect(await created(size), `size ${size}`).toBe(0);
  expect(await created(8)).toBeGreaterThan(0); // instead of 5, which was used least recently
  for (const size of [4, 6, 7, 8]) expect(await created(size), `size ${size}`).toBe(0);
  expect(await created(5)).toBe(0); // as one of 6
  model.dispose();
});

test('evaluations displace no runner of training', async () => {
  const sizes = [4, 5, 6, 7, 8, 9, 4];
  const alone = await compiledToy();
  for (const size of sizes) await trainOn(size)(alone);
  const kept = await compiledToy();
  for (const size of [4, 5, 6, 7, 8, 9]) {
    await trainOn(size)(kept);
    if (size > 4) await kept.evaluate(toyExamples(size));
  }
  await trainOn(4)(kept);
  expect(await bits(alone)).toEqual(await bits(kept));
  alone.dispose();
  kept.dispose();
});

test('many fits and inspections leave no memory behind', async () => {
  const model = await compiledToy();
  await model.fit(toyExamples(8), { batchSize: 4 }); // the optimizer's state is made, and stays
  const { alive, restore } = countBuffers((await testDevice()).gpu);
  try {
    for (const size of [3, 9, 17]) await model.fit(toyExamples(size), { batchSize: size });
    expect(alive()).toBe(0);
    await model.inspect(toyExamples(1).x);
    const one = alive();
    expect(one).toBeGreaterThan(0);
    for (const size of [2, 3, 4, 5, 1]) await model.inspect(toyExamples(size).x);
    expect(alive()).toBe(one);
  } finally {
    restore();
  }
  model.dispose();
});
