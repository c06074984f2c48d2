/** Training with `precision: 'mixed'`, on adapters with shader-f16; and what it says on those without. */
import { describe, expect, test } from 'vitest';
import { presets } from '../../src/brain/presets.ts';
import {
  ArgumentError,
  adam,
  DeviceError,
  layers,
  loadModel,
  type Model,
  sequential,
  sgd,
  type TensorData,
} from '../../src/index.ts';
import type { CompileOptions } from '../../src/nn/step/compileOptions.ts';
import { randomStream } from '../support/arrays.ts';
import { f16Device, takeErrors } from '../support/device.ts';
import { bits, compiledToy, toyExamples, toyModel } from '../support/toy.ts';
import { trainer } from '../support/trainer.ts';

/** A GPUDevice without optional features, which every adapter can give. */
async function plainDevice(): Promise<GPUDevice> {
  const adapter = await navigator.gpu.requestAdapter();
  return adapter!.requestDevice();
}

describe('without shader-f16', () => {
  test('compile says what is missing and what to do; the model can still be compiled', async () => {
    const device = await plainDevice();
    const model = toyModel();
    const options = { loss: 'sparseCategoricalCrossentropy', device } as const;
    const refused = model.compile({ ...options, precision: 'mixed' });
    await expect(refused).rejects.toThrow(DeviceError);
    await expect(refused).rejects.toThrow(/precision 'mixed' needs the feature shader-f16.*set it to 'float32'/);
    await model.compile(options);
    const { loss } = await model.trainOnBatch(toyExamples(4).x, toyExamples(4).y);
    const before = await bits(model);
    await expect(model.compile({ ...options, precision: 'mixed', recompile: true })).rejects.toThrow(DeviceError);
    expect(await bits(model)).toEqual(before);
    expect((await model.trainOnBatch(toyExamples(4).x, toyExamples(4).y)).loss).not.toBe(loss);
    model.dispose();
    device.destroy();
  });

  test('a precision that does not exist is refused before a device is asked for', async () => {
    const precision = 'float16' as CompileOptions['precision'];
    await expect(toyModel().compile({ ...(precision ? { precision } : {}) })).rejects.toThrow(ArgumentError);
  });
});

/** Losses of training on batch after batch. */
async function losses(model: Model, batches: readonly { x: TensorData; y: Int32Array }[]): Promise<number[]> {
  const result = [];
  for (const { x, y } of batches) result.push((await model.trainOnBatch(x, y)).loss!);
  return result;
}

/** Images of 128 x 128 whose one half is brighter. */
function images(count: number, seed: number) {
  const random = randomStream(seed);
  const y = Int32Array.from({ length: count }, (_, i) => i % 2);
  const data = Float32Array.from({ length: count * 128 * 128 }, (_, i) => {
    const left = i % 128 < 64;
    return random() + (left === (y[Math.floor(i / 16384)] === 1) ? 0.2 : 0);
  });
  return { x: { data, shape: [count, 128, 128, 1] }, y };
}

/** f16 keeps 11 bits, an error of 5e-4 in each stored value; errors of many values cancel, and steps carry them on. */
const PARITY = 0.005;

describe('with shader-f16', () => {
  test('a small CNN: losses of 20 steps as with float32', { timeout: 120_000 }, async (context) => {
    const device = await f16Device(context);
    const run = async (precision: 'float32' | 'mixed') => {
      const model = await compiledToy({ device, precision, optimizer: adam({ learningRate: 0.01 }) });
      const batches = Array.from({ length: 20 }, (_, i) => toyExamples(16, i));
      const result = { losses: await losses(model, batches), score: await model.evaluate(toyExamples(200, 99)) };
      model.dispose();
      return result;
    };
    const [full, mixed] = [await run('float32'), await run('mixed')];
    for (const [i, loss] of mixed.losses.entries()) {
      expect(Math.abs(loss - full.losses[i]!), `step ${i}: ${loss}, ${full.losses[i]}`).toBeLessThan(PARITY);
    }
    expect(mixed.losses).not.toEqual(full.losses); // else nothing was stored as f16
    expect(mixed.losses.at(-1)!).toBeLessThan(0.8 * mixed.losses[0]!);
    expect(Math.abs(mixed.score.accuracy! - full.score.accuracy!)).toBeLessThan(0.03);
    expect(await takeErrors()).toEqual([]);
  });

  test('activations that kernels take along: losses of 20 steps as with float32', async (context) => {
    const device = await f16Device(context);
    const run = async (precision: 'float32' | 'mixed') => {
      const model = sequential([
        layers.conv2d({ inputShape: [8, 8, 1], filters: 4, kernelSize: 3, activation: 'elu' }),
        layers.conv2d({ filters: 8, kernelSize: 3, activation: 'leakyRelu' }),
        layers.flatten(),
        layers.dense({ units: 128, activation: 'tanh' }),
        layers.dense({ units: 130, activation: 'sigmoid' }),
        layers.dense({ units: 2 }),
      ]);
      const loss = 'sparseCategoricalCrossentropy';
      await model.compile({ device, precision, optimizer: adam(), loss, seed: 3, tune: false });
      const plan = String(model.plan({ batchSize: 16 }));
      const result = { plan, losses: [] as number[] };
      const batches = Array.from({ length: 20 }, (_, i) => toyExamples(16, i));
      result.losses = await losses(model, batches);
      model.dispose();
      return result;
    };
    const [full, mixed] = [await run('float32'), await run('mixed')];
    for (const kernel of ['+elu.', '+leakyRelu.', '+tanh.', '+sigmoid.']) expect(mixed.plan).toContain(kernel);
    for (const tensor of ['conv2d/elu', 'conv2d_1/leakyRelu', 'dense/tanh', 'dense_1/sigmoid']) {
      expect(mixed.plan).toMatch(new RegExp(`${tensor}\\[[\\d, ]+\\]f16@`));
    }
    mixed.losses.forEach((loss, i) => {
      expect(Math.abs(loss - full.losses[i]!), `step ${i}: ${loss}, ${full.losses[i]}`).toBeLessThan(PARITY);
    });
    expect(mixed.losses).not.toEqual(full.losses);
  });

  test.for(['baseline', 'second', 'improved'] as const)(
    'preset %s, batch 4: losses of 20 steps as with float32',
    { timeout: 240_000 },
    async (name, context) => {
      const device = await f16Device(context);
      const all = images(80, 7);
      const batches = Array.from({ length: 20 }, (_, i) => ({
        x: { data: all.x.data.subarray(i * 4 * 16384, (i + 1) * 4 * 16384), shape: [4, 128, 128, 1] },
        y: all.y.subarray(i * 4, i * 4 + 4),
      }));
      const run = async (precision: 'float32' | 'mixed') => {
        const model = sequential(presets[name]());
        // A small rate: what this compares is rounding, not how a large step makes it grow.
        const optimizer = adam({ learningRate: 1e-4 });
        const loss = 'sparseCategoricalCrossentropy';
        await model.compile({ device, precision, optimizer, loss, seed: 1, tune: false });
        const result = { losses: await losses(model, batches), peak: model.plan({ batchSize: 4 }).peakBytes };
        model.dispose();
        return result;
      };
      const [full, mixed] = [await run('float32'), await run('mixed')];
      const errors = mixed.losses.map((loss, i) => Math.abs(loss - full.losses[i]!));
      console.log(
        `${name}: losses ${full.losses[0]} to ${full.losses.at(-1)}, mixed differs by ${Math.max(...errors)} at most`,
      );
      expect(Math.max(...errors)).toBeLessThan(PARITY);
      expect(mixed.losses).not.toEqual(full.losses);
      expect(mixed.peak).toBeLessThan(full.peak);
    },
  );

  test.for(['second', 'improved'] as const)(
    'preset %s with the kernels that GPUs are given: losses of 4 steps as with float32',
    { timeout: 240_000 },
    async (name, context) => {
      const device = await f16Device(context);
      const target = { ...device.target, software: false };
      const data = images(16, 3);
      const run = async (precision: 'float32' | 'mixed') => {
        const model = sequential(presets[name]());
        const optimizer = adam({ learningRate: 1e-4 });
        const loss = 'sparseCategoricalCrossentropy';
        await model.compile({ device, precision, optimizer, loss, seed: 1, tune: false });
        const { step, plan, destroy } = await trainer(model, 16, {}, { target });
        const entryPoints = plan.dispatches.map(({ shader, entryPoint }) => `${shader.name}.${entryPoint}`);
        const result = { losses: [] as number[], entryPoints };
        for (let i = 0; i < 4; i++) result.losses.push(await step(data));
        destroy();
        model.dispose();
        return result;
      };
      const [full, mixed] = [await run('float32'), await run('mixed')];
      expect(mixed.entryPoints).toEqual(expect.arrayContaining(full.entryPoints));
      const errors = mixed.losses.map((loss, i) => Math.abs(loss - full.losses[i]!));
      console.log(`${name}: ${[...new Set(full.entryPoints)].join(' ')}: differs by ${Math.max(...errors)} at most`);
      expect(Math.max(...errors)).toBeLessThan(PARITY);
      expect(mixed.losses).not.toEqual(full.losses);
    },
  );

  test('an overflow changes no weight and halves the scale, and training continues', async (context) => {
    const device = await f16Device(context);
    const model = await compiledToy({
      device,
      precision: 'mixed',
      optimizer: sgd({ learningRate: 0.1, momentum: 0.9 }),
    });
    const { variables, spec } = model.compiled;
    const state = async () => [
      (await variables.read(spec.lossScale!.scale))[0],
      (await variables.read(spec.lossScale!.steps))[0],
    ];
    const trained = async () => {
      const named = await model.getWeights();
      return JSON.stringify(named.filter(({ name }) => !name.includes('moving')).map(({ data }) => [...data]));
    };
    const { x, y } = toyExamples(16);
    await model.trainOnBatch(x, y);
    expect(await state()).toEqual([2 ** 15, 1]);
    const before = await trained();
    const slots = await Promise.all(model.compiled.slots.map((slot) => variables.read(slot)));
    // Finite as f32, even times the scale; as f16 it is not.
    const { loss } = await model.trainOnBatch(x, y, { sampleWeight: new Float32Array(16).fill(1e6) });
    expect(Number.isFinite(loss)).toBe(true);
    expect(await state()).toEqual([2 ** 14, 0]);
    expect(await trained()).toBe(before);
    expect(await Promise.all(model.compiled.slots.map((slot) => variables.read(slot)))).toEqual(slots);
    expect(model.iterations).toBe(2);
    const first = (await model.trainOnBatch(x, y)).loss!;
    expect(await state()).toEqual([2 ** 14, 1]);
    expect(await trained()).not.toBe(before);
    for (let i = 0; i < 15; i++) await model.trainOnBatch(x, y);
    expect((await model.trainOnBatch(x, y)).loss!).toBeLessThan(first);
    model.dispose();
  });

  test('the same seed gives the same bits', async (context) => {
    const device = await f16Device(context);
    const run = async () => {
      const model = await compiledToy({ device, precision: 'mixed' });
      await model.fit(toyExamples(50), { epochs: 2, batchSize: 16 });
      const result = await bits(model);
      model.dispose();
      return result;
    };
    expect(await run()).toEqual(await run());
  });

  test('predictions and evaluations are near those of float32; what is inspected is that of float32', async (context) => {
    const device = await f16Device(context);
    const data = toyExamples(40);
    const mixed = await compiledToy({ device, precision: 'mixed' });
    await mixed.fit(data, { epochs: 3, batchSize: 16, validationSplit: 0.2 });
    const full = await compiledToy({ device });
    await full.setWeights(await mixed.getWeights());
    const [p, q] = [await mixed.predict(data.x), await full.predict(data.x)];
    const error = Math.max(...p.data.map((value, i) => Math.abs(value - q.data[i]!)));
    expect(error).toBeGreaterThan(0);
    expect(error).toBeLessThan(0.01);
    const [a, b] = [await mixed.evaluate(data), await full.evaluate(data)];
    expect(Math.abs(a.loss! - b.loss!)).toBeLessThan(0.01);
    const few = { data: data.x.data.subarray(0, 2 * 64), shape: [2, 8, 8, 1] };
    expect(await mixed.inspect(few)).toEqual(await full.inspect(few));
    mixed.dispose();
    full.dispose();
  });

  test('a saved model is one of f32 weights, which loads as float32 unless asked otherwise', async (context) => {
    const device = await f16Device(context);
    const model = await compiledToy({ device, precision: 'mixed' });
    await model.fit(toyExamples(32), { batchSize: 16 });
    const loaded = await loadModel(await model.save(), { device });
    expect(await bits(loaded)).toEqual(await bits(model));
    expect(String(loaded.plan())).not.toContain('f16');
    const again = await loadModel(await model.save(), { device, precision: 'mixed' });
    expect(String(again.plan())).toContain('f16');
    loaded.dispose();
    again.dispose();
    model.dispose();
  });

  test('compiled again with the other precision, the weights go on', async (context) => {
    const device = await f16Device(context);
    const model = await compiledToy({ device });
    await model.fit(toyExamples(32), { batchSize: 16 });
    const before = await bits(model);
    const options = { loss: 'sparseCategoricalCrossentropy', recompile: true } as const;
    await model.compile({ ...options, precision: 'mixed' });
    expect(await bits(model)).toEqual(before);
    expect(String(model.plan())).toContain('f16@#');
    await model.fit(toyExamples(32), { batchSize: 16 });
    await model.compile(options);
    expect(String(model.plan())).not.toContain('f16@#');
    model.dispose();
  });
});
