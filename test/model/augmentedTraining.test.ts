/** Trainings with augmentation: the same bits for the same seed, however they are cut, stored or divided. */
import { describe, expect, test } from 'vitest';
import {
  cutout,
  randomBrightness,
  randomContrast,
  randomCrop,
  randomFlip,
  randomRotation,
  randomTranslation,
  randomZoom,
} from '../../src/augmentation/index.ts';
import {
  type InputData,
  type LayerSpec,
  layers,
  loadModel,
  type Model,
  resume,
  sequential,
  sgd,
  sum,
  trainingStep,
} from '../../src/index.ts';
import { f16Device, testDevice } from '../support/device.ts';
import { COMPILE, contents, DATA, outcome } from '../support/losses.ts';
import { cut } from '../support/snapshots.ts';
import { bits, toyExamples } from '../support/toy.ts';
import { compiled, stopped } from '../support/watch.ts';

const ALL = (): LayerSpec[] => [
  randomFlip({ inputShape: [8, 8, 1] }),
  randomTranslation({ heightFactor: 0.1, widthFactor: 0.1 }),
  randomRotation({ factor: 0.1, fillMode: 'constant' }),
  randomZoom({ heightFactor: 0.2 }),
  randomCrop({ height: 6, width: 6 }),
  randomBrightness({ factor: 0.1, valueRange: [0, 2] }),
  randomContrast({ factor: 0.2, valueRange: [0, 2] }),
  cutout({ size: 2 }),
];

/** All layers of augmentation, and one that learns. */
const augmented = (): Model => sequential([...ALL(), layers.flatten(), layers.dense({ units: 2 })]);

describe('fit', () => {
  test('the same bits for the same seed, others for another one', async () => {
    const [a, b, c] = [
      await outcome({ model: augmented }),
      await outcome({ model: augmented }),
      await outcome({ model: augmented, compile: { seed: 4 } }),
    ];
    expect(b).toEqual(a);
    expect(c.history.loss).not.toEqual(a.history.loss);
  });

  test.each([1, 6, 13])('cut off after %i batches and resumed: the bits of a run that was not', async (after) => {
    const wanted = await outcome({ model: augmented });
    const { store } = await cut(after, {}, augmented);
    const resumed = await resume(DATA, { store, device: await testDevice() });
    expect(contents(await resumed!.model.save())).toEqual(wanted.file);
    expect(resumed!.history).toEqual(wanted.history);
    resumed!.model.dispose();
  });

  test('the same bits whether the data lie on the GPU or come from the host, as floats or as bytes', async () => {
    const { x, y } = toyExamples(40);
    const bytes = Uint8Array.from(x.data, (v) => Math.round(v * 100));
    const specs = [
      randomRotation({ inputShape: [8, 8, 1], factor: 0.2 }),
      randomBrightness({ factor: 0.2 }),
      layers.rescaling({ scale: 1 / 255 }),
      randomCrop({ height: 7, width: 5 }),
      ...[layers.flatten(), layers.dense({ units: 2 })],
    ];
    const trained = async (data: InputData, maxResidentBytes?: number) => {
      const model = sequential(specs);
      await model.compile({ ...COMPILE, device: await testDevice(), tune: false });
      await model.fit(
        { x: data, y },
        { epochs: 2, batchSize: 16, ...(maxResidentBytes === 0 ? { maxResidentBytes } : {}) },
      );
      const all = await bits(model);
      model.dispose();
      return all;
    };
    const floats = { data: Float32Array.from(bytes), shape: x.shape };
    const wanted = await trained(floats);
    expect(await trained(floats, 0)).toEqual(wanted);
    expect(await trained({ data: bytes, shape: x.shape })).toEqual(wanted);
    expect(await trained({ data: bytes, shape: x.shape }, 0)).toEqual(wanted);
  });

  test('evaluate and predict see the images as they are: at the centre, and nothing else', async () => {
    const model = augmented();
    const plain = sequential([layers.flatten({ inputShape: [6, 6, 1] }), layers.dense({ units: 2 })]);
    for (const one of [model, plain]) await one.compile({ ...COMPILE, device: await testDevice(), tune: false });
    await model.fit(DATA, { epochs: 1, batchSize: 16 });
    await plain.setWeights(await model.getWeights());
    const count = DATA.y.length;
    const centre = Float32Array.from({ length: count * 36 }, (_, e) => {
      const [b, i, j] = [Math.floor(e / 36), Math.floor(e / 6) % 6, e % 6];
      return DATA.x.data[(b * 8 + i + 1) * 8 + j + 1]!;
    });
    const x = { data: centre, shape: [count, 6, 6, 1] };
    expect(await model.predict(DATA.x)).toEqual(await plain.predict(x));
    expect(await model.evaluate(DATA)).toEqual(await plain.evaluate({ x, y: DATA.y }));
    model.dispose();
    plain.dispose();
  });

  test('a file keeps the layers and their options, and goes on with the same bits', async () => {
    const options = { epochs: 1, batchSize: 16 };
    const model = augmented();
    await model.compile({ ...COMPILE, device: await testDevice(), tune: false });
    await model.fit(DATA, options);
    const loaded = await loadModel(await model.save(), { device: await testDevice(), tune: false });
    const plain = (one: Model) => one.layers.map(({ name, className, outputShape, options: { trainable: _, ...rest } }) => ({ className, outputShape, ...rest, name })); // biome-ignore format: one line
    expect(plain(loaded)).toEqual(plain(model));
    for (const one of [model, loaded]) await one.fit(DATA, options);
    expect(await bits(loaded)).toEqual(await bits(model));
    model.dispose();
    loaded.dispose();
  });

  test('16-bit storage trains as well', async (context) => {
    const model = augmented();
    await model.compile({ ...COMPILE, device: await f16Device(context), precision: 'mixed' });
    const { loss } = await model.fit(DATA, { epochs: 3, batchSize: 16 });
    expect(loss.every(Number.isFinite)).toBe(true);
    model.dispose();
  });
});

describe('a batch in micro-batches', () => {
  /** After a step of size 1, the kernel is the mean of the images that the layer has got, by their errors. */
  const meanOf = async (specs: readonly LayerSpec[], memoryLimit: number | undefined, seed = 3) => {
    const model = sequential([...specs, layers.flatten(), layers.dense({ units: 1, kernelInitializer: 'zeros', useBias: false })]); // biome-ignore format: one line
    const optimizer = sgd({ learningRate: 1 });
    await model.compile({
      loss: 'meanSquaredError',
      optimizer,
      seed,
      device: await testDevice(),
      tune: false,
      memoryLimit,
    });
    const parts = model.plan({ batchSize: 64 }).microBatches?.count ?? 1;
    const { x, y } = toyExamples(64);
    await model.trainOnBatch(
      x,
      Float32Array.from(y, (v) => v - 0.5),
    );
    const [kernel] = await model.getWeights();
    model.dispose();
    return { parts, kernel: [...kernel!.data] };
  };
  const distance = (a: readonly number[], b: readonly number[]) => Math.max(...a.map((v, i) => Math.abs(v - b[i]!)));

  test.each([
    ['geometry', [randomFlip({ inputShape: [8, 8, 1] }), randomRotation({ factor: 0.4 })]],
    ['values', [randomContrast({ inputShape: [8, 8, 1], factor: 0.9, valueRange: [-1, 3] }), cutout({ size: 5 })]],
  ])('%s: draws as in the whole batch', async (_, specs) => {
    const whole = await meanOf(specs, undefined);
    const parted = await meanOf(specs, 36_000);
    expect([whole.parts, parted.parts]).toEqual([1, expect.any(Number)]);
    expect(parted.parts).toBeGreaterThan(1);
    // Sums of 64 numbers about 0.02, in another order.
    expect(distance(parted.kernel, whole.kernel)).toBeLessThan(1e-6);
    expect(distance((await meanOf(specs, undefined, 4)).kernel, whole.kernel)).toBeGreaterThan(1e-3);
  });

  test('what is not finite is found with the draws of the step, whole and in parts', async () => {
    // One of eight windows of one example makes an infinity; a search with other draws would mostly not meet it.
    const specs = [
      randomCrop({ inputShape: [1, 8, 32], height: 1, width: 1 }),
      layers.flatten(),
      layers.dense({ units: 1, kernelInitializer: { name: 'constant', value: 1e9 }, name: 'guilty' }),
      // Without a search it is what the model gives that is named.
      layers.dense({ units: 1, kernelInitializer: 'ones', name: 'last' }),
    ];
    const x = new Float32Array(64 * 8 * 32);
    x[(43 * 8 + 5) * 32] = 1e30;
    const data = { x: { data: x, shape: [64, 1, 8, 32] }, y: { data: new Float32Array(64), shape: [64, 1] } };
    for (const memoryLimit of [undefined, 24_000]) {
      for (const seed of [1, 2, 3]) {
        const model = await compiled(specs, { seed, memoryLimit, optimizer: sgd({ learningRate: 1e-30 }) });
        if (memoryLimit) expect(model.plan({ batchSize: 64 }).microBatches?.count).toBeGreaterThan(1);
        const fit = model.fit(data, { batchSize: 64, epochs: 60, shuffle: false, watch: 'stop' });
        expect(await stopped(fit)).toMatchObject({ layer: 'guilty', what: 'output' });
        model.dispose();
      }
    }
  });
});

test('a layer that learns before them gets its gradient', async () => {
  const specs = [
    layers.conv2d({ inputShape: [8, 8, 1], filters: 3, kernelSize: 3, name: 'first' }),
    ...ALL().map(({ type, options: { inputShape: _, ...options } }) => ({ type, options })),
    ...[layers.flatten(), layers.dense({ units: 2 })],
  ].filter(({ type }) => type !== 'randomCrop');
  const model = sequential(specs);
  await model.compile({ ...COMPILE, device: await testDevice() });
  const [before] = await model.getWeights();
  const start = [...before!.data];
  const { loss } = await model.fit(DATA, { epochs: 3, batchSize: 16 });
  const [after] = await model.getWeights();
  expect([...after!.data].every((v, i) => v !== start[i] && Number.isFinite(v))).toBe(true);
  expect(loss.every(Number.isFinite)).toBe(true);
  model.dispose();
});

test("a step of the caller's own gives a seed, and asks for one", async () => {
  const model = sequential([randomFlip({ inputShape: [1, 2, 1] }), layers.flatten(), layers.dense({ units: 1 })]);
  await model.compile({ device: await testDevice(), optimizer: sgd({ learningRate: 1e-30 }) });
  await model.setWeights([
    { shape: [2, 1], data: Float32Array.of(1, 0) },
    { shape: [1], data: Float32Array.of(0) },
  ]);
  const step = await trainingStep(({ graph: g, seed, minimize }) => {
    const x = g.input('x', [32, 1, 2, 1]);
    expect(() => model.apply(x, { training: true })).toThrow(/augmentation.*give a seed/);
    const drawn = model.apply(x, { training: true, seed: seed() });
    minimize({ model, loss: sum(drawn) });
    return { drawn };
  });
  const x = Float32Array.from({ length: 64 }, (_, e) => e % 2);
  const runs = [(await step.run({ x })).drawn, (await step.run({ x })).drawn].map((drawn) => [...drawn]);
  for (const run of runs) expect(new Set(run.map((v) => Math.abs(Math.round(v))))).toEqual(new Set([0, 1]));
  expect(runs[0]).not.toEqual(runs[1]);
  step.dispose();
  model.dispose();
});
