/** Training is as quick as the GPU, however late the browser tells that work has ended: Firefox looks every 100 ms. */
import { expect, test } from 'vitest';
import { layers, sequential } from '../../src/index.ts';
import { Session } from '../../src/runtime/session.ts';
import { testDevice } from '../support/device.ts';
import { toyExamples } from '../support/toy.ts';

const BATCH = 8;
const STEPS = 128;
const EXAMPLES = toyExamples(BATCH * STEPS);

/** Its steps take 3 ms on a software adapter. */
async function smallNet() {
  const model = sequential([
    layers.conv2d({ inputShape: [8, 8, 1], filters: 16, kernelSize: 5, padding: 'same', activation: 'relu' }),
    layers.conv2d({ filters: 16, kernelSize: 3, activation: 'relu' }),
    layers.flatten(),
    layers.dense({ units: 2 }),
  ]);
  const device = await testDevice();
  await model.compile({ loss: 'sparseCategoricalCrossentropy', device, tune: false });
  return model;
}

/**
 * How much longer a fit may take than its steps alone. What the host does in between makes it 1.1 on an idle machine; were it to
 * wait for a browser that looks every 100 ms it would be 4 with eight steps under way, 12 with three.
 */
const MOST = 2.5;

test('a fit whose every batch is listened to takes about as long as its steps alone', async () => {
  const model = await smallNet();
  const device = await testDevice();
  const bare = await Session.create(device, model.plan({ batchSize: BATCH }));
  const stepsAlone = async () => {
    const begin = performance.now();
    for (let i = 0; i < STEPS; i++) bare.run();
    await device.ended(device.gpu.queue.onSubmittedWorkDone());
    return performance.now() - begin;
  };
  const fitted = async () => {
    const batches: number[] = [];
    let begin = 0;
    let end = 0;
    await model.fit(EXAMPLES, {
      batchSize: BATCH,
      maxResidentBytes: 0, // the same step as the bare one: the host sends the batch
      callbacks: {
        onEpochBegin: () => {
          begin = performance.now();
        },
        onBatchLogs: (batch) => void batches.push(batch),
        onEpochEnd: () => {
          end = performance.now();
        },
      },
    });
    expect(batches).toEqual(Array.from({ length: STEPS }, (_, i) => i));
    return end - begin;
  };
  await stepsAlone();
  await fitted(); // the first one of each warms up
  // Other work on the machine slows one or the other down: one undisturbed pair is enough.
  const pairs: { alone: number; fitted: number; ratio: number }[] = [];
  do {
    const [alone, fit] = [await stepsAlone(), await fitted()];
    pairs.push({ alone, fitted: fit, ratio: fit / alone });
  } while (pairs.at(-1)!.ratio >= MOST && pairs.length < 10);
  expect(pairs.at(-1)!.ratio, JSON.stringify(pairs)).toBeLessThan(MOST);
  bare.destroy();
  model.dispose();
});
