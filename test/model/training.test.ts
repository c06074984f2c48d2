import { describe, expect, test } from 'vitest';
import { presets } from '../../src/brain/index.ts';
import {
  adam,
  type Dataset,
  earlyStopping,
  learningRateScheduler,
  loadModel,
  sequential,
  sgd,
  stepDecay,
} from '../../src/index.ts';
import { testDevice } from '../support/device.ts';
import { bits, compiledToy, toyExamples, toyModel } from '../support/toy.ts';

describe('fit', () => {
  test('learns, and says how', async () => {
    const model = await compiledToy({ optimizer: adam({ learningRate: 0.01 }) });
    const history = await model.fit(toyExamples(160), { epochs: 6, batchSize: 16, validationSplit: 0.2 });
    expect(history.epoch).toEqual([0, 1, 2, 3, 4, 5]);
    expect(history.loss).toHaveLength(6);
    expect(history.valAccuracy).toHaveLength(6);
    expect(history.loss.at(-1)!).toBeLessThan(history.loss[0]!);
    expect(history.accuracy!.at(-1)!).toBeGreaterThan(0.85);
    const { accuracy } = await model.evaluate(toyExamples(100, 9));
    expect(accuracy).toBeGreaterThan(0.85);
    model.dispose();
  });

  test('the same seed gives the same bits, another seed does not', async () => {
    const run = async (seed: number) => {
      const model = await compiledToy({ seed });
      await model.fit(toyExamples(50), { epochs: 2, batchSize: 16 });
      const result = await bits(model);
      model.dispose();
      return result;
    };
    const first = await run(3);
    expect(await run(3)).toEqual(first);
    expect(await run(4)).not.toEqual(first);
  });

  test('saved, loaded and continued: the same bits as without the break', async () => {
    const data = toyExamples(50);
    const straight = await compiledToy();
    await straight.fit(data, { epochs: 2, batchSize: 16 });
    await straight.fit(data, { epochs: 2, batchSize: 16 });

    const before = await compiledToy();
    await before.fit(data, { epochs: 2, batchSize: 16 });
    const file = await before.save();
    before.dispose();
    const after = await loadModel(new Blob([file]), { device: await testDevice() });
    expect(after.summary()).toBe(toyModel().summary());
    await after.fit(data, { epochs: 2, batchSize: 16 });
    expect(await bits(after)).toEqual(await bits(straight));
    expect(await after.evaluate(data)).toEqual(await straight.evaluate(data));
    straight.dispose();
    after.dispose();
  });

  test('500 steps create no GPU buffer after the first, and the plan shows the peak', async () => {
    const device = await testDevice();
    const model = await compiledToy();
    const counts: number[] = [];
    await model.fit(toyExamples(80), {
      epochs: 50,
      batchSize: 8,
      callbacks: { onBatchLogs: () => void counts.push(device.buffersCreated) },
    });
    expect(counts).toHaveLength(500);
    expect(new Set(counts).size, 'number of buffers from the first step to the last').toBe(1);
    const plan = model.plan();
    expect(plan.peakBytes).toBeGreaterThan(0);
    expect(String(plan)).toContain(`(${plan.peakBytes} bytes)`);
    model.dispose();
  });

  test('a step of the baseline takes 12 dispatches at most, and its peak is below 21 MiB', async () => {
    const model = sequential(presets.baseline());
    await model.compile({
      loss: 'sparseCategoricalCrossentropy',
      metrics: ['accuracy'],
      device: await testDevice(),
    });
    const plan = model.plan({ batchSize: 32 });
    expect(
      plan.dispatches.length + 2,
      'with the two that gather the batch of a dataset on the GPU',
    ).toBeLessThanOrEqual(12);
    expect(plan.peakBytes).toBeLessThan(21 * 2 ** 20);
    model.dispose();
  });

  test('trainOnBatch creates no buffers either, once it has run', async () => {
    const device = await testDevice();
    const model = await compiledToy();
    const { x, y } = toyExamples(16);
    await model.trainOnBatch(x, y);
    const before = device.buffersCreated;
    for (let i = 0; i < 20; i++) await model.trainOnBatch(x, y);
    expect(device.buffersCreated).toBe(before);
    model.dispose();
  });

  test('a dataset that streams gives the bits of one that lies on the GPU', async () => {
    const { x, y } = toyExamples(50);
    const stream = (asynchronous: boolean): Dataset => ({
      size: 50,
      xShape: [8, 8, 1],
      read(indices, xs, ys) {
        indices.forEach((row, i) => {
          xs.set(x.data.subarray(row * 64, (row + 1) * 64), i * 64);
          if (ys) ys[i] = y[row]!;
        });
        return asynchronous ? new Promise((resolve) => setTimeout(resolve, 1)) : undefined;
      },
    });
    const results: number[][] = [];
    const histories: unknown[] = [];
    for (const run of ['resident', 'too large to reside', 'stream', 'asynchronous stream in the place of x']) {
      const model = await compiledToy();
      const data = run === 'stream' ? stream(false) : run.startsWith('asynchronous') ? { x: stream(true) } : { x, y };
      const options = run.startsWith('too large') ? { maxResidentBytes: 100 } : {};
      histories.push(
        await model.fit(data, { epochs: 2, batchSize: 16, classWeight: { 1: 2 }, validationSplit: 0.3, ...options }),
      );
      results.push(await bits(model));
      model.dispose();
    }
    for (const result of results) expect(result).toEqual(results[0]);
    for (const history of histories) expect(history).toEqual(histories[0]);
  });

  test('loss and accuracy of an epoch with a partial batch are those of its rows', async () => {
    const model = await compiledToy({ optimizer: sgd({ learningRate: 0 + 1e-12 }) });
    const data = toyExamples(21);
    const { loss, accuracy } = await model.evaluate(data, { batchSize: 21 });
    const partial = await model.evaluate(data, { batchSize: 8 });
    expect(partial.accuracy).toBeCloseTo(accuracy!, 6);
    expect(partial.loss).toBeCloseTo(loss!, 5);
    model.dispose();
  });

  test('sample and class weights weigh the loss as Keras does: sum of weighted losses over the number of examples', async () => {
    const model = await compiledToy();
    const { x, y } = toyExamples(6);
    const each = await Promise.all(
      Array.from(y, (label, i) =>
        model.evaluate({ x: { data: x.data.slice(i * 64, (i + 1) * 64), shape: [1, 8, 8, 1] }, y: [label] }),
      ),
    );
    const sampleWeight = [1, 0, 2, 0.5, 3, 1];
    const weighted = await model.evaluate({ x, y }, { sampleWeight, batchSize: 4 });
    const want = each.reduce((sum, { loss }, i) => sum + loss! * sampleWeight[i]!, 0) / 6;
    expect(weighted.loss).toBeCloseTo(want, 5);

    // Training with a weight of 0 for an example is training on the others, but for the divisor.
    const [a, b] = [await compiledToy(), await compiledToy()];
    await a.fit({ x, y }, { classWeight: { 0: 0, 1: 2 }, batchSize: 6, shuffle: false });
    await b.fit({ x, y }, { sampleWeight: Array.from(y, (label) => 2 * label), batchSize: 6, shuffle: false });
    expect(await bits(a)).toEqual(await bits(b));
    for (const m of [model, a, b]) m.dispose();
  });

  test('frozen layers stay as they are, and are not in the plan', async () => {
    const model = toyModel();
    model.layers[0]!.trainable = false;
    model.layers[1]!.trainable = false;
    await model.compile({ loss: 'sparseCategoricalCrossentropy', device: await testDevice() });
    const before = await model.getWeights();
    await model.fit(toyExamples(32), { epochs: 1 });
    const after = await model.getWeights();
    after.forEach(({ name, data }, i) => {
      const same = data.every((value, j) => value === before[i]!.data[j]);
      expect(same, name).toBe(/^conv2d|^batchNormalization/.test(name));
    });
    const labels = model
      .plan()
      .dispatches.map(({ label }) => label)
      .join('\n');
    expect(labels).not.toMatch(/conv2dFilterGrad|conv2dInputGrad|maxPool2dGrad/);
    model.dispose();
  });

  test('a layer frozen since compile is saved as it was compiled', async () => {
    const model = await compiledToy();
    await model.fit(toyExamples(16));
    model.layers[0]!.trainable = false;
    const loaded = await loadModel(await model.save(), { device: await testDevice() });
    expect(loaded.layers[0]!.trainable).toBe(true);
    expect(await bits(loaded)).toEqual(await bits(model));
    model.dispose();
    loaded.dispose();
  });

  test('one-hot labels train as class indices do', async () => {
    const { x, y } = toyExamples(20);
    const hot = { data: Float32Array.from({ length: 40 }, (_, i) => (y[i >> 1] === i % 2 ? 1 : 0)), shape: [20, 2] };
    const a = await compiledToy();
    const b = await compiledToy({ loss: 'categoricalCrossentropy' });
    const first = await a.fit({ x, y }, { classWeight: { 0: 3 } });
    const second = await b.fit({ x, y: hot }, { classWeight: { 0: 3 } });
    expect(second.loss[0]).toBeCloseTo(first.loss[0]!, 6);
    expect(second.accuracy![0]).toBe(first.accuracy![0]);
    a.dispose();
    b.dispose();
  });
});

test('gradients are clipped by their global norm', async () => {
  const { x, y } = toyExamples(16);
  const moved = async (globalClipNorm: number | null) => {
    const model = await compiledToy({ optimizer: sgd({ learningRate: 1, globalClipNorm }) });
    const before = await model.getWeights();
    await model.trainOnBatch(x, y);
    const after = await model.getWeights();
    model.dispose();
    const squares = after.flatMap(({ name, data }, i) =>
      name.includes('moving') ? [] : [...data].map((value, j) => (value - before[i]!.data[j]!) ** 2),
    );
    return Math.sqrt(squares.reduce((a, b) => a + b));
  };
  const norm = await moved(null);
  expect(norm).toBeGreaterThan(0.1);
  expect(await moved(0.1)).toBeCloseTo(0.1, 5);
  expect(await moved(10 * norm)).toBeCloseTo(norm, 5);
});

describe('callbacks', () => {
  test('come in order, with the logs of their batch', async () => {
    const model = await compiledToy();
    const seen: string[] = [];
    await model.fit(toyExamples(20), {
      epochs: 2,
      batchSize: 8,
      callbacks: [
        {
          onTrainBegin: ({ stepsPerEpoch, examples }) => void seen.push(`begin ${stepsPerEpoch} ${examples}`),
          onEpochBegin: (epoch) => void seen.push(`epoch ${epoch}`),
          onBatchEnd: async (batch, { size, loss, accuracy }) => {
            await new Promise((resolve) => setTimeout(resolve, 1));
            expect(loss).toBeGreaterThan(0);
            expect(accuracy! * size).toBeCloseTo(Math.round(accuracy! * size), 5);
            seen.push(`batch ${batch} of ${size}`);
          },
          onEpochEnd: (epoch, logs) => void seen.push(`end ${epoch} ${Object.keys(logs)}`),
          onTrainEnd: (history) => void seen.push(`done ${history.loss.length}`),
        },
      ],
    });
    const epoch = (n: number) => [
      `epoch ${n}`,
      'batch 0 of 8',
      'batch 1 of 8',
      'batch 2 of 4',
      `end ${n} loss,accuracy`,
    ];
    expect(seen).toEqual(['begin 3 20', ...epoch(0), ...epoch(1), 'done 2']);
    model.dispose();
  });

  test('early stopping ends training and restores the best weights', async () => {
    const model = await compiledToy();
    const kept: number[][] = [];
    const values = [3, 2, 2.5, 2.6, 1];
    const history = await model.fit(toyExamples(20), {
      epochs: 5,
      callbacks: [
        {
          onEpochEnd: async (epoch, logs) => {
            kept.push(await bits(model));
            (logs as Record<string, number>).made = values[epoch]!;
          },
        },
        earlyStopping({ monitor: 'made', patience: 2, restoreBestWeights: true }),
      ],
    });
    expect(history.loss).toHaveLength(4);
    expect(await bits(model)).toEqual(kept[1]);
    model.dispose();
  });

  test('the learning rate follows schedules, callbacks and the user, without a new plan', async () => {
    const device = await testDevice();
    const model = await compiledToy({
      optimizer: sgd({ learningRate: stepDecay({ initialLearningRate: 1, factor: 0.5, every: 2 }) }),
    });
    const { x, y } = toyExamples(8);
    const rates: number[] = [];
    for (let i = 0; i < 5; i++) {
      rates.push(model.learningRate);
      await model.trainOnBatch(x, y);
    }
    expect(rates).toEqual([1, 1, 0.5, 0.5, 0.25]);
    const pipelines = device.pipelines.size;
    model.learningRate = 0;
    const before = await bits(model);
    await model.trainOnBatch(x, y);
    const after = await bits(model);
    // Moving averages go on; the weights stand still.
    expect(after.slice(0, 40)).toEqual(before.slice(0, 40));
    expect(device.pipelines.size).toBe(pipelines);
    const seen: number[] = [];
    await model.fit(
      { x, y },
      {
        epochs: 3,
        callbacks: [
          learningRateScheduler((epoch) => 0.1 / (epoch + 1)),
          { onEpochEnd: () => void seen.push(model.learningRate) },
        ],
      },
    );
    expect(seen).toEqual([0.1, 0.05, 0.1 / 3]);
    model.dispose();
  });

  test('abort rejects with the reason, and the model trains on', async () => {
    const model = await compiledToy();
    const controller = new AbortController();
    const running = model.fit(toyExamples(80), {
      epochs: 100,
      batchSize: 8,
      signal: controller.signal,
      callbacks: {
        onBatchEnd: (batch) => {
          if (batch === 3) controller.abort(new Error('enough'));
        },
      },
    });
    await expect(running).rejects.toThrow('enough');
    const history = await model.fit(toyExamples(80), { epochs: 1 });
    expect(history.loss[0]).toBeGreaterThan(0);
    await expect(model.fit(toyExamples(8), { signal: AbortSignal.abort() })).rejects.toMatchObject({
      name: 'AbortError',
    });
    model.dispose();
  });

  test('evaluate, predict and save work from within training', async () => {
    const model = await compiledToy();
    const data = toyExamples(24);
    const results: unknown[] = [];
    await model.fit(data, {
      epochs: 1,
      batchSize: 8,
      callbacks: {
        onBatchEnd: async () => {
          results.push(await Promise.all([model.evaluate(data), model.predict(data.x), model.save()]));
        },
      },
    });
    expect(results).toHaveLength(3);
    model.dispose();
  });
});

test('evaluations that run while fit validates do not mix with it', async () => {
  const data = toyExamples(40);
  const options = { epochs: 3, batchSize: 8, validationData: toyExamples(60, 5) };
  const quiet = await compiledToy();
  const want = await quiet.fit(data, options);
  const busy = await compiledToy();
  let running = true;
  const fitting = busy.fit(data, options).finally(() => {
    running = false;
  });
  while (running) await busy.evaluate(toyExamples(50, 6), { batchSize: 4 });
  expect(await fitting).toEqual(want);
  quiet.dispose();
  busy.dispose();
});

describe('predict', () => {
  test('gives the logits, whatever the batch size', async () => {
    const model = await compiledToy();
    const { x } = toyExamples(21);
    const all = await model.predict(x, { batchSize: 21 });
    expect(all.shape).toEqual([21, 2]);
    for (const batchSize of [1, 4, 100]) {
      const parts = await model.predict(x, { batchSize });
      expect(Math.max(...parts.data.map((v, i) => Math.abs(v - all.data[i]!)))).toBeLessThan(1e-6);
    }
    model.dispose();
  });
});
