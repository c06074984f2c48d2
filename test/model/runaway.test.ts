/** Training that has run away, and rates that are none: nothing that cannot be read again is saved, and errors say why. */
import { describe, expect, test, vi } from 'vitest';
import { readSafetensors, requestDevice, type Schedule, StateError, sgd } from '../../src/index.ts';
import { memoryStore } from '../support/snapshots.ts';
import { bits, compiledToy, toyExamples } from '../support/toy.ts';

const DATA = toyExamples(40);

describe('weights that are not finite', () => {
  test('save says which, and what helps', async () => {
    const model = await compiledToy({ optimizer: sgd({ learningRate: 1e38 }) });
    await model.fit(DATA, { epochs: 1, batchSize: 8 });
    await expect(model.save()).rejects.toThrow(StateError);
    await expect(model.save()).rejects.toThrow(
      /^save: '\S+' has values that are not finite, .*setWeights.*watch: 'stop'/,
    );
    model.dispose();
  });

  test('a store keeps the last snapshot that can be gone on from', async () => {
    const model = await compiledToy({ optimizer: sgd({ learningRate: 0.01 }) });
    const { store, saved } = memoryStore();
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    await model.fit(DATA, {
      epochs: 4,
      batchSize: 8,
      recovery: { store, everySteps: 1 },
      callbacks: {
        onEpochEnd: (epoch) => {
          if (epoch === 1) model.learningRate = 1e38;
        },
      },
    });
    expect(saved.length).toBeGreaterThan(2);
    for (const { data } of readSafetensors(saved.at(-1)!).tensors.values())
      expect(data.every(Number.isFinite)).toBe(true);
    expect(warn.mock.calls.join()).toMatch(
      /a snapshot could not be stored, .*snapshot: '\S+' has values that are not finite/,
    );
    warn.mockRestore();
    model.dispose();
  });
});

describe('a schedule of one’s own', () => {
  const own = (at: (step: number) => unknown) => ({ name: 'mine', config: {}, at }) as Schedule;

  test('trains, but no file can hold it: save and a store say so, the store before the first step', async () => {
    const model = await compiledToy({ optimizer: sgd({ learningRate: own((step) => 0.1 / (step + 1)) }) });
    let steps = 0;
    const options = { batchSize: 8, callbacks: { onBatchEnd: () => void steps++ } };
    const { store } = memoryStore();
    await expect(model.fit(DATA, { ...options, recovery: { store } })).rejects.toThrow(
      /no store of fit, can hold 'mine'/,
    );
    expect(steps).toBe(0);
    await model.fit(DATA, options);
    expect(steps).toBe(5);
    await expect(model.save()).rejects.toThrow(/^no file, .* can hold 'mine', a schedule of your own\. .*learningRate/);
    model.dispose();
  });

  test.each([undefined, Number.NaN, -1, '0.1'])('must give numbers of at least 0, not %j', async (rate) => {
    const model = await compiledToy({ optimizer: sgd({ learningRate: own((step) => (step < 2 ? 0.1 : rate)) }) });
    await expect(model.fit(DATA, { batchSize: 8 })).rejects.toThrow(
      /^schedule: at\(2\) must be a number of at least 0, got /,
    );
    model.dispose();
  });

  test('is no list', () => {
    const learningRate = [0.1, 0.01] as unknown as number;
    expect(() => sgd({ learningRate })).toThrow(/^sgd: learningRate must be/);
  });
});

test('compiled again, a model stays on its device, and refuses another one', async () => {
  const model = await compiledToy();
  const other = await requestDevice();
  const again = { loss: 'sparseCategoricalCrossentropy', recompile: true } as const;
  const before = await bits(model);
  await expect(model.compile({ ...again, device: other })).rejects.toThrow(/stays on its device/);
  other.destroy();
  await expect(model.compile({ ...again, device: other })).rejects.toThrow(/stays on its device/);
  expect(await bits(model)).toEqual(before);
  await model.compile(again);
  await model.fit(DATA, { batchSize: 8 });
  model.dispose();
});

test('a dataset that streams: what is wrong is named by its place in the dataset, not in the batch', async () => {
  const model = await compiledToy();
  for (const [wrong, message] of [
    ['x', /the dataset has the value NaN in example 37;/],
    ['y', /label 9 of example 37 /],
  ] as const) {
    const read = (indices: Uint32Array, x: Float32Array, y?: ArrayLike<number>) => {
      x.fill(0.5);
      const at = indices.indexOf(37);
      if (at >= 0 && wrong === 'x') x[at * 64 + 3] = Number.NaN;
      if (at >= 0 && wrong === 'y') (y as Int32Array)[at] = 9;
    };
    const dataset = { size: 40, xShape: [8, 8, 1], read };
    await expect(model.fit(dataset, { batchSize: 8 })).rejects.toThrow(message);
  }
  model.dispose();
});

test('the history of epochs without a step has no gap', async () => {
  const model = await compiledToy();
  const { epoch, loss, accuracy } = await model.fit(DATA, { epochs: 3, batchSize: 8, startAtStep: 5 });
  expect(epoch).toEqual([1, 2]);
  expect(loss).toHaveLength(2);
  expect(accuracy).toHaveLength(2);
  const stopped = await model.fit(DATA, { epochs: 3, callbacks: { onEpochBegin: (_, training) => training.stop() } });
  expect([stopped.epoch, stopped.loss]).toEqual([[], []]);
  model.dispose();
});
