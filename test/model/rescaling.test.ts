/** The layer `rescaling`: its numbers, its gradient through a training step, its file. */
import { expect, test } from 'vitest';
import { layers, loadModel, sequential, sgd } from '../../src/index.ts';
import { testDevice } from '../support/device.ts';

const x = { data: Float32Array.of(1, 2, 3, -4, 5, 6), shape: [3, 2] };

async function scaled() {
  const model = sequential([
    layers.dense({ inputShape: [2], units: 1, useBias: false }),
    layers.rescaling({ scale: 0.25, offset: -1 }),
  ]);
  await model.compile({ device: await testDevice(), optimizer: sgd({ learningRate: 1 }), loss: 'meanSquaredError' });
  await model.setWeights([{ shape: [2, 1], data: Float32Array.of(2, -1) }]);
  return model;
}

test('scale x + offset, without weights of its own', async () => {
  const model = await scaled();
  expect([...(await model.predict(x)).data]).toEqual([0 / 4 - 1, 10 / 4 - 1, 4 / 4 - 1]);
  expect(model.countParams()).toBe(2);
  expect(model.summary()).toContain('rescaling (Rescaling)');
  model.dispose();
});

test('the gradient is scaled too', async () => {
  const model = await scaled();
  // f = (2 a - b) / 4 - 1 = -1 at [1, 2]; d(f - y)^2 / dw = 2 (f - y) x / 4 = -[1, 2] for y = 1.
  await model.trainOnBatch({ data: Float32Array.of(1, 2), shape: [1, 2] }, Float32Array.of(1));
  expect([...(await model.getWeights())[0]!.data]).toEqual([2 + 1, -1 + 2]);
  model.dispose();
});

test('images, and a scale alone', async () => {
  const model = sequential([layers.rescaling({ inputShape: [2, 3, 1], scale: 1 / 256 })]);
  await model.compile({ device: await testDevice() });
  const pixels = { data: Float32Array.of(0, 1, 64, 128, 255, -256), shape: [1, 2, 3, 1] };
  expect([...(await model.predict(pixels)).data]).toEqual([0, 1 / 256, 0.25, 0.5, 255 / 256, -1]);
  model.dispose();
});

test('a file keeps both numbers', async () => {
  const model = await scaled();
  const loaded = await loadModel(await model.save(), { device: await testDevice() });
  expect(loaded.layers[1]!.options).toMatchObject({ scale: 0.25, offset: -1 });
  expect(await loaded.predict(x)).toEqual(await model.predict(x));
  loaded.dispose();
  model.dispose();
});

test('a scale is needed', () => {
  expect(() => sequential([layers.rescaling({ inputShape: [2] } as never)])).toThrow(
    "rescaling 'rescaling': scale must be a number, got undefined.",
  );
});
