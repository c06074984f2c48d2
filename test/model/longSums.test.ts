/** Totals of loss and metrics over many rows and many batches: a sum of one sign stays right to 1e-6 of itself. */
import { describe, expect, test } from 'vitest';
import { type History, type Labels, type Logs, layers, type Model, sequential, sgd } from '../../src/index.ts';
import type { CompileOptions } from '../../src/nn/step/compileOptions.ts';
import { testDevice } from '../support/device.ts';

/** Of a total: every level of a sum in levels rounds to 6e-8 at most, and rounding errors of several levels partly cancel. */
const RELATIVE = 1e-6;

function expectNear(got: number | undefined, want: number): void {
  expect(Math.abs(got! - want) / want, `${got} for ${want}`).toBeLessThan(RELATIVE);
}

/** A model that predicts 0, whatever comes, so that targets alone make the losses. */
async function zero(units: number, options: CompileOptions, inputs = 1): Promise<Model> {
  const model = sequential([layers.dense({ inputShape: [inputs], units, kernelInitializer: 'zeros' })]);
  await model.compile({ optimizer: sgd({ learningRate: 1e-30 }), seed: 1, device: await testDevice(), ...options });
  return model;
}

const column = (values: ArrayLike<number>) => ({ data: Float32Array.from(values), shape: [values.length, 1] });
const repeated = (count: number, value: number) => new Float32Array(count).fill(value);

describe('one batch of 300,000 rows', () => {
  const ROWS = 300_000;
  const x = column(repeated(ROWS, 0));
  const logs = async (model: Model, y: Labels, options: object = {}): Promise<Logs> => {
    const result = await model.evaluate({ x, y }, { batchSize: ROWS, ...options });
    model.dispose();
    return result;
  };

  test('equal losses and metrics of regression', async () => {
    const model = await zero(1, { loss: 'meanAbsoluteError', metrics: ['meanSquaredError'] });
    const { loss, meanSquaredError } = await logs(model, column(repeated(ROWS, 0.3)));
    expectNear(loss, Math.fround(0.3));
    expectNear(meanSquaredError, Math.fround(0.3) ** 2);
  });

  test('losses that grow, with weights', async () => {
    const y = Float32Array.from({ length: ROWS }, (_, i) => i / ROWS);
    const sampleWeight = Float32Array.from({ length: ROWS }, (_, i) => (i % 3) * 0.7);
    const model = await zero(1, { loss: 'meanAbsoluteError' });
    const { loss } = await logs(model, column(y), { sampleWeight });
    expectNear(loss, y.reduce((sum, value, i) => sum + value * sampleWeight[i]!, 0) / ROWS);
  });

  test.each([2, 5])('cross-entropy and accuracy of %i classes', async (classes) => {
    const model = await zero(classes, { loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'] });
    const { loss, accuracy } = await logs(model, new Int32Array(ROWS));
    expectNear(loss, Math.fround(Math.log(classes)));
    expect(accuracy).toBe(1);
  });

  test('a training step: the loss, and the gradient of a bias', async () => {
    const model = await zero(1, { loss: 'meanAbsoluteError', optimizer: sgd({ learningRate: 1 }) });
    const { loss } = await model.trainOnBatch(x, column(repeated(ROWS, 0.3)));
    expectNear(loss, Math.fround(0.3));
    const bias = (await model.getWeights()).at(-1)!;
    model.dispose();
    expectNear(bias.data[0], 1); // minus the mean of the signs of prediction minus target
  });
});

describe('an epoch', () => {
  // One loss of 2^24, which float32 cannot add 1 to, then losses of 1.
  const STEPS = 2000;
  const y = repeated(STEPS + 1, 1);
  y[0] = 4096;
  const data = { x: column(repeated(STEPS + 1, 0)), y: column(y) };
  const want = (4096 ** 2 + STEPS) / (STEPS + 1);

  test('evaluate in batches of one', async () => {
    const model = await zero(1, { loss: 'meanSquaredError' });
    const { loss } = await model.evaluate(data, { batchSize: 1 });
    model.dispose();
    expectNear(loss, want);
  });

  test('fit, and its validation', async () => {
    const model = await zero(1, { loss: 'meanSquaredError' });
    const history: History = await model.fit(data, { epochs: 1, batchSize: 1, shuffle: false, validationData: data });
    model.dispose();
    expectNear(history.loss[0], want);
    expectNear(history.valLoss![0], want);
  });

  test('one step over many micro-batches', async () => {
    const model = await zero(1, { loss: 'meanSquaredError', memoryLimit: 20_000 }, 64);
    const x = { data: new Float32Array(64 * (STEPS + 1)), shape: [STEPS + 1, 64] };
    const { loss } = await model.trainOnBatch(x, data.y);
    const { microBatches } = model.plan({ batchSize: STEPS + 1 });
    model.dispose();
    expect(microBatches?.count).toBeGreaterThan(30);
    expectNear(loss, want);
  });
});
