/** A batch of the baseline that is divided, one that is not, and TensorFlow.js on the CPU: one step of gradient descent each. */
import { expect, inject, test } from 'vitest';
import { presets } from '../../src/brain/index.ts';
import { sequential, sgd } from '../../src/index.ts';
import { randomStream } from '../support/arrays.ts';
import { testDevice } from '../support/device.ts';
import { tensorflow } from '../support/tensorflow.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** Whether each project runs what it can, however long that takes. */
    all: boolean;
  }
}

/** TensorFlow.js takes a second an image. */
const BATCH = inject('all') ? 64 : 16;
const RATE = 0.1;
/** Sums of thousands of f32 products, each side in an order of its own. */
const TOLERANCE = 1e-4;

test(`batch ${BATCH} of the baseline: loss and gradients agree within 1e-4`, { timeout: 900_000 }, async () => {
  const random = randomStream(21);
  const shape = [BATCH, 128, 128, 1];
  const data = Float32Array.from({ length: BATCH * 128 * 128 }, () => random());
  const y = Int32Array.from({ length: BATCH }, (_, i) => i % 2);

  const run = async (memoryLimit: number | undefined) => {
    const model = sequential(presets.baseline());
    await model.compile({
      ...{ loss: 'sparseCategoricalCrossentropy', optimizer: sgd({ learningRate: RATE }), seed: 5 },
      ...{ device: await testDevice(), memoryLimit },
    });
    const parts = model.plan({ batchSize: BATCH }).microBatches?.count ?? 1;
    const start = await model.getWeights();
    const { loss } = await model.trainOnBatch({ data, shape }, y);
    const gradients = (await model.getWeights()).map(({ data: after }, i) =>
      after.map((value, j) => (start[i]!.data[j]! - value) / RATE),
    );
    model.dispose();
    return { parts, start, loss: loss!, gradients };
  };
  const whole = await run(undefined);
  const divided = await run(BATCH * 160_000);
  expect(whole.parts).toBe(1);
  expect(divided.parts).toBeGreaterThan(2);
  expect(divided.start).toEqual(whole.start);

  const tf = await tensorflow();
  const [filters, bias, kernel, offset] = whole.start.map(({ data: values, shape: s }) =>
    tf.variable(tf.tensor(values, [...s])),
  );
  const objective = () =>
    tf.tidy(() => {
      const maps = tf.relu(tf.add(tf.conv2d(tf.tensor4d(data, shape as never), filters as never, 1, 'valid'), bias!));
      const pooled = tf.maxPool(maps as never, 4, 4, 'valid');
      const logits = tf.add(tf.matMul(tf.reshape(pooled, [BATCH, -1]), kernel!), offset!);
      return tf.losses.softmaxCrossEntropy(tf.oneHot(tf.tensor1d(y, 'int32'), 2), logits) as never;
    });
  const weights = [filters, bias, kernel, offset];
  const { value, grads } = tf.variableGrads(objective, weights as never);
  const want = weights.map((weight) => grads[weight!.name]!.dataSync() as Float32Array);

  const largest = (a: Float32Array, b?: Float32Array) =>
    a.reduce((most, x, i) => Math.max(most, Math.abs(x - (b?.[i] ?? 0))), 0);
  for (const { loss, gradients, parts } of [whole, divided]) {
    expect(Math.abs(loss - value.dataSync()[0]!), `loss, ${parts} parts`).toBeLessThan(TOLERANCE);
    gradients.forEach((gradient, i) => {
      // Against the largest gradient of the tensor, and at least absolutely: weights of 0.1 are known to 1e-8, a gradient from them to 1e-7.
      const scale = Math.max(1, largest(want[i]!));
      expect(largest(gradient, want[i]!), `${whole.start[i]!.name}, ${parts} parts`).toBeLessThan(TOLERANCE * scale);
      expect(largest(gradient, whole.gradients[i]!), `${whole.start[i]!.name}, against the whole`).toBeLessThan(
        TOLERANCE * scale,
      );
      expect(largest(gradient), whole.start[i]!.name).toBeGreaterThan(100 * TOLERANCE);
    });
  }
});
