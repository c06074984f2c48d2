/** Fewer examples than a prepared step takes run on that step, and count as if it had their number of rows. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Dataset, type Device, type Model, requestDevice, sgd } from '../../src/index.ts';
import { countCompilations } from '../support/compilations.ts';
import { bits, compiledToy, toyExamples } from '../support/toy.ts';

/** Steps of different sizes add up in different orders: sums of at most a thousand terms of size 1, in float32. */
const CLOSE = 1e-4;

let device: Device;
let compiled: ReturnType<typeof countCompilations>;
// One for each test, which has compiled nothing yet.
beforeEach(async () => {
  device = await requestDevice();
  compiled = countCompilations(device);
});
afterEach(() => device.destroy());

// Without adam, which makes whole steps of gradients that are 0 but for rounding.
const toy = () => compiledToy({ device, optimizer: sgd({ learningRate: 0.1 }), tune: false });

/** What some work compiles; of its buffers, those that a new runner would make. */
async function made(work: () => Promise<unknown>) {
  const before = [compiled.pipelines(), compiled.modules(), device.buffersCreated] as const;
  await work();
  return {
    pipelines: compiled.pipelines() - before[0],
    modules: compiled.modules() - before[1],
    buffers: device.buffersCreated - before[2],
  };
}

const NOTHING = { pipelines: 0, modules: 0, buffers: 0 };

type Numbers = ArrayLike<number>;

function expectClose(got: Numbers, want: Numbers, what: string): void {
  expect(got.length, what).toBe(want.length);
  for (let i = 0; i < want.length; i++) {
    expect(Math.abs(got[i]! - want[i]!), `${what}[${i}]`).toBeLessThan(CLOSE * Math.max(1, Math.abs(want[i]!)));
  }
}

const weightsOf = async (model: Model) => (await model.getWeights()).flatMap(({ data }) => [...data]);
const sampleWeight = (size: number) => Array.from({ length: size }, (_, i) => 0.5 + (i % 3));

const uses: [string, (model: Model, size: number) => Promise<Numbers>][] = [
  ['predict', async (model, size) => (await model.predict(toyExamples(size, size).x)).data],
  ['evaluate', async (model, size) => Object.values(await model.evaluate(toyExamples(size, size)))],
  [
    'evaluate with weights',
    async (model, size) =>
      Object.values(await model.evaluate(toyExamples(size, size), { sampleWeight: sampleWeight(size) })),
  ],
  [
    'inspect',
    async (model, size) => {
      const { layers, prediction, saliency } = await model.inspect(toyExamples(size, size).x);
      const argmax = layers.flatMap((layer) => [...(layer.argmax ?? [])]);
      return [...layers.flatMap(({ output }) => [...output.data]), ...argmax, ...prediction.data, ...saliency.data];
    },
  ],
  [
    'trainOnBatch',
    async (model, size) => {
      const { x, y } = toyExamples(size, size);
      const logs = await model.trainOnBatch(x, y);
      return [...Object.values(logs), ...(await weightsOf(model))];
    },
  ],
  [
    'trainOnBatch with weights',
    async (model, size) => {
      const { x, y } = toyExamples(size, size);
      const logs = await model.trainOnBatch(x, y, { sampleWeight: sampleWeight(size) });
      return [...Object.values(logs), ...(await weightsOf(model))];
    },
  ],
];
// The toy has all that looks across rows: batch-norm's statistics and dropout's masks.
test.each(uses)(
  '%s: after 24 examples, fewer compile nothing, and give the numbers of these examples',
  async (_, use) => {
    const first = await toy();
    const weights = await first.getWeights();
    first.dispose();
    /** Growing numbers of examples, each from the same weights. @param warm examples before them */
    const numbers = async (warm: number) => {
      const model = await toy();
      await use(model, warm);
      const all: { got: Numbers; work: Awaited<ReturnType<typeof made>> }[] = [];
      for (const size of [1, 2, 8, 17, 23]) {
        await model.setWeights(weights);
        let got: Numbers = [];
        const work = await made(async () => {
          got = await use(model, size);
        });
        // Of what reads the weights, each call has staging.
        all.push({ got, work: { ...work, buffers: 0 } });
      }
      model.dispose();
      return all;
    };
    const padded = await numbers(24);
    const exact = await numbers(1);
    padded.forEach(({ got, work }, i) => {
      expect(work, `size ${i}`).toEqual(NOTHING);
      expectClose(got, exact[i]!.got, `size ${i}`);
    });
  },
);

describe('fit', () => {
  const SIZES = [31, 12, 5, 2, 1];

  test('on fewer examples than a batch compiles nothing after a whole batch, and trains on these examples', async () => {
    const model = await toy();
    const weights = await model.getWeights();
    const options = { validationData: toyExamples(40), epochs: 2 };
    await model.fit(toyExamples(32), options); // batches of 32
    for (const size of SIZES) {
      await model.setWeights(weights);
      const data = toyExamples(size, size);
      const validationData = toyExamples(size, 7);
      const work = await made(() => model.fit(data, { ...options, validationData }));
      expect({ ...work, buffers: 0 }, `${size} examples`).toEqual(NOTHING); // data on the GPU take buffers
    }
    model.dispose();
    for (const size of SIZES) {
      const data = toyExamples(size, size);
      const [padded, exact] = [await toy(), await toy()];
      const history = await padded.fit(data, { epochs: 3, sampleWeight: sampleWeight(size) });
      const wanted = await exact.fit(data, { epochs: 3, sampleWeight: sampleWeight(size), batchSize: size });
      expectClose([...history.loss, ...history.accuracy!], [...wanted.loss, ...wanted.accuracy!], `history of ${size}`);
      expectClose(await weightsOf(padded), await weightsOf(exact), `weights of ${size}`);
      padded.dispose();
      exact.dispose();
    }
  });

  test('ends with the bits of its options and data, whatever was prepared before', async () => {
    const data = toyExamples(9);
    const fresh = await toy();
    await fresh.fit(data, { epochs: 3 });
    const used = await toy();
    const weights = await used.getWeights();
    for (const size of [3, 24, 40]) {
      const { x, y } = toyExamples(size);
      await used.evaluate({ x, y });
      await used.predict(x);
      await used.inspect(x);
    }
    await used.setWeights(weights);
    await used.fit(data, { epochs: 3 });
    expect(await bits(used)).toEqual(await bits(fresh));
    fresh.dispose();
    used.dispose();
  });

  test('that would compute more than a thousand rows in vain has a step of the data’s own size', async () => {
    const data = toyExamples(8);
    const sizes = async (options: { epochs: number; batchSize: number }) => {
      const model = await toy();
      const before = compiled.pipelines();
      await model.fit(toyExamples(8), { ...options, epochs: 1, batchSize: 8 });
      const own = compiled.pipelines() - before;
      const again = await made(() => model.fit(data, options));
      model.dispose();
      expect(own).toBeGreaterThan(0);
      return again.pipelines === 0;
    };
    expect(await sizes({ epochs: 1, batchSize: 1_000_000 })).toBe(true); // as on data of 8
    expect(await sizes({ epochs: 60, batchSize: 32 })).toBe(true);
    expect(await sizes({ epochs: 2, batchSize: 32 })).toBe(false); // on 32 rows
  });
});

test('a number that is asked for again and again gets a step of its own, once a thousand rows were computed in vain', async () => {
  const model = await toy();
  await model.predict(toyExamples(512).x, { batchSize: 512 });
  const { x } = toyExamples(8);
  const first = await model.predict(x);
  const buffers: number[] = [];
  for (let i = 0; i < 6; i++) buffers.push((await made(() => model.predict(x))).buffers);
  expect(buffers.slice(0, 2)).toEqual([0, 0]); // 504 rows in vain, and as many each time
  expect(buffers[2]).toBeGreaterThan(0);
  expect(buffers.slice(3)).toEqual([0, 0, 0]);
  expectClose((await model.predict(x)).data, first.data, 'prediction');
  // The large step is kept for what is between.
  expect((await made(() => model.predict(toyExamples(100).x, { batchSize: 100 }))).pipelines).toBe(0);
  model.dispose();
});

test('numbers that change from call to call run on the prepared step for ever', async () => {
  const model = await toy();
  const train = (size: number) => {
    const { x, y } = toyExamples(size);
    return model.trainOnBatch(x, y);
  };
  await train(256);
  for (let i = 0; i < 6; i++) {
    for (const size of [256, 8, 9]) {
      const work = await made(() => train(size));
      expect({ ...work, buffers: 0 }, `round ${i}, ${size}`).toEqual(NOTHING); // every 10 s there is a snapshot
    }
  }
  model.dispose();
});

test('a dataset is never asked for more than batchSize examples at once, whatever was prepared', async () => {
  const { x, y } = toyExamples(50);
  let most = 0;
  const streamed: Dataset = {
    size: 50,
    xShape: [8, 8, 1],
    read(indices, into, labels) {
      most = Math.max(most, indices.length);
      indices.forEach((index, row) => {
        into.set(x.data.subarray(64 * index, 64 * index + 64), 64 * row);
        if (labels) labels[row] = y[index]!;
      });
    },
  };
  const model = await toy();
  const numbers = async (data: Dataset | { x: typeof x; y: typeof y }, batchSize: number) => [
    ...Object.values(await model.evaluate(data, { batchSize })),
    ...(await model.predict('y' in data ? data.x : (data as Dataset), { batchSize })).data,
  ];
  const wanted = await numbers({ x, y }, 40);
  expectClose(await numbers(streamed, 7), wanted, 'streamed');
  expect(most).toBe(7);
  // What lies in memory goes through the prepared step as it is.
  const work = await made(async () => expectClose(await numbers({ x, y }, 7), wanted, 'in memory'));
  expect(work).toEqual(NOTHING);
  model.dispose();
});

test('after the loss of a device the same steps serve the same numbers of examples: no bit changes', async () => {
  const end = async (lose: boolean) => {
    const own = await requestDevice();
    const model = await compiledToy({ device: own });
    await model.fit(toyExamples(16), { recovery: {} });
    const { x, y } = toyExamples(16);
    await model.trainOnBatch(x, y);
    await model.predict(toyExamples(16).x);
    await model.compiled.snapshots.update(); // which trainOnBatch takes every 10 s
    if (lose) own.gpu.destroy();
    const few = toyExamples(3);
    const prediction = [...(await model.predict(few.x)).data];
    await model.trainOnBatch(few.x, few.y);
    const all = { prediction, bits: await bits(model), evaluation: await model.evaluate(few) };
    model.compiled.device.destroy();
    model.dispose();
    own.destroy();
    return all;
  };
  expect(await end(true)).toEqual(await end(false));
});

test('under a memoryLimit a batch is divided as it would be alone, and batch-norm sees the same rows', async () => {
  const limited = () =>
    compiledToy({ device, optimizer: sgd({ learningRate: 0.1 }), tune: false, memoryLimit: 42_000 });
  const first = await toy();
  const weights = await first.getWeights();
  first.dispose();
  const ends = async (warm: number, size: number) => {
    const model = await limited();
    expect(model.plan({ batchSize: 64 }).microBatches!.count).toBeGreaterThan(1);
    for (const count of [warm, size]) {
      await model.setWeights(weights);
      const { x, y } = toyExamples(count);
      await model.trainOnBatch(x, y);
    }
    const all = { bits: await bits(model), weights: await weightsOf(model) };
    model.dispose();
    return all;
  };
  // More than a micro-batch of 64: a step of their own.
  expect((await ends(64, 60)).bits).toEqual((await ends(1, 60)).bits);
  expectClose((await ends(64, 3)).weights, (await ends(1, 3)).weights, 'few');
});
