/** Numbers at the ends of what float32 has, and what training does with them. */
import { expect, test } from 'vitest';
import {
  ArgumentError,
  adam,
  earlyStopping,
  exponentialDecay,
  FormatError,
  learningRateScheduler,
  loadModel,
  readSafetensors,
  rmsprop,
  writeSafetensors,
} from '../../src/index.ts';
import { testDevice } from '../support/device.ts';
import { bits, compiledToy, toyExamples } from '../support/toy.ts';

const data = toyExamples(12);

test.each([
  ['adam', adam({ epsilon: 2 ** -126 })],
  ['rmsprop', rmsprop({ epsilon: 2 ** -126 })],
])('%s with the least epsilon that there is makes no NaN', async (_, optimizer) => {
  const model = await compiledToy({ optimizer });
  // Pixels that are 0 everywhere have gradients of 0: 0 / (0 + epsilon).
  const dark = { ...data.x, data: data.x.data.map((v, i) => (i % 64 < 16 ? 0 : v)) };
  const { loss } = await model.fit({ x: dark, y: data.y }, { epochs: 3, batchSize: 4 });
  expect(loss.every(Number.isFinite)).toBe(true);
  expect((await model.getWeights()).every((weight) => weight.data.every(Number.isFinite))).toBe(true);
  model.dispose();
});

test("the model's learning rate", async () => {
  const model = await compiledToy();
  for (const rate of [1e-39, 1e39, -1, Number.NaN]) {
    expect(() => {
      model.learningRate = rate;
    }).toThrow(ArgumentError);
  }
  model.learningRate = 0;
  const before = (await model.getWeights())[0];
  await model.trainOnBatch(data.x, data.y);
  expect((await model.getWeights())[0]).toEqual(before);
  model.dispose();
});

test('a schedule may come down to nothing, and then training stands still', async () => {
  const optimizer = adam({
    learningRate: exponentialDecay({ initialLearningRate: 1e-3, decaySteps: 1, decayRate: 1e-19 }),
  });
  const model = await compiledToy({ optimizer });
  const rates: number[] = [];
  const scheduled = learningRateScheduler((_, rate) => {
    rates.push(rate);
    return rate * 1e-19;
  });
  await model.fit(data, { epochs: 2 }); // 1e-3, 1e-22
  const trained = (await model.getWeights())[0];
  await model.fit(data, { epochs: 2 }); // 1e-41, 1e-60
  expect((await model.getWeights())[0]).toEqual(trained);
  model.learningRate = 1e-3;
  await model.fit(data, { epochs: 4, callbacks: scheduled });
  expect(rates.map((rate) => rate.toPrecision(1))).toEqual(['0.001', '1e-22', '0', '0']);
  model.dispose();
});

test('one that grows without end is refused before it is used', async () => {
  const optimizer = adam({
    learningRate: exponentialDecay({ initialLearningRate: 1e-3, decaySteps: 1, decayRate: 1e30 }),
  });
  const model = await compiledToy({ optimizer });
  for (let step = 0; step < 2; step++) await model.trainOnBatch(data.x, data.y); // 1e-3, 1e27
  const before = await bits(model);
  await expect(model.trainOnBatch(data.x, data.y)).rejects.toThrow(
    /schedule: at\(2\) must be a number of at least 0, and one that float32 holds/,
  );
  expect(await bits(model)).toEqual(before);
  model.dispose();
});

test('a step whose numbers float32 does not hold, though each option does', async () => {
  const model = await compiledToy({ optimizer: adam({ learningRate: 3e38, beta1: 0.9999, beta2: 0.5 }) });
  await expect(model.trainOnBatch(data.x, data.y)).rejects.toThrow(
    /^adam: with a learning rate of 3e\+38 step 1 is beyond float32/,
  );
  expect(model.iterations).toBe(0);
  model.dispose();
});

test('a file with a learning rate that float32 does not hold', async () => {
  const model = await compiledToy();
  const { tensors, metadata } = readSafetensors(await model.save());
  for (const learningRate of [1e-39, 1e39]) {
    const neurite = JSON.stringify({ ...JSON.parse(metadata.neurite!), learningRate });
    const bytes = writeSafetensors([...tensors.values()], { neurite });
    await expect(loadModel(bytes, { device: await testDevice() })).rejects.toThrow(FormatError);
  }
  model.dispose();
});

test.each([0.05, -0.05])("early stopping's least change of either sign: %d", async (minDelta) => {
  const model = await compiledToy();
  const { onTrainBegin, onEpochEnd } = earlyStopping({ monitor: 'loss', minDelta, patience: 2 });
  let stops = 0;
  const training = { model, stopped: false, stop: () => stops++ } as never;
  await onTrainBegin!(training);
  const stopped: number[] = [];
  // Down by less than 0.05 counts as no better: of 0.96 and 0.94 neither, as the best stays 1 and then is 0.94.
  for (const loss of [1, 0.96, 0.94, 0.9, 0.895]) {
    await onEpochEnd!(0, { loss }, training);
    stopped.push(stops);
  }
  expect(stopped).toEqual([0, 0, 0, 0, 1]);
  await expect(async () => earlyStopping({ minDelta: Number.NaN })).rejects.toThrow(/minDelta must be a number/);
  model.dispose();
});
