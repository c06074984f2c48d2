/** Going on in mid-epoch from a model that was saved there. */
import { expect, test } from 'vitest';
import { ArgumentError, adam, earlyStopping, loadModel } from '../../src/index.ts';
import { testDevice } from '../support/device.ts';
import { bits, compiledToy, toyExamples } from '../support/toy.ts';

const data = toyExamples(61); // the last batch of an epoch is a partial one
const OPTIONS = { batchSize: 8, validationSplit: 0.2 }; // 48 examples, 6 steps

test.each([
  { epoch: 0, batch: 0 },
  { epoch: 1, batch: 3 },
  { epoch: 1, batch: 5 },
  { epoch: 2, batch: 4 },
])('saved after batch $batch of epoch $epoch', async ({ epoch, batch }) => {
  const optimizer = adam({ learningRate: 0.01 });
  const straight = await compiledToy({ optimizer });
  await straight.fit(data, { ...OPTIONS, epochs: 3 });

  const first = await compiledToy({ optimizer });
  const abort = new AbortController();
  let now = 0;
  let begin = 0;
  let saved: { file: Uint8Array<ArrayBuffer>; step: number } | undefined;
  const interrupted = first.fit(data, {
    ...OPTIONS,
    epochs: 3,
    signal: abort.signal,
    callbacks: {
      onEpochBegin(index) {
        now = index;
        begin = first.iterations;
      },
      async onBatchEnd(index) {
        if (saved || now !== epoch || index !== batch) return;
        saved = { file: await first.save(), step: first.iterations - begin };
        abort.abort();
      },
    },
  });
  await expect(interrupted).rejects.toThrow();
  first.dispose();

  const second = await loadModel(saved!.file, { device: await testDevice() });
  const batches: number[] = [];
  const history = await second.fit(data, {
    ...OPTIONS,
    epochs: 3 - epoch,
    startAtStep: saved!.step,
    callbacks: { onBatchEnd: (index) => void batches.push(index) },
  });
  // Steps under way when it was saved are part of what was saved.
  expect(batches).toHaveLength(6 * (3 - epoch) - saved!.step);
  if (saved!.step < 6) expect(batches[0]).toBe(saved!.step);
  expect(history.valLoss).toHaveLength(3 - epoch);
  expect(history.valLoss!.every(Number.isFinite)).toBe(true);
  // An epoch of which nothing was left has no loss.
  expect(history.loss.map(Number.isFinite)).toEqual(history.epoch.map((_, i) => i > 0 || saved!.step < 6));
  expect(await bits(second)).toEqual(await bits(straight));
  expect(second.iterations).toBe(18);
  straight.dispose();
  second.dispose();
});

test('an epoch of which nothing is left has no loss, and early stopping does not mind', async () => {
  const model = await compiledToy();
  const names: string[][] = [];
  const history = await model.fit(data, {
    ...OPTIONS,
    epochs: 2,
    startAtStep: 6,
    callbacks: [{ onEpochEnd: (_, logs) => void names.push(Object.keys(logs)) }, earlyStopping({ monitor: 'loss' })],
  });
  expect(names).toEqual([
    ['valLoss', 'valAccuracy'],
    ['loss', 'accuracy', 'valLoss', 'valAccuracy'],
  ]);
  expect(history.epoch).toEqual([0, 1]);
  expect(history.loss).toEqual([Number.NaN, expect.any(Number)]);
  expect(model.iterations).toBe(6);
  model.dispose();
});

test('the logs of an epoch begun in the middle are means over its rest', async () => {
  const model = await compiledToy();
  const losses: number[] = [];
  const { loss } = await model.fit(data, {
    ...OPTIONS,
    startAtStep: 4,
    callbacks: { onBatchEnd: (_, logs) => void losses.push(logs.loss!) },
  });
  expect(losses).toHaveLength(2);
  expect(loss[0]).toBeCloseTo((losses[0]! + losses[1]!) / 2, 6); // batches of 8 and 8
  model.dispose();
});

test('no such step', async () => {
  const model = await compiledToy();
  for (const startAtStep of [-1, 1.5, 7]) {
    await expect(model.fit(data, { ...OPTIONS, startAtStep })).rejects.toThrow(ArgumentError);
  }
  model.dispose();
});
