/** What comes out of a model: arrays, probabilities, and classes with their names. */
import { afterAll, beforeAll, describe, expect, expectTypeOf, test } from 'vitest';
import {
  ArgumentError,
  type CompileOptions,
  FormatError,
  type LossName,
  layers,
  loadModel,
  type Model,
  NDArray,
  readSafetensors,
  ShapeError,
  StateError,
  sequential,
  writeSafetensors,
} from '../../src/index.ts';
import { testDevice } from '../support/device.ts';
import { compiledToy, toyExamples } from '../support/toy.ts';

/** A model that gives its input, so that a test chooses the logits. */
async function echo(units: number, options: CompileOptions): Promise<Model> {
  const model = sequential([layers.dense({ inputShape: [units], units, useBias: false })]);
  await model.compile({ device: await testDevice(), ...options });
  const data = new Float32Array(units * units);
  for (let i = 0; i < units; i++) data[i * units + i] = 1;
  await model.setWeights([{ shape: [units, units], data }]);
  return model;
}

const rows = (values: readonly number[], units: number) => ({
  data: Float32Array.from(values),
  shape: [values.length / units, units],
});

async function withEcho<T>(units: number, options: CompileOptions, work: (model: Model) => Promise<T>): Promise<T> {
  const model = await echo(units, options);
  try {
    return await work(model);
  } finally {
    model.dispose();
  }
}

describe('predict, inspect', () => {
  const { x } = toyExamples(5);
  let model: Model;
  beforeAll(async () => {
    model = await compiledToy();
  });
  afterAll(() => model.dispose());

  test('give arrays that print and slice', async () => {
    const logits = await model.predict(x);
    expectTypeOf(logits).toEqualTypeOf<NDArray<Float32Array>>();
    expect(logits).toBeInstanceOf(NDArray);
    expect([logits.dtype, logits.shape]).toEqual(['float32', [5, 2]]);
    const largest = Array.from({ length: 5 }, (_, i) => Number(logits.data[2 * i + 1]! > logits.data[2 * i]!));
    expect([...logits.argMax(1).data]).toEqual(largest);
    expect([...logits.slice('2').data]).toEqual([...logits.data.slice(4, 6)]);
    const { prediction, saliency, layers: seen } = await model.inspect(x);
    expect(prediction.argMax(1).shape).toEqual([5]);
    expect(saliency.slice('0, ..., 0').shape).toEqual([8, 8]);
    expect(seen[0]!.output.slice('0').shape).toEqual([6, 6, 4]);
  });

  test('which are data for the next model', async () => {
    const next = sequential([layers.dense({ inputShape: [2], units: 3 })]);
    await next.compile({ device: await testDevice() });
    expect((await next.predict(await model.predict(x))).shape).toEqual([5, 3]);
    next.dispose();
  });
});

/** Softmax of rows by their logarithms, another way than the engine's. */
function softmax(logits: readonly number[], classes: number): number[] {
  return logits.map((logit, i) => {
    const row = logits.slice(classes * Math.floor(i / classes), classes * (1 + Math.floor(i / classes)));
    return 1 / row.reduce((sum, other) => sum + Math.exp(other - logit), 0);
  });
}
const sigmoid = (logits: readonly number[]) => logits.map((z) => 0.5 * (1 + Math.tanh(z / 2)));

describe("predict(x, { as: 'probabilities' })", () => {
  const logits = [0, 1, -2, 3.5, 3.5, 3.5, -80, 0.25, 60, 1e4, -1e4, 9999];
  const cases: readonly [LossName, number, (values: readonly number[]) => number[]][] = [
    ['sparseCategoricalCrossentropy', 3, (values) => softmax(values, 3)],
    ['categoricalCrossentropy', 2, (values) => softmax(values, 2)],
    ['binaryCrossentropy', 1, sigmoid],
    ['binaryCrossentropy', 4, sigmoid],
  ];
  test.each(cases)('%s with %i outputs, as in double precision', async (loss, units, reference) => {
    await withEcho(units, { loss }, async (model) => {
      const x = rows(logits, units);
      const probabilities = await model.predict(x, { as: 'probabilities', batchSize: 2 });
      expect(probabilities.shape).toEqual(x.shape);
      const wanted = reference(logits);
      // One rounding to float32; tanh of the reference loses the digits of a probability near 0.
      probabilities.data.forEach((p, i) => void expect(Math.abs(p - wanted[i]!), `${i}: ${p}`).toBeLessThan(6e-8));
      expect([...(await model.predict(x)).data], 'the logits stay').toEqual(logits.map(Math.fround));
    });
  });

  test('of images', async () => {
    const model = sequential([layers.conv2d({ inputShape: [2, 2, 1], filters: 1, kernelSize: 1, useBias: false })]);
    await model.compile({ device: await testDevice(), loss: 'binaryCrossentropy' });
    await model.setWeights([{ shape: [1, 1, 1, 1], data: Float32Array.of(1) }]);
    const { data, shape } = await model.predict(
      { data: Float32Array.of(0, 2, -2, 9), shape: [1, 2, 2, 1] },
      { as: 'probabilities' },
    );
    expect(shape).toEqual([1, 2, 2, 1]);
    sigmoid([0, 2, -2, 9]).forEach((p, i) => void expect(data[i]).toBeCloseTo(p, 6));
    await expect(model.classify({ data, shape })).rejects.toThrow(
      'classify: needs a vector of outputs for each example, the model gives [2, 2, 1].',
    );
    model.dispose();
  });

  test('is refused where there are no logits', async () => {
    const x = rows([1, 2], 2);
    await withEcho(2, {}, async (model) => {
      await expect(model.predict(x, { as: 'probabilities' })).rejects.toThrow(StateError);
      await expect(model.predict(x, { as: 'probabilities' })).rejects.toThrow(
        'predict needs a loss; give one to compile().',
      );
      await expect(model.classify(x)).rejects.toThrow('classify needs a loss; give one to compile().');
    });
    await withEcho(2, { loss: 'meanSquaredError' }, async (model) => {
      const why = 'probabilities need a loss that takes logits, a cross-entropy, and the model was compiled with mean';
      await expect(model.predict(x, { as: 'probabilities' })).rejects.toThrow(`predict: ${why}`);
      await expect(model.classify(x)).rejects.toThrow(`classify: ${why}`);
      // @ts-expect-error there is one name alone
      const wrong = model.predict(x, { as: 'probs' });
      await expect(wrong).rejects.toThrow("predict: as must be 'probabilities', got 'probs'.");
    });
    const fresh = sequential([layers.dense({ inputShape: [2], units: 2 })]);
    await expect(fresh.predict(x, { as: 'probabilities' })).rejects.toThrow('predict: call compile() first');
    await expect(fresh.classify(x)).rejects.toThrow('classify: call compile() first: await model.compile({ … }).');
  });
});

describe('classify', () => {
  const labels = ['cat', 'dog', 'bird'];
  const loss = 'sparseCategoricalCrossentropy';
  const x = rows([0, 2, 1, 5, -1, 5], 3);

  test('gives the classes of each example, the most probable first', async () => {
    await withEcho(3, { loss, labels }, async (model) => {
      const found = await model.classify(x);
      expect(found.map((classes) => classes.map(({ label, index }) => [label, index]))).toEqual([
        [
          ['dog', 1],
          ['bird', 2],
          ['cat', 0],
        ],
        // Of the same probability: in the order of their numbers.
        [
          ['cat', 0],
          ['bird', 2],
          ['dog', 1],
        ],
      ]);
      const { data } = await model.predict(x, { as: 'probabilities' });
      for (const [i, classes] of found.entries())
        for (const { index, probability } of classes) expect(probability).toBe(data[3 * i + index]);
      expect((await model.classify(x, { top: 1 })).map((classes) => classes.length)).toEqual([1, 1]);
      expect((await model.classify(x, { top: 9 }))[0]).toHaveLength(3);
    });
  });

  test('by names of the call, or by numbers where there are none', async () => {
    await withEcho(3, { loss }, async (model) => {
      const names = [...labels];
      const named = model.classify(x, { labels: names });
      names.fill('changed');
      expect((await named)[0]![0]!.label).toBe('dog');
      expect((await model.classify(x))[0]!.map(({ label }) => label)).toEqual(['1', '2', '0']);
      expect(model.labels).toBeUndefined();
    });
  });

  test('with one output there are two classes, with several each is judged by itself', async () => {
    await withEcho(1, { loss: 'binaryCrossentropy', labels: ['no', 'yes'] }, async (model) => {
      const [first, second] = await model.classify(rows([2, -3], 1));
      expect([first![0]!.label, second![0]!.label]).toEqual(['yes', 'no']);
      expect(first![0]!.probability).toBeCloseTo(1 / (1 + Math.exp(-2)), 6);
      expect(second![0]!.probability).toBeCloseTo(1 / (1 + Math.exp(-3)), 6);
    });
    await withEcho(2, { loss: 'binaryCrossentropy', labels: ['red', 'round'] }, async (model) => {
      const [best, other] = (await model.classify(rows([3, 4], 2))).flat();
      expect([best!.label, other!.label]).toEqual(['round', 'red']);
      expect(best!.probability + other!.probability).toBeGreaterThan(1.9);
    });
  });

  test('of a dataset', async () => {
    await withEcho(3, { loss, labels }, async (model) => {
      const dataset = { size: 2, xShape: [3], read: (_: Uint32Array, to: Float32Array) => void to.set(x.data) };
      expect(await model.classify(dataset)).toEqual(await model.classify(x));
    });
  });
});

describe('labels', () => {
  const labels = ['left', 'right'];

  test('are saved with the model, and stay when it is compiled again', async () => {
    const model = await compiledToy({ labels });
    const device = await testDevice();
    const loaded = await loadModel(await model.save(), { device });
    expect(loaded.labels).toEqual(labels);
    const { x } = toyExamples(3);
    expect(await loaded.classify(x)).toEqual(await model.classify(x));
    await loaded.compile({ recompile: true, loss: 'categoricalCrossentropy' });
    expect(loaded.labels).toEqual(labels);
    await loaded.compile({ recompile: true, loss: 'categoricalCrossentropy', labels: ['l', 'r'] });
    expect(loaded.labels).toEqual(['l', 'r']);
    await loaded.compile({ recompile: true, loss: 'meanSquaredError' }); // has no classes
    expect(loaded.labels).toBeUndefined();
    for (const each of [model, loaded]) each.dispose();
  });

  test('are absent from the file of a model that has none, and wrong ones make it damaged', async () => {
    const model = await compiledToy();
    const file = await model.save();
    model.dispose();
    const { tensors, metadata } = readSafetensors(file);
    const saved = JSON.parse(metadata.neurite!);
    expect('labels' in saved).toBe(false);
    const device = await testDevice();
    for (const [wrong, message] of [
      ['left', /lacks parts/],
      [[1, 2], /lacks parts/],
      [null, /lacks parts/],
      [['left'], /the model file is inconsistent: compile: labels must be 2 texts/],
    ] as const) {
      const bytes = writeSafetensors([...tensors.values()], { neurite: JSON.stringify({ ...saved, labels: wrong }) });
      await expect(loadModel(bytes, { device })).rejects.toThrow(FormatError);
      await expect(loadModel(bytes, { device })).rejects.toThrow(message);
    }
  });

  test('of a wrong number or kind are refused, and the message says how many', async () => {
    const three = 'labels must be 3 texts for a model with outputs [3] and the loss sparseCategoricalCrossentropy';
    const loss = 'sparseCategoricalCrossentropy';
    await expect(echo(3, { loss, labels })).rejects.toThrow(
      `compile: ${three}, one for each class in the order of their numbers; there are 2.`,
    );
    await withEcho(3, { loss }, async (model) => {
      const x = rows([1, 2, 3], 3);
      await expect(model.classify(x, { labels })).rejects.toThrow(`classify: ${three}`);
      await expect(model.classify(x, { labels: [1, 2, 3] as never })).rejects.toThrow(
        'classify: labels must be texts, the names of the classes, got 1.',
      );
      await expect(model.classify(x, { labels: ['a', undefined, 'c'] as never })).rejects.toThrow('got undefined.');
      await expect(model.classify(x, { top: 0 })).rejects.toThrow(ArgumentError);
      await expect(model.classify(rows([1, 2], 2))).rejects.toThrow(ShapeError);
    });
    await expect(echo(1, { loss: 'binaryCrossentropy', labels: ['yes'] })).rejects.toThrow('must be 2 texts');
    for (const options of [{ labels }, { loss: 'meanSquaredError', labels }] as const) {
      await expect(echo(2, options)).rejects.toThrow(
        /labels are names of classes, and a model with .* tells no classes/,
      );
    }
  });
});
