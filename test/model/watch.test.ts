/** Watching training for infinities and NaNs: what is done about them. */
import { afterEach, describe, expect, test, vi } from 'vitest';
import { presets } from '../../src/brain/presets.ts';
import {
  ArgumentError,
  adam,
  layers,
  type NonFiniteLocation,
  type Optimizer,
  rmsprop,
  sequential,
  sgd,
  type WatchOptions,
} from '../../src/index.ts';
import { checkState } from '../../src/nn/nonFinite/checks.ts';
import { buildStep } from '../../src/nn/step/step.ts';
import type { FitOptions } from '../../src/nn/train/fit.ts';
import { elements } from '../../src/tensor.ts';
import { countBuffers, f16Device, takeErrors, testDevice } from '../support/device.ts';
import { bits, compiledToy, toyExamples } from '../support/toy.ts';
import { allFinite, compiled, constantData, plant, stopped } from '../support/watch.ts';

afterEach(async () => {
  vi.restoreAllMocks();
  expect(await takeErrors()).toEqual([]);
});

const ones = { kernelInitializer: 'ones' } as const;

/** Twenty batches of four, of which one is too large. */
function oneBadBatch(bad: number) {
  const data = constantData(80, [3], 1, 1);
  for (let i = 0; i < data.x.data.length; i++) data.x.data[i] = Math.sin(i);
  data.x.data.fill(3e38, bad * 12, (bad + 1) * 12);
  return data;
}

const small = () => [
  layers.dense({ inputShape: [3], units: 4, activation: 'relu', ...ones }),
  layers.dense({ units: 1, name: 'last' }),
];

const without = ({ x, y }: ReturnType<typeof constantData>, batch: number) => ({
  x: { data: x.data.filter((_, i) => Math.floor(i / 12) !== batch), shape: [76, 3] },
  y: { data: y.data.filter((_, i) => Math.floor(i / 4) !== batch), shape: [76, 1] },
});

describe.each([
  ['resident', {}],
  ['streamed', { maxResidentBytes: 0 }],
] as const)('what is done about it: %s data', (_, memory) => {
  const options = { batchSize: 4, shuffle: false, ...memory } as const;

  test('stop: the model is as it was before the step, and stays usable', async () => {
    const model = await compiled(small());
    const other = await compiled(small());
    const data = oneBadBatch(7);
    const finding = await stopped(model.fit(data, { ...options, watch: 'stop' }));
    expect(finding).toMatchObject({ step: 8, epoch: 0, batch: 7, layer: 'dense', what: 'output', element: 0 });
    expect(model.iterations).toBe(7);
    const before = {
      x: { data: data.x.data.slice(0, 84), shape: [28, 3] },
      y: { data: data.y.data.slice(0, 28), shape: [28, 1] },
    };
    await other.fit(before, options);
    expect(await bits(model)).toEqual(await bits(other));
    const history = await model.fit(before, { ...options, watch: 'stop' });
    expect(Number.isFinite(history.loss[0])).toBe(true);
    model.dispose();
    other.dispose();
  });

  test('the report has the right step in later epochs, and with startAtStep', async () => {
    const model = await compiled(small());
    const fine = without(oneBadBatch(7), 7);
    const finding: NonFiniteLocation[] = [];
    await model.fit(fine, { ...options, epochs: 2, watch: { onNonFinite: (f) => void finding.push(f) } });
    expect(finding).toEqual([]);
    expect(model.iterations).toBe(38);
    const training = model.fit(oneBadBatch(7), { ...options, startAtStep: 5, watch: 'stop' });
    expect(await stopped(training)).toMatchObject({ step: 41, epoch: 0, batch: 7 });
    model.dispose();
  });

  test('warn: one report, and training ends with the bits of a training without watch', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const run = async (watch: FitOptions['watch']) => {
      const model = await compiled([
        layers.dense({ inputShape: [3], units: 4, activation: 'relu', ...ones }),
        layers.batchNormalization(),
        layers.dropout({ rate: 0.2 }),
        layers.dense({ units: 1, name: 'last' }),
      ]);
      const batches: number[] = [];
      const callbacks = { onBatchEnd: (batch: number) => void batches.push(batch) };
      const history = await model.fit(oneBadBatch(7), {
        ...options,
        epochs: 2,
        callbacks,
        ...(watch === undefined ? {} : { watch }),
      });
      const result = { history, batches, bits: await bits(model), iterations: model.iterations };
      model.dispose();
      return result;
    };
    const alone = await run(undefined);
    expect(alone.history.loss[1]).toBeNaN();
    expect(await run('warn')).toEqual(alone);
    expect(warn).toHaveBeenCalledTimes(1);
    expect(warn.mock.calls[0]![0]).toMatch(
      /step 8 \(epoch 0, batch 7\): the output of layer 'dense' is not finite.*Training goes on; this is told once\.$/,
    );
    const findings: NonFiniteLocation[] = [];
    expect(await run({ action: 'warn', onNonFinite: (finding) => void findings.push(finding) })).toEqual(alone);
    expect(findings).toMatchObject([{ step: 8, epoch: 0, batch: 7, layer: 'dense', what: 'output' }]);
    expect(warn).toHaveBeenCalledTimes(1);
  });

  test.each([0, 7, 19])('restore: batch %d is left out', async (bad) => {
    const findings: NonFiniteLocation[] = [];
    // All is looked at, and saved, between the two bad batches.
    const watch: WatchOptions = {
      action: 'restore',
      everySteps: 6,
      onNonFinite: (finding) => void findings.push(finding),
    };
    const [model, other] = [await compiled(small()), await compiled(small())];
    const batches: number[] = [];
    const callbacks = { onBatchEnd: (batch: number) => void batches.push(batch) };
    const history = await model.fit(oneBadBatch(bad), { ...options, epochs: 2, watch, callbacks });
    const want = await other.fit(without(oneBadBatch(bad), bad), { ...options, epochs: 2 });
    expect(history).toEqual(want);
    expect(await bits(model)).toEqual(await bits(other));
    expect(findings.map(({ step, epoch, batch }) => [step, epoch, batch])).toEqual([
      [bad + 1, 0, bad],
      [bad + 21, 1, bad],
    ]);
    expect(model.iterations).toBe(40);
    const all = Array.from({ length: 20 }, (_, i) => i).filter((batch) => batch !== bad);
    expect(batches).toEqual([...all, ...all]);
    model.dispose();
    other.dispose();
  });
});

describe('restore', () => {
  const data = without(oneBadBatch(7), 7);
  const options = { batchSize: 4, shuffle: false } as const;

  test('weights and state go back where an update was too large, and training continues from there at a lower rate', async () => {
    const run = async (rates: readonly number[]) => {
      const model = await compiled(small(), { optimizer: adam({ learningRate: 0.01 }) });
      const findings: NonFiniteLocation[] = [];
      const watch: WatchOptions = {
        action: 'restore',
        everySteps: 4,
        onNonFinite(finding) {
          findings.push(finding);
          model.learningRate = 0.01;
        },
      };
      // Each part is a call of its own, so that the rate changes between two steps, whatever is under way.
      for (const rate of rates) {
        model.learningRate = rate;
        await model.fit(data, { ...options, watch });
      }
      const result = { findings, bits: await bits(model), finite: await allFinite(model) };
      model.dispose();
      return result;
    };
    // The first step of the second call makes weights of 3e38, its next overflow; the values saved at its begin come back.
    const { findings, finite, bits: ends } = await run([0.01, 3e38]);
    expect(finite).toBe(true);
    expect(findings.length).toBeGreaterThan(0);
    expect(findings[0]!.step).toBeGreaterThanOrEqual(20);
    expect(findings.at(-1)!.step).toBeLessThanOrEqual(23);
    expect(ends).not.toEqual((await run([0.01])).bits);
  });

  test('is given up after the number that `restores` allows', async () => {
    const model = await compiled(small(), { optimizer: sgd({ learningRate: 3e38 }) });
    let findings = 0;
    const training = model.fit(data, {
      ...options,
      watch: { action: 'restore', restores: 3, onNonFinite: () => void findings++ },
    });
    await stopped(training);
    expect(findings).toBe(4);
    model.dispose();
  });

  test('without a listener each restore is logged, with the number of those that are left', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => {});
    const model = await compiled(small(), { optimizer: sgd({ learningRate: 3e38 }) });
    await stopped(model.fit(data, { ...options, watch: { action: 'restore', restores: 2 } }));
    const texts = warn.mock.calls.map(([text]) => String(text));
    expect(texts).toHaveLength(2);
    expect(texts[0]).toMatch(/The batch is left out(, and weights .* are put back .*)?: 1 of 2 restores\.$/);
    expect(texts[1]).toMatch(/put back to what they were after 0 steps: 2 of 2 restores\.$/);
    warn.mockClear();
    const other = await compiled(small());
    const twice = oneBadBatch(7);
    twice.x.data.fill(3e38, 9 * 12, 10 * 12);
    await other.fit(twice, { ...options, watch: { action: 'restore', everySteps: 6 } });
    expect(warn.mock.calls.map(([text]) => /(The batch .*)$/.exec(String(text))![1])).toEqual([
      'The batch is left out: 1 of 10 restores.',
      expect.stringMatching(/put back to what they were after 5 steps: 2 of 10 restores\.$/),
    ]);
    model.dispose();
    other.dispose();
  });
});

describe('without a finding', () => {
  const OPTIMIZERS: Readonly<Record<string, () => Optimizer>> = {
    sgd: () => sgd({ learningRate: 0.05, momentum: 0.9, globalClipNorm: 1 }),
    rmsprop: () => rmsprop({ learningRate: 0.01, centered: true }),
    adam: () => adam({ learningRate: 0.01 }),
  };
  test.each(Object.entries(OPTIMIZERS))('%s: watching changes no bit', async (_, optimizer) => {
    const run = async (watch: FitOptions['watch']) => {
      const model = await compiledToy({ optimizer: optimizer(), tune: false });
      const history = await model.fit(toyExamples(50), {
        ...{ epochs: 3, batchSize: 8, validationSplit: 0.2 },
        ...(watch === undefined ? {} : { watch }),
      });
      const result = { history, bits: await bits(model), iterations: model.iterations };
      model.dispose();
      return result;
    };
    const alone = await run(undefined);
    expect(await run(false)).toEqual(alone);
    for (const action of ['stop', 'warn', 'restore'] as const)
      expect(await run({ action, everySteps: 3 })).toEqual(alone);
  });

  test.each(Object.entries(presets))('preset %s', { timeout: 120_000 }, async (_, specs) => {
    const model = sequential(specs());
    await model.compile({ loss: 'sparseCategoricalCrossentropy', device: await testDevice(), tune: false });
    const { data } = toyExamples(8 * 256 * 3).x;
    const x = { data: data.subarray(0, 8 * elements(model.inputShape)), shape: [8, ...model.inputShape] };
    const y = Int32Array.from({ length: 8 }, (_, i) => i % 2);
    const history = await model.fit({ x, y }, { batchSize: 4, epochs: 2, watch: { everySteps: 2 } });
    expect(history.loss).toHaveLength(2);
    model.dispose();
  });

  test('nothing stays behind on the GPU', async () => {
    const model = await compiledToy();
    const options = { batchSize: 8, watch: { everySteps: 2 } } as const;
    await model.fit(toyExamples(32), options);
    const buffers = countBuffers(model.compiled.device.gpu);
    await model.fit(toyExamples(32), options);
    expect(buffers.alive()).toBe(0);
    buffers.restore();
    model.dispose();
  });
});

describe('the cost', () => {
  const plans = async (name: keyof typeof presets) => {
    const model = sequential(presets[name]());
    await model.compile({ loss: 'sparseCategoricalCrossentropy', metrics: ['accuracy'], device: await testDevice() });
    const { spec } = model.compiled;
    const off = buildStep('train', spec, 32).plan;
    const on = buildStep('train', { ...spec, checkState: checkState('watch') }, 32).plan;
    model.dispose();
    return { off, on };
  };

  test('off: none; on: looks before and after the updates, and all else stays fused', async () => {
    const { off, on } = await plans('baseline');
    const labels = (plan: typeof off) => plan.dispatches.map(({ label }) => label);
    expect(off.dispatches).toHaveLength(10);
    expect(String(off)).not.toMatch(/nonFinite|watch/);
    const added = labels(on).filter((label) => !labels(off).includes(label));
    expect(added).toEqual([
      ...['nonFinite:watch/nonFinite.flags', 'nonFinite:watch'],
      ...['nonFinite:watch/nonFinite_1.flags', 'nonFinite:watch'],
    ]);
    expect(on.dispatches).toHaveLength(14);
    expect(on.peakBytes / off.peakBytes).toBeLessThan(1.02);
  });

  test('evaluation and prediction are not watched', async () => {
    const model = await compiledToy();
    const spec = { ...model.compiled.spec, checkState: checkState('watch') };
    for (const mode of ['evaluate', 'predict'] as const) expect(buildStep(mode, spec, 4).checkState).toBeUndefined();
    model.dispose();
  });
});

describe('options', () => {
  const cases: readonly [unknown, RegExp][] = [
    ['halt', /watch: action must be 'stop', 'warn' or 'restore', got 'halt'/],
    [true, /watch must be 'stop', 'warn', 'restore', false or an object, got true/],
    [{ every: 3 }, /no option 'every'; the options are action, everySteps, restores, onNonFinite/],
    [{ everySteps: 0 }, /everySteps must be an integer of at least 1, got 0/],
    [{ restores: -1 }, /restores must be an integer of at least 0, got -1/],
    [{ onNonFinite: 'log' }, /onNonFinite must be a function/],
  ];
  test.each(cases)('%j is refused', async (watch, message) => {
    const model = await compiledToy();
    const training = model.fit(toyExamples(8), { watch: watch as 'stop' });
    await expect(training).rejects.toThrow(ArgumentError);
    await expect(training).rejects.toThrow(message);
    expect(model.iterations).toBe(0);
    model.dispose();
  });
});

describe('mixed precision', () => {
  const options = async (context: { skip(note: string): never }) =>
    ({ device: await f16Device(context), precision: 'mixed', optimizer: adam({ learningRate: 0.01 }) }) as const;

  test('gradients that overflow for the scale of the loss are no finding', async (context) => {
    const model = await compiledToy(await options(context));
    const { scale } = model.compiled.spec.lossScale!;
    model.compiled.variables.write(scale, Float32Array.of(2 ** 24));
    const sampleWeight = new Float32Array(32).fill(1e30);
    const training = model.fit(toyExamples(32), { batchSize: 8, sampleWeight, watch: { everySteps: 2 } });
    const history = await training;
    expect((await model.compiled.variables.read(scale))[0]).toBeLessThan(2 ** 24);
    expect(Number.isFinite(history.loss[0])).toBe(true);
    model.dispose();
  });

  test('an output beyond f16, and a weight, are', async (context) => {
    const model = await compiledToy(await options(context));
    const weights = await model.getWeights();
    const [first, ...others] = weights;
    await model.setWeights([{ ...first!, data: first!.data.map(() => 3e5) }, ...others]);
    const finding = await stopped(model.fit(toyExamples(32), { batchSize: 8, watch: { everySteps: 2 } }));
    expect(finding).toMatchObject({ layer: 'conv2d', what: 'output', value: 'Infinity' });
    await model.setWeights(weights);
    await plant(model, 'dense/kernel', Number.NaN);
    expect(await stopped(model.fit(toyExamples(32), { batchSize: 8, watch: 'stop' }))).toMatchObject({
      what: 'weight',
    });
    model.dispose();
  });
});
