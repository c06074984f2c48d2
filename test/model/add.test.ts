/** Models that are built layer by layer, as in Keras and TensorFlow.js. */
import { expect, test } from 'vitest';
import { ArgumentError, layers, ShapeError, StateError, sequential } from '../../src/index.ts';
import { testDevice } from '../support/device.ts';
import { bits, toyExamples, toyModel } from '../support/toy.ts';

const parts = () => [
  layers.conv2d({ inputShape: [8, 8, 1], filters: 4, kernelSize: 3, activation: 'relu' }),
  layers.batchNormalization(),
  layers.maxPool2d({ poolSize: 2 }),
  layers.flatten(),
  layers.dropout({ rate: 0.25 }),
  layers.dense({ units: 2 }),
];

test('a model of added layers is the model of the list, bit for bit', async () => {
  const model = sequential();
  for (const layer of parts()) model.add(layer);
  const listed = toyModel();
  expect(model.summary()).toBe(listed.summary());
  expect([model.inputShape, model.outputShape, model.countParams()]).toEqual([[8, 8, 1], [2], listed.countParams()]);
  const data = toyExamples(20);
  for (const each of [model, listed]) {
    await each.compile({ device: await testDevice(), loss: 'sparseCategoricalCrossentropy', seed: 5 });
    await each.fit(data, { epochs: 2, batchSize: 8 });
  }
  expect(await bits(model)).toEqual(await bits(listed));
  for (const each of [model, listed]) each.dispose();
});

test('layers that were seen before stay the layers of the model', async () => {
  const model = sequential(parts().slice(0, 4));
  const [first] = model.layers;
  first!.trainable = false;
  model.add(layers.dense({ units: 2 }));
  expect(model.layers[0]).toBe(first);
  expect(model.layers.map(({ name }) => name)).toEqual([
    'conv2d',
    'batchNormalization',
    'maxPool2d',
    'flatten',
    'dense',
  ]);
  expect(first!.trainable).toBe(false);
  await model.compile({ device: await testDevice(), loss: 'sparseCategoricalCrossentropy' });
  const [kernel] = await model.getWeights();
  await model.fit(toyExamples(8));
  expect((await model.getWeights())[0], 'a frozen layer').toEqual(kernel);
  first!.trainable = true; // is heard, so the layer is the model's own
  await expect(model.fit(toyExamples(8))).rejects.toThrow(/layer 'conv2d' was unfrozen after compile/);
  model.dispose();
});

test('what cannot be added leaves the model as it was', async () => {
  const empty = sequential();
  expect(() => empty.add(layers.dense({ units: 2 }))).toThrow(/first layer, so it needs an inputShape/);
  expect([empty.layers, empty.countParams()]).toEqual([[], 0]);
  for (const use of [() => empty.summary(), () => empty.inputShape, () => empty.outputShape]) {
    expect(use).toThrow('the model has no layers yet: model.add(layers.dense({ inputShape: [4], units: 2 })).');
  }
  await expect(empty.compile()).rejects.toThrow(ArgumentError);

  const model = toyModel();
  expect(() => model.add(layers.conv2d({ filters: 1, kernelSize: 3 }))).toThrow(ShapeError);
  expect(() => model.add([layers.flatten()] as never)).toThrow(/layer 6 must be made by layers/);
  expect(() => model.add(layers.dense({ units: 2, name: 'flatten' }))).toThrow("two layers are named 'flatten'.");
  expect(model.summary()).toBe(toyModel().summary());
  const compiling = model.compile({ device: await testDevice() });
  const late = 'add: the model is compiled already; add all layers before compile.';
  expect(() => model.add(layers.dense({ units: 2 }))).toThrow(late);
  await compiling;
  expect(() => model.add(layers.dense({ units: 2 }))).toThrow(new StateError(late));
  model.dispose();
  expect(() => model.add(layers.dense({ units: 2 }))).toThrow('add: the model was disposed.');
});
