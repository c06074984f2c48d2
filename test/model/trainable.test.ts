/** `trainable`, changed after compile: what compile saw counts in all calls, and those that train refuse. */
import { describe, expect, test } from 'vitest';
import { type Dataset, loadModel, type Model, requestDevice, StateError } from '../../src/index.ts';
import { testDevice } from '../support/device.ts';
import { lose } from '../support/losses.ts';
import { compiledToy, toyExamples, toyModel } from '../support/toy.ts';

const data = toyExamples(24);
const COMPILE = { loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'], seed: 3 } as const;

const streamed: Dataset = {
  size: 24,
  xShape: [8, 8, 1],
  read(indices, x, y) {
    indices.forEach((row, i) => {
      x.set(data.x.data.subarray(row * 64, (row + 1) * 64), i * 64);
      if (y) y[i] = data.y[row]!;
    });
  },
};

const few = (rows: number) => ({
  x: { data: data.x.data.subarray(0, rows * 64), shape: [rows, 8, 8, 1] },
  y: data.y.subarray(0, rows),
});

/** All calls that train, for batches that are prepared and others. */
const training: [string, (model: Model) => Promise<unknown>][] = [
  ['fit', (model) => model.fit(data, { batchSize: 8 })],
  ['fit in other batches', (model) => model.fit(data, { batchSize: 5 })],
  ['fit with a validation', (model) => model.fit(data, { batchSize: 8, validationSplit: 0.25 })],
  ['fit, streamed', (model) => model.fit(streamed, { batchSize: 8 })],
  ['fit, streamed in other batches', (model) => model.fit(streamed, { batchSize: 7 })],
  ['fit, watched', (model) => model.fit(data, { batchSize: 8, watch: { everySteps: 1 } })],
  ['trainOnBatch', (model) => model.trainOnBatch(few(8).x, few(8).y)],
  ['trainOnBatch of another size', (model) => model.trainOnBatch(few(3).x, few(3).y)],
];

/** A model that has trained, and what was frozen when it was compiled. */
async function trained(frozen: boolean): Promise<Model> {
  const model = toyModel();
  for (const layer of model.layers.slice(0, 2)) layer.trainable = !frozen;
  await model.compile({ ...COMPILE, device: await testDevice() });
  await model.fit(data, { batchSize: 8 });
  await model.fit(streamed, { batchSize: 8 });
  await model.trainOnBatch(few(8).x, few(8).y);
  return model;
}

/** What calls say that do not train. */
async function answers(model: Model) {
  return {
    evaluations: [await model.evaluate(data), await model.evaluate(data, { batchSize: 5 })],
    predictions: [await model.predict(data.x), await model.predict(few(3).x)],
    inspection: (await model.inspect(few(2).x)).layers.map(({ name }) => name),
    plans: [model.plan({ batchSize: 8 }), model.plan({ batchSize: 5 })].map(String),
    weights: await model.getWeights(),
    file: [...(await model.save())],
    iterations: model.iterations,
  };
}

describe.each([
  ['unfrozen', true],
  ['frozen', false],
])('a layer that was %s after compile', (word, frozen) => {
  test('is refused in all calls that train, and changes nothing in the others', async () => {
    const model = await trained(frozen);
    const before = await answers(model);
    model.layers[0]!.trainable = frozen;
    for (const [name, call] of training) {
      const error = await call(model).then(
        () => undefined,
        (reason) => reason,
      );
      expect(error, name).toBeInstanceOf(StateError);
      expect(error.message, name).toMatch(
        new RegExp(`^(fit|trainOnBatch): layer 'conv2d' was ${word} .*recompile: true`),
      );
    }
    await expect(model.profile()).rejects.toThrow(/^profile: layer 'conv2d' .*recompile: true/);
    expect(await answers(model)).toEqual(before);
    model.layers[0]!.trainable = !frozen; // as it was
    await model.fit(data, { batchSize: 8 });
    model.dispose();
  });

  test('counts from the next compile on, for all batch sizes, as in a model compiled so', async () => {
    const model = await trained(frozen);
    const other = toyModel();
    for (const each of [model, other]) {
      each.layers[0]!.trainable = frozen;
      each.layers[1]!.trainable = !frozen;
    }
    await model.compile({ ...COMPILE, recompile: true });
    await other.compile({ ...COMPILE, device: await testDevice() });
    await other.setWeights(await model.getWeights());
    for (const [, call] of training) {
      await call(model);
      await call(other);
      expect(await model.getWeights()).toEqual(await other.getWeights());
    }
    model.dispose();
    other.dispose();
  });

  test('while a fit runs: the next step is refused', async () => {
    for (const hook of ['onBatchEnd', 'onEpochEnd'] as const) {
      const model = await trained(frozen);
      const { iterations } = model;
      const callbacks = {
        [hook]: () => {
          model.layers[0]!.trainable = frozen;
        },
      };
      const fit = model.fit(data, { batchSize: 8, epochs: 3, callbacks });
      await expect(fit).rejects.toThrow(/^fit: layer 'conv2d' .*recompile: true/);
      await expect(fit).rejects.toThrow(StateError);
      expect(model.iterations).toBe(iterations + (hook === 'onBatchEnd' ? 1 : 3));
      model.dispose();
    }
  });

  test('is in the file as it was compiled, which loads and trains on', async () => {
    const model = await trained(frozen);
    for (const layer of model.layers) layer.trainable = frozen;
    const loaded = await loadModel(await model.save(), { device: await testDevice() });
    expect(loaded.layers.map(({ trainable }) => trainable)).toEqual([!frozen, !frozen, true, true, true, true]);
    await loaded.fit(data, { batchSize: 8 });
    loaded.dispose();
    model.dispose();
  });
});

test('layers without weights are as good frozen as not', async () => {
  const model = await trained(false);
  const bare = model.layers.filter(({ weights }) => weights.length === 0);
  expect(bare.length).toBeGreaterThan(0);
  for (const layer of bare) layer.trainable = false;
  for (const [, call] of training) await call(model);
  model.dispose();
});

test('a model whose device is lost continues as it was compiled', async () => {
  const model = await compiledToy({ device: await requestDevice() });
  await model.fit(data, { batchSize: 8 });
  const before = await model.predict(data.x);
  model.layers[0]!.trainable = false;
  lose(model);
  await model.compiled.device.gpu.lost;
  expect(await model.predict(data.x)).toEqual(before);
  await expect(model.fit(data, { batchSize: 8 })).rejects.toThrow(StateError);
  model.layers[0]!.trainable = true;
  await model.fit(data, { batchSize: 8 });
  model.dispose();
});
