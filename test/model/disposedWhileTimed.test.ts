/** Models that are disposed while the dispatches of a step are timed: nothing is submitted that needs their memory. */
import { afterEach, describe, expect, test } from 'vitest';
import {
  exampleGradients,
  graph,
  layers,
  type Model,
  mean,
  mul,
  requestDevice,
  StateError,
  sequential,
  session,
  sgd,
  trainingStep,
} from '../../src/index.ts';
import { Stopwatch } from '../../src/runtime/stopwatch.ts';
import { countBuffers } from '../support/device.ts';

const n = 2;
const SHAPE = [n, 64, 64, 4] as const;
const x = { data: Float32Array.from({ length: n * 64 * 64 * 4 }, (_, i) => Math.sin(i * i)), shape: [...SHAPE] };
const y = { data: new Float32Array(n), shape: [n, 1] };

const { time } = Stopwatch.prototype;
afterEach(() => {
  Stopwatch.prototype.time = time;
});

/** Calls that prepare a step, whose convolution is large enough to be timed. */
const CALLS: Record<string, (model: Model) => Promise<unknown>> = {
  inspect: (model) => model.inspect(x),
  predict: (model) => model.predict(x),
  evaluate: (model) => model.evaluate({ x, y }),
  trainOnBatch: (model) => model.trainOnBatch(x, y),
  fit: (model) => model.fit({ x, y }, { batchSize: n }),
  exampleGradients: (model) => exampleGradients(model, x),
  trainingStep: (model) =>
    trainingStep(({ graph: g, minimize }) => {
      const out = model.apply(g.input('x', SHAPE), { training: true });
      const loss = mean(mul(out, out));
      minimize({ model, loss });
      return { loss };
    }),
  session: (model) => session(model.compiled.device, [model.apply(graph().input('x', SHAPE))]),
};

const MOMENTS = ['before its longer runs', 'after its last run'] as const;

describe.each(Object.entries(CALLS))('%s', (_, call) => {
  test.each(MOMENTS)('disposed %s: a StateError, and no buffer is left', async (moment) => {
    const device = await requestDevice(); // a new one, on which nothing was timed
    const buffers = countBuffers(device.gpu);
    const model = sequential([
      layers.conv2d({ inputShape: SHAPE.slice(1), filters: 32, kernelSize: 5, activation: 'relu' }),
      layers.globalAvgPool2d(),
      layers.dense({ units: 1 }),
    ]);
    await model.compile({ device, optimizer: sgd(), loss: 'meanSquaredError', tune: false });
    let timed = 0;
    Stopwatch.prototype.time = async function (runs, share) {
      await time.call(this, runs, share);
      if (timed++ === 0) model.dispose();
      return runs.map(() => (moment === 'after its last run' ? 40_000 : 1)); // a longer run follows what is short
    };
    const error = await call(model).then(
      () => undefined,
      (reason) => reason,
    );
    expect(timed).toBe(1);
    expect(error).toBeInstanceOf(StateError);
    expect(error.message).toMatch(/the model was disposed/);
    await expect.poll(buffers.alive).toBe(0);
    await device.gpu.queue.onSubmittedWorkDone();
    expect(device.errors).toEqual([]);
    device.destroy();
  });
});
