/**
 * Training steps of the caller's own: one that repeats what `trainOnBatch` does gives the same bits; two models with losses through
 * both, whose gradients are finite differences; and what is refused.
 */
import { describe, expect, test } from 'vitest';
import {
  adam,
  add,
  binaryCrossEntropy,
  fill,
  graph,
  layers,
  loadModel,
  mean,
  meanSquaredError,
  type StepBuilder,
  sequential,
  session,
  sgd,
  softmaxCrossEntropy,
  stepDecay,
  type Tensor,
  trainingStep,
  weightedMean,
} from '../../src/index.ts';
import { randomStream } from '../support/arrays.ts';
import { testDevice } from '../support/device.ts';
import { bits, compiledToy, toyExamples } from '../support/toy.ts';

const ROWS = 6;
const random = randomStream(1);
const numbers = (count: number) => Float32Array.from({ length: count }, () => 2 * random() - 1);
const noise = numbers(3 * ROWS);
const real = numbers(4 * ROWS);

/** A generator of 4 numbers from 3 and its discriminator, smooth, so that finite differences are near. */
async function pair(optimizer = sgd({ learningRate: 0.5 }), seed = 1) {
  const device = await testDevice();
  const generator = sequential([
    layers.dense({ inputShape: [3], units: 5, activation: 'tanh' }),
    layers.dense({ units: 4, activation: 'tanh' }),
  ]);
  const discriminator = sequential([
    layers.dense({ inputShape: [4], units: 5, activation: 'tanh' }),
    layers.dense({ units: 1 }),
  ]);
  await generator.compile({ device, optimizer, seed, tune: false });
  await discriminator.compile({ device, optimizer, seed: seed + 1, tune: false });
  const dispose = () => {
    generator.dispose();
    discriminator.dispose();
  };
  return { generator, discriminator, dispose };
}

type Pair = Awaited<ReturnType<typeof pair>>;

/** The losses of the models, by the fakes that the generator makes. */
function losses({ generator, discriminator }: Pair, { graph: g }: Pick<StepBuilder, 'graph'>) {
  const z = g.input('noise', [ROWS, 3]);
  const judged = () => discriminator.apply(generator.apply(z, { training: true }), { training: true });
  const loss = (logits: Tensor, label: number) => mean(binaryCrossEntropy(logits, fill(g, logits.shape, label)));
  const onFakes = judged();
  return {
    ofGenerator: loss(onFakes, 1),
    ofDiscriminator() {
      const onReal = discriminator.apply(g.input('real', [ROWS, 4]), { training: true });
      return add(loss(onReal, 0.9), loss(onFakes, 0));
    },
    /** The generator's loss once more, by the weights at this place of the graph. */
    again: () => loss(judged(), 1),
  };
}

type Kind = 'discriminator' | 'generator' | 'both' | 'alternating';

/** A step that trains one of a pair, or both: from the same weights, or the generator against the new discriminator. */
function stepOf(pair: Pair, kind: Kind) {
  return trainingStep((step): Record<string, Tensor> => {
    const { ofDiscriminator, ofGenerator, again } = losses(pair, step);
    if (kind === 'generator') {
      step.minimize({ model: pair.generator, loss: ofGenerator });
      return { ofGenerator };
    }
    const loss = ofDiscriminator();
    const discriminator = { model: pair.discriminator, loss };
    if (kind === 'both') step.minimize(discriminator, { model: pair.generator, loss: ofGenerator });
    else step.minimize(discriminator);
    if (kind === 'alternating') step.minimize({ model: pair.generator, loss: again() });
    return { ofGenerator, ofDiscriminator: loss };
  });
}

async function run(pair: Pair, kind: Kind) {
  const step = await stepOf(pair, kind);
  const values = await step.run(kind === 'generator' ? { noise } : { noise, real });
  step.dispose();
  return values;
}

describe('one model', () => {
  test('three steps give the bits, the file and the iterations of trainOnBatch', async () => {
    const n = 16;
    const { x, y: classes } = toyExamples(n);
    const y = Float32Array.from({ length: 2 * n }, (_, i) => Number(classes[i >> 1] === i % 2));
    const optimizer = adam({
      learningRate: stepDecay({ initialLearningRate: 0.01, factor: 0.5, every: 2 }),
      globalClipNorm: 0.5,
    });
    const options = { optimizer, loss: 'meanSquaredError', metrics: [], tune: false } as const;
    const usual = await compiledToy(options);
    const own = await compiledToy(options);
    const step = await trainingStep(({ graph: g, seed, minimize }) => {
      const outputs = own.apply(g.input('x', x.shape), { training: true, seed: seed() });
      const values = meanSquaredError(outputs, g.input('y', [n, 2]));
      // As the engine does it: its mean divides by the number of rows on the GPU.
      const loss = weightedMean(values, fill(g, [n], 1), g.input('rows', [1], 'u32'));
      minimize({ model: own, loss });
      return { loss };
    });
    for (let i = 0; i < 3; i++) {
      const logs = await usual.trainOnBatch(x, { data: y, shape: [n, 2] });
      // An input that does not change is given once.
      const { loss } = await step.run(i === 0 ? { x: x.data, y, rows: Uint32Array.of(n) } : { x: x.data });
      expect(loss[0]).toBeCloseTo(logs.loss!, 6);
    }
    expect(await bits(own)).toEqual(await bits(usual));
    expect(own.iterations).toBe(3);
    expect(await own.save()).toEqual(await usual.save());
    expect(own.learningRate).toBe(0.005);
    step.dispose();
    usual.dispose();
    own.dispose();
  });

  test('trains on with fit, and with a rate that is set in between', async () => {
    const usual = await compiledToy({ optimizer: sgd({ learningRate: 0.01 }), tune: false });
    const own = await compiledToy({ optimizer: sgd({ learningRate: 0.01 }), tune: false });
    const data = toyExamples(16);
    const step = await trainingStep(({ graph: g, seed, minimize }) => {
      const logits = own.apply(g.input('x', data.x.shape), { training: true, seed: seed() });
      const loss = mean(softmaxCrossEntropy(logits, g.input('y', [16], 'i32')));
      minimize({ model: own, loss });
      return { loss };
    });
    const inputs = { x: data.x.data, y: data.y };
    for (const model of [usual, own]) model.learningRate = 0.1;
    await usual.trainOnBatch(data.x, data.y);
    await step.run(inputs);
    for (const model of [usual, own]) await model.fit(data, { epochs: 1, batchSize: 16, shuffle: false });
    await usual.trainOnBatch(data.x, data.y);
    await step.run(inputs);
    const [a, b] = [await usual.getWeights(), await own.getWeights()];
    // Not its bits: the classification of fit is one kernel, with sums in another order.
    const differences = a.flatMap(({ data }, i) => [...data].map((value, k) => Math.abs(value - b[i]!.data[k]!)));
    expect(Math.max(...differences)).toBeLessThan(1e-5);
    step.dispose();
    usual.dispose();
    own.dispose();
  });
});

describe('two models', () => {
  test("the generator's gradients through the discriminator are finite differences; the discriminator stays", async () => {
    const models = await pair();
    const { generator, discriminator } = models;
    const before = await generator.getWeights();
    const judge = await bits(discriminator);
    await run(models, 'generator');
    const after = await generator.getWeights();
    expect(await bits(discriminator)).toEqual(judge);
    expect(discriminator.iterations).toBe(0);

    const g = graph();
    const { ofGenerator } = losses(models, { graph: g });
    const forward = await session(await testDevice(), [ofGenerator]);
    forward.write(g.inputs[0]!, noise);
    const lossAt = async (weight: number, index: number, delta: number) => {
      const moved = before.map((one) => ({ ...one, data: one.data.slice() }));
      moved[weight]!.data[index]! += delta;
      await generator.setWeights(moved);
      forward.run();
      return (await forward.read(ofGenerator))[0]!;
    };
    const h = 1 / 32;
    let largest = 0;
    for (const [weight, { data }] of before.entries()) {
      for (let index = 0; index < data.length; index += 3) {
        const difference = ((await lossAt(weight, index, h)) - (await lossAt(weight, index, -h))) / (2 * h);
        const gradient = (data[index]! - after[weight]!.data[index]!) / 0.5;
        expect(Math.abs(gradient - difference)).toBeLessThan(1e-4); // h^2 of a smooth function, and its rounding over h
        largest = Math.max(largest, Math.abs(gradient));
      }
    }
    expect(largest).toBeGreaterThan(0.01);
    forward.destroy();
    models.dispose();
  });

  test('both at once: each as if it were trained alone, and one submit', async () => {
    const [first, second, third] = [await pair(), await pair(), await pair()];
    await run(first, 'both');
    await run(second, 'discriminator');
    await run(third, 'generator');
    expect(await bits(first.discriminator)).toEqual(await bits(second.discriminator));
    expect(await bits(first.generator)).toEqual(await bits(third.generator));
    expect(await bits(first.generator)).not.toEqual(await bits(second.generator));

    const step = await stepOf(first, 'both');
    const { gpu } = await testDevice();
    const submit = gpu.queue.submit;
    let submits = 0;
    gpu.queue.submit = function (buffers) {
      submits++;
      return submit.call(this, buffers);
    };
    await step.run({ noise, real });
    gpu.queue.submit = submit;
    expect(submits).toBe(1);
    step.dispose();
    for (const models of [first, second, third]) models.dispose();
  });

  test('in turn within one step: as two steps one after the other', async () => {
    const [once, twice] = [await pair(adam()), await pair(adam())];
    for (let i = 0; i < 2; i++) {
      await run(once, 'alternating');
      await run(twice, 'discriminator');
      await run(twice, 'generator');
    }
    expect(await bits(once.discriminator)).toEqual(await bits(twice.discriminator));
    expect(await bits(once.generator)).toEqual(await bits(twice.generator));
    expect(await once.generator.save()).toEqual(await twice.generator.save());
    for (const models of [once, twice]) models.dispose();
  });

  test('a model that is updated twice in a step: as two steps', async () => {
    const [once, twice] = [await pair(adam()), await pair(adam())];
    const step = await trainingStep((builder) => {
      const { ofGenerator, again } = losses(once, builder);
      builder.minimize({ model: once.generator, loss: ofGenerator });
      const second = again();
      builder.minimize({ model: once.generator, loss: second });
      return { ofGenerator, second };
    });
    const { ofGenerator, second } = await step.run({ noise });
    expect(second[0]).not.toBe(ofGenerator[0]);
    await run(twice, 'generator');
    await run(twice, 'generator');
    expect(once.generator.iterations).toBe(2);
    expect(await bits(once.generator)).toEqual(await bits(twice.generator));
    expect(await once.generator.save()).toEqual(await twice.generator.save());
    step.dispose();
    for (const models of [once, twice]) models.dispose();
  });

  test('predict, inspect, save and load see the trained weights', async () => {
    const models = await pair(adam({ learningRate: 0.05 }));
    const { generator, discriminator } = models;
    const step = await stepOf(models, 'both');
    const first = await step.run({ noise, real });
    for (let i = 0; i < 30; i++) await step.run();
    const last = await step.run();
    expect(last.ofDiscriminator![0]).not.toBe(first.ofDiscriminator![0]);
    expect([generator.iterations, discriminator.iterations]).toEqual([32, 32]);

    const g = graph();
    const fakes = generator.apply(g.input('noise', [ROWS, 3]));
    const inference = await session(await testDevice(), [fakes]);
    inference.write(g.inputs[0]!, noise);
    inference.run();
    const values = [...(await inference.read(fakes))];
    const x = { data: noise, shape: [ROWS, 3] };
    expect([...(await generator.predict(x)).data]).toEqual(values);
    expect([...(await generator.inspect(x)).prediction.data]).toEqual(values);
    const loaded = await loadModel(await generator.save(), { device: await testDevice() });
    expect([...(await loaded.predict(x)).data]).toEqual(values);
    expect(loaded.iterations).toBe(32);

    inference.destroy();
    loaded.dispose();
    step.dispose();
    await generator.predict(x); // a step that is disposed takes nothing of the models along
    models.dispose();
  });
});
