/** `exampleGradients` and `tangentKernel`: against formulas by hand in double precision, and against finite differences. */
import { expect, test } from 'vitest';
import {
  ArgumentError,
  DataError,
  exampleGradients,
  type LayerSpec,
  layers,
  MemoryLimitError,
  ShapeError,
  StateError,
  sequential,
  sgd,
  tangentKernel,
} from '../../src/index.ts';
import { randomArray, randomStream } from '../support/arrays.ts';
import { countBuffers, testDevice } from '../support/device.ts';

const normal = { name: 'randomNormal', stddev: 1 } as const;
const tensor = (data: readonly number[], ...shape: number[]) => ({ data: Float32Array.from(data), shape });

async function compiled(specs: readonly LayerSpec[], more: object = {}) {
  const model = sequential(specs);
  await model.compile({ device: await testDevice(), ...more });
  return model;
}

const randomFloats = (shape: readonly number[], seed: number) =>
  Float32Array.from(randomArray(shape, randomStream(seed)).data);

/** f(x) = a relu(W x + b) / sqrt(m), of one number. */
const twoLayers = (width: number) => [
  layers.dense({
    inputShape: [1],
    units: width,
    activation: 'relu',
    kernelInitializer: normal,
    biasInitializer: normal,
  }),
  layers.dense({ units: 1, useBias: false, kernelInitializer: normal }),
  layers.rescaling({ scale: 1 / Math.sqrt(width) }),
];

test('a linear model: the gradients are the inputs', async () => {
  const model = await compiled([layers.dense({ inputShape: [3], units: 2 })]);
  const x = tensor([1, 2, 3, -4, 5, 6], 2, 3);
  // Columns: kernel [3, 2], bias [2].
  expect(await exampleGradients(model, x, { output: 1 })).toMatchObject(
    tensor([0, 1, 0, 2, 0, 3, 0, 1, 0, -4, 0, 5, 0, 6, 0, 1], 2, 8),
  );
  expect(await exampleGradients(model, x, { output: 0 })).toMatchObject(
    tensor([1, 0, 2, 0, 3, 0, 1, 0, -4, 0, 5, 0, 6, 0, 1, 0], 2, 8),
  );
  model.dispose();
});

test('two layers of width 4,096, and their tangent kernel, by hand in double precision', async () => {
  const m = 4096;
  const model = await compiled(twoLayers(m));
  const x = [-2, -1.2, -0.4, 0.4, 1.2, 2].map(Math.fround);
  const j = await exampleGradients(model, tensor(x, 6, 1));
  expect(j.shape).toEqual([6, 3 * m]);
  const [w, b, a] = (await model.getWeights()).map(({ data }) => data) as [Float32Array, Float32Array, Float32Array];
  const want = x.map((at) => {
    const row = new Float64Array(3 * m);
    for (let k = 0; k < m; k++) {
      const u = w[k]! * at + b[k]!;
      if (u <= 0) continue;
      row[k] = (a[k]! * at) / 64;
      row[m + k] = a[k]! / 64;
      row[2 * m + k] = u / 64;
    }
    return row;
  });
  let worst = 0;
  want.forEach((row, i) => {
    row.forEach((value, k) => {
      // A unit within rounding of its kink may be on or off.
      const unit = k % m;
      if (Math.abs(w[unit]! * x[i]! + b[unit]!) > 1e-6)
        worst = Math.max(worst, Math.abs(value - j.data[i * 3 * m + k]!));
    });
  });
  expect(worst).toBeLessThan(1e-7); // one product, in f32, of at most 0.2
  const k = tangentKernel(j);
  expect(k.shape).toEqual([6, 6]);
  want.forEach((p, i) => {
    want.forEach((q, l) => {
      const sum = p.reduce((total, value, at) => total + value * q[at]!, 0);
      expect(Math.abs(k.data[6 * i + l]! - sum)).toBeLessThan(1e-6 * Math.max(1, Math.abs(sum)));
      expect(k.data[6 * i + l]).toBe(k.data[6 * l + i]);
    });
  });
  model.dispose();
});

test('a convolutional network with batch-norm, against finite differences of predict', async () => {
  // Smooth, so that no kink lies between the two weights of a difference.
  const model = await compiled(
    [
      layers.conv2d({ inputShape: [6, 6, 2], filters: 4, kernelSize: 3, activation: 'tanh' }),
      layers.batchNormalization({ momentum: 0.5 }),
      layers.avgPool2d(),
      layers.flatten(),
      layers.dropout({ rate: 0.5 }),
      layers.dense({ units: 3 }),
    ],
    { loss: 'meanSquaredError' },
  );
  const n = 3;
  const x = { data: randomFloats([n, 6, 6, 2], 1), shape: [n, 6, 6, 2] };
  const y = { data: randomFloats([n, 3], 2), shape: [n, 3] };
  await model.fit({ x, y }, { epochs: 3 }); // moving averages are no longer their first values
  const output = 1;
  const j = await exampleGradients(model, x, { output });
  const weights = await model.getWeights();
  const trained = model.layers.flatMap(({ weights }) => weights.map(({ spec }) => spec.trainable));
  expect(trained).toEqual([true, true, true, true, false, false, true, true]);
  expect(j.shape).toEqual([n, 72 + 4 + 4 + 4 + 48 + 3]);
  const at = async (index: number, k: number, value: number) => {
    const changed = weights.map((weight) => ({ ...weight, data: weight.data.slice() }));
    changed[index]!.data[k] = value;
    await model.setWeights(changed);
    const { data } = await model.predict(x);
    return [0, 1, 2].map((row) => data[row * 3 + output]!);
  };
  let [column, largest] = [0, 0];
  for (const [index, { data }] of weights.entries()) {
    if (!trained[index]) continue;
    for (let k = 0; k < data.length; k += Math.ceil(data.length / 8)) {
      const [low, high] = [Math.fround(data[k]! - 2 ** -7), Math.fround(data[k]! + 2 ** -7)];
      const [below, above] = [await at(index, k, low), await at(index, k, high)];
      for (let row = 0; row < n; row++) {
        const slope = (above[row]! - below[row]!) / (high - low);
        const got = j.data[row * j.shape[1]! + column + k]!;
        // Outputs are off by about 1e-7, over 2^-6; the third derivative adds about 2^-14 / 6.
        expect(Math.abs(got - slope), `${weights[index]!.name}[${k}], row ${row}`).toBeLessThan(2e-4);
        largest = Math.max(largest, Math.abs(got));
      }
    }
    column += data.length;
  }
  expect(largest).toBeGreaterThan(0.1); // there is something to compare
  model.dispose();
});

test('their mean by the residuals is the gradient of a training step', async () => {
  const model = await compiled(twoLayers(32), { optimizer: sgd({ learningRate: 1 }), loss: 'meanSquaredError' });
  const n = 5;
  const x = { data: randomFloats([n, 1], 1), shape: [n, 1] };
  const y = randomFloats([n], 2);
  const [before, f, j] = [await model.getWeights(), await model.predict(x), await exampleGradients(model, x)];
  await model.trainOnBatch(x, y);
  const moved = (await model.getWeights()).flatMap(({ data }, i) => [...data].map((v, k) => before[i]!.data[k]! - v));
  moved.forEach((value, k) => {
    let want = 0;
    for (let i = 0; i < n; i++) want += ((2 * (f.data[i]! - y[i]!)) / n) * j.data[i * moved.length + k]!;
    expect(Math.abs(value - want)).toBeLessThan(2e-6);
  });
  model.dispose();
});

test('frozen layers have no columns', async () => {
  const model = await compiled([
    layers.dense({ inputShape: [2], units: 4, activation: 'tanh', trainable: false }),
    layers.dense({ units: 1 }),
  ]);
  expect((await exampleGradients(model, tensor([1, 2], 1, 2))).shape).toEqual([1, 5]);
  model.dispose();
});

test('the current weights count, and other numbers of examples', async () => {
  const model = await compiled([layers.dense({ inputShape: [1], units: 1 }), layers.dense({ units: 1 })]);
  const set = (w: number, v: number) =>
    model.setWeights([tensor([w], 1, 1), tensor([0], 1), tensor([v], 1, 1), tensor([0], 1)]);
  await set(2, 3);
  // f = v (w x + b) + c
  expect([...(await exampleGradients(model, tensor([1, 5], 2, 1))).data]).toEqual([3, 3, 2, 1, 15, 3, 10, 1]);
  await set(-1, 4);
  expect([...(await exampleGradients(model, tensor([2], 1, 1))).data]).toEqual([8, 4, -2, 1]);
  const many = await exampleGradients(model, tensor([1, 2, 3], 3, 1));
  expect([...many.data]).toEqual([4, 4, -1, 1, 8, 4, -2, 1, 12, 4, -3, 1]);
  model.dispose();
});

test('beside fit, and while other calls wait for their turn', async () => {
  const model = await compiled(twoLayers(16), { loss: 'meanSquaredError' });
  const x = tensor([-1, 0, 1, 2], 4, 1);
  const fit = model.fit({ x, y: [0, 1, 0, 1] }, { epochs: 30, batchSize: 4 });
  const results = await Promise.all([exampleGradients(model, x), model.predict(x), exampleGradients(model, x)]);
  expect(results.map(({ shape }) => shape)).toEqual([
    [4, 48],
    [4, 1],
    [4, 48],
  ]);
  await fit;
  model.dispose();
});

test('under a memory limit it takes fewer examples at once, with the same bits', async () => {
  const n = 64;
  const x = { data: randomFloats([n, 1], 1), shape: [n, 1] };
  const free = await compiled(twoLayers(256));
  const want = await exampleGradients(free, x);
  const limited = await compiled(twoLayers(256), { memoryLimit: 150_000 }); // 64 rows of 768 numbers are 196,608 bytes
  expect(await exampleGradients(limited, x)).toEqual(want);
  expect((await limited.predict(x)).shape).toEqual([n, 1]);
  expect(await exampleGradients(limited, x)).toEqual(want);
  const bytes = limited.compiled.memoryBudget;
  expect(bytes.free).toBeGreaterThan(0);
  free.dispose();
  limited.dispose();
});

test('a limit too small for a row', async () => {
  const error = await compiled(twoLayers(256), { memoryLimit: 20_000 }).then(
    (model) => exampleGradients(model, tensor([1], 1, 1)),
    (refused) => Promise.reject(refused),
  ).catch((refused: unknown) => refused); // biome-ignore format: short
  expect(error).toBeInstanceOf(MemoryLimitError);
});

test('dispose frees its buffers, also while it runs', async () => {
  const device = await testDevice();
  const counted = countBuffers(device.gpu);
  try {
    const model = await compiled(twoLayers(16));
    await exampleGradients(model, tensor([1, 2], 2, 1));
    const running = exampleGradients(model, tensor([1, 2, 3], 3, 1));
    model.dispose();
    await expect(running).rejects.toThrow(StateError);
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(counted.alive()).toBe(0);
  } finally {
    counted.restore();
  }
});

test('what it refuses', async () => {
  const model = await compiled([layers.dense({ inputShape: [2], units: 3 })]);
  const x = tensor([1, 2], 1, 2);
  const of = (given: unknown, options?: object, on: unknown = model) =>
    exampleGradients(on as never, given as never, options as never);
  await expect(of(x)).rejects.toThrow('the model has 3 outputs; choose one with { output: … }, from 0 to 2.');
  await expect(of(x, { output: 3 })).rejects.toThrow(ArgumentError);
  await expect(of(x, { output: -1 })).rejects.toThrow(ArgumentError);
  await expect(of(x, { class: 1 })).rejects.toThrow(ArgumentError);
  await expect(of(x, { output: 0 }, {})).rejects.toThrow(ArgumentError);
  await expect(of(tensor([1, 2, 3], 1, 3), { output: 0 })).rejects.toThrow(ShapeError);
  await expect(of(tensor([1, Number.NaN], 1, 2), { output: 0 })).rejects.toThrow(DataError);
  await expect(of(x, { output: 0 }, sequential([layers.dense({ inputShape: [2], units: 3 })]))).rejects.toThrow(
    StateError,
  );
  model.dispose();
  await expect(of(x, { output: 0 })).rejects.toThrow(StateError);
  const fixed = await compiled([layers.flatten({ inputShape: [2, 1] }), layers.rescaling({ scale: 2 })]);
  await expect(of(tensor([1, 2], 1, 2, 1), { output: 0 }, fixed)).rejects.toThrow('no weights that are trained');
  fixed.dispose();
});

test('kernels between other examples, and of gradients that do not fit', () => {
  const a = tensor([1, 2, 3, 4, 5, 6], 2, 3);
  const b = tensor([1, 0, -1], 1, 3);
  expect(tangentKernel(a)).toMatchObject({ data: Float64Array.of(14, 32, 32, 77), shape: [2, 2] });
  expect(tangentKernel(a, b)).toMatchObject({ data: Float64Array.of(-2, -2), shape: [2, 1] });
  expect(() => tangentKernel(a, tensor([1, 2], 1, 2))).toThrow(ShapeError);
  expect(() => tangentKernel({ data: a.data, shape: [6] })).toThrow(ShapeError);
  expect(() => tangentKernel(undefined as never)).toThrow(ArgumentError);
});
