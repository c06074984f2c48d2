/** Which compiled kernels a device keeps. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import {
  add,
  type Device,
  graph,
  layers,
  type Model,
  requestDevice,
  type Session,
  sequential,
  session,
} from '../../src/index.ts';
import { countCompilations } from '../support/compilations.ts';
import { compiledToy, toyExamples } from '../support/toy.ts';
import { memoryStore, PATIENT } from '../support/tuning.ts';

let device: Device;
beforeEach(async () => {
  device = await requestDevice();
});
afterEach(() => device.destroy());

const toy = (options = {}) => compiledToy({ device, tune: false, ...options });
const held = () => device.pipelines.size;

/** One layer, or two: each number of examples has kernels of its own. */
const dense = (units: number) =>
  sequential([
    layers.flatten({ inputShape: [8, 8, 1] }),
    ...(units > 2 ? [layers.dense({ units })] : []),
    layers.dense({ units: 2, useBias: false }),
  ]);

async function collect(): Promise<void> {
  const { collectGarbage } = await import('../support/effort.ts');
  for (let i = 0; i < 3; i++) {
    await new Promise((resolve) => setTimeout(resolve, 20)); // what promises and finalizers still hold
    collectGarbage();
  }
}

/** A graph that adds numbers, with a kernel of its own for each of `vectors`. */
function adding(vectors: number): Promise<Session> {
  const g = graph();
  const elements = 4 * vectors;
  return session(device, [add(g.input('a', [elements]), g.input('b', [elements]))]);
}

describe('models', () => {
  test('120 numbers of examples leave a bounded number of pipelines, and none once the model is gone', {
    timeout: 300_000,
  }, async () => {
    const { pipelines, held: alive } = countCompilations(device);
    let model: Model | undefined = dense(2);
    await model.compile({ device, tune: false });
    const counts: number[] = [];
    for (let size = 1; size <= 120; size++) {
      await model.predict(toyExamples(size).x, { batchSize: size });
      counts.push(held());
    }
    expect(pipelines()).toBeGreaterThanOrEqual(120);
    expect(Math.max(...counts)).toBeLessThan(80); // 64 that nobody uses, and those of the four steps used last
    expect(counts.at(-1)).toBe(counts.at(-20));
    model.dispose();
    expect(held()).toBe(0);
    if (typeof window !== 'undefined') return; // a page cannot collect garbage
    await expect
      .poll(async () => {
        await collect();
        return alive();
      })
      .toBe(0);
    expect(() => model!.iterations).toThrow(/disposed/); // the model itself is still there
    model = undefined;
  });

  test('one after another finds what the one before compiled, as long as one lives', async () => {
    const { pipelines } = countCompilations(device);
    const data = toyExamples(16);
    const first = await toy();
    await first.fit(data);
    expect(held()).toBeGreaterThan(0);
    const second = await toy();
    const before = pipelines();
    first.dispose();
    await second.fit(data);
    expect(pipelines()).toBe(before);
    await second.compile({
      loss: 'sparseCategoricalCrossentropy',
      metrics: ['accuracy'],
      tune: false,
      recompile: true,
    });
    await second.fit(data);
    expect(pipelines()).toBe(before);
    second.dispose();
    expect(held()).toBe(0);
  });

  test('disposed in the midst of a call hold nothing', async () => {
    for (const moment of [0, 1, 5, 20]) {
      const model = await toy();
      const running = model.fit(toyExamples(64), { epochs: 50, validationSplit: 0.25 });
      running.catch(() => {});
      for (let i = 0; i < moment; i++) await new Promise((resolve) => setTimeout(resolve, 10));
      model.dispose();
      await expect(running).rejects.toThrow(/disposed/);
      await expect.poll(held).toBe(0);
    }
  });

  test('keep no kernel that lost when it was measured', async () => {
    const tuned = async (on: Device, kernels?: ReadonlyMap<string, string>) => {
      const model = dense(128);
      const tune = { store: memoryStore(), budget: PATIENT };
      await model.compile({ device: on, loss: 'sparseCategoricalCrossentropy', tune });
      for (const [key, kernel] of kernels ?? []) model.compiled.kernels!.set(key, kernel);
      const { x, y } = toyExamples(512);
      await model.trainOnBatch(x, y);
      return model;
    };
    const model = await tuned(device);
    const { measurements } = device.tuning;
    const losers = measurements.flatMap(({ candidates }) => candidates).length - measurements.length;
    expect(losers).toBeGreaterThan(0);
    const kept = held();
    // The same step, with nothing to measure.
    const other = await requestDevice();
    const twin = await tuned(other, model.compiled.kernels);
    expect(other.tuning.measurements).toEqual([]);
    // A winner was measured by itself, and may be compiled again with what is fused into it.
    expect(kept).toBeLessThanOrEqual(other.pipelines.size + measurements.length);
    twin.dispose();
    other.destroy();
    model.dispose();
    expect(held()).toBe(0);
  });
});

describe('sessions', () => {
  test('of one kernel share it; the last one frees it', async () => {
    const { pipelines } = countCompilations(device);
    const [first, second] = [await adding(64), await adding(64)];
    expect(pipelines()).toBe(1);
    first.destroy();
    first.destroy(); // a second time does nothing
    expect(held()).toBe(1);
    second.run();
    second.destroy();
    expect(held()).toBe(0);
  });

  test('leave some kernels behind as long as another session lives, the latest', async () => {
    const { pipelines } = countCompilations(device);
    const lives = await adding(1);
    for (let vectors = 2; vectors <= 150; vectors++) (await adding(vectors)).destroy();
    expect(held()).toBeLessThan(100);
    const before = pipelines();
    (await adding(150)).destroy();
    (await adding(120)).destroy();
    lives.run();
    expect(pipelines()).toBe(before);
    (await adding(2)).destroy();
    expect(pipelines()).toBe(before + 1);
    lives.destroy();
    expect(held()).toBe(0);
  });

  test('that cannot be made hold nothing', async () => {
    const { gpu } = device;
    gpu.createComputePipelineAsync = () => Promise.reject(new Error('no'));
    await expect(adding(8)).rejects.toThrow(/does not compile/);
    expect(held()).toBe(0);
    delete (gpu as Partial<GPUDevice>).createComputePipelineAsync;
    const works = await adding(8);
    works.destroy();
    expect(held()).toBe(0);
  });
});
