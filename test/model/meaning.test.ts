/** What cannot be meant is refused at compile or at the call, in words that say what to write; what can be meant is taken. */
import { describe, expect, test } from 'vitest';
import { adam, DataError, type LayerSpec, layers, NeuriteError, sequential } from '../../src/index.ts';
import type { CompileOptions } from '../../src/nn/step/compileOptions.ts';
import { randomStream } from '../support/arrays.ts';
import { testDevice } from '../support/device.ts';

type Loss = NonNullable<CompileOptions['loss']>;

const compiled = async (specs: readonly LayerSpec[], options: CompileOptions) => {
  const model = sequential(specs);
  try {
    await model.compile({ device: await testDevice(), ...options });
    return model;
  } catch (error) {
    model.dispose();
    throw error;
  }
};
const failure = (run: () => Promise<unknown>): Promise<NeuriteError | undefined> =>
  run().then(
    () => undefined,
    (error: NeuriteError) => error,
  );

const { dense, activation, flatten, reshape, dropout, maxPool2d, avgPool2d, globalAvgPool2d, conv2d, upSampling2d } =
  layers;
const vector = (units: number, name?: string): LayerSpec =>
  dense({ inputShape: [4], units, activation: name as never });
const image = (filters: number, name?: string): LayerSpec =>
  conv2d({ inputShape: [4, 4, 1], filters, kernelSize: 1, activation: name as never });

const CATEGORICAL = ['sparseCategoricalCrossentropy', 'categoricalCrossentropy'] as const;

describe('layers before a loss that takes logits', () => {
  const refused: readonly [string, readonly LayerSpec[], readonly Loss[], RegExp][] = [
    ['softmax', [vector(3, 'softmax')], CATEGORICAL, /'dense'.*softmax.*linear/],
    ['log-softmax', [vector(3, 'logSoftmax')], CATEGORICAL, /'dense'.*logSoftmax.*linear/],
    ['sigmoid', [vector(3, 'sigmoid')], CATEGORICAL, /'dense'.*sigmoid.*linear.*binaryCrossentropy/],
    ['sigmoid', [vector(1, 'sigmoid')], ['binaryCrossentropy'], /'dense'.*sigmoid.*linear/],
    ['softmax', [vector(2, 'softmax')], ['binaryCrossentropy'], /'dense'.*softmax.*linear.*categoricalCrossentropy/],
    ['log-softmax', [vector(2, 'logSoftmax')], ['binaryCrossentropy'], /'dense'.*logSoftmax/],
    // Logits that are never below 0 cannot tell one of the two classes.
    ['relu', [vector(1, 'relu')], ['binaryCrossentropy'], /'dense'.*relu.*linear/],
    ['softplus', [vector(1, 'softplus')], ['binaryCrossentropy'], /'dense'.*softplus.*linear/],
    ['a layer of its own', [vector(3), activation({ activation: 'softmax' })], CATEGORICAL, /'activation'.*softmax/],
    ['then flatten', [image(2, 'softmax'), flatten()], CATEGORICAL, /'conv2d'.*softmax/],
    ['then flatten', [image(2, 'sigmoid'), flatten()], ['binaryCrossentropy'], /'conv2d'.*sigmoid/],
    ['then reshape', [vector(4, 'softmax'), reshape({ targetShape: [4] })], CATEGORICAL, /'dense'.*softmax/],
    ['then dropout', [vector(3, 'softmax'), dropout({ rate: 0.5 })], CATEGORICAL, /'dense'.*softmax/],
    ['then a mean', [image(3, 'softmax'), globalAvgPool2d()], CATEGORICAL, /'conv2d'.*softmax/],
    ['then pools', [image(3, 'softmax'), maxPool2d(), avgPool2d(), flatten()], CATEGORICAL, /'conv2d'.*softmax/],
    ['then larger images', [image(3, 'softmax'), upSampling2d(), globalAvgPool2d()], CATEGORICAL, /'conv2d'.*softmax/],
    [
      'then nothing, twice',
      [vector(3, 'softmax'), activation({ activation: 'linear' }), dropout({ rate: 0 })],
      CATEGORICAL,
      /'dense'.*softmax/,
    ],
    ['then relu', [vector(3, 'softmax'), activation({ activation: 'relu' })], CATEGORICAL, /'dense'.*softmax/],
    ['then elu', [vector(3, 'softmax'), activation({ activation: 'elu' })], CATEGORICAL, /'dense'.*softmax/],
    [
      'then leakyRelu',
      [vector(3, 'softmax'), activation({ activation: 'leakyRelu' })],
      CATEGORICAL,
      /'dense'.*softmax/,
    ],
    ['log-softmax', [vector(3, 'logSoftmax')], CATEGORICAL, /softmax\(logSoftmax\(z\)\) is softmax\(z\)/],
    ['softmax of one', [vector(1, 'softmax'), dense({ units: 3 })], CATEGORICAL, /'dense': softmax of a single output/],
    ['one output', [vector(1)], CATEGORICAL, /two .*classes.*binaryCrossentropy/],
  ];
  test.each(
    refused.flatMap(([why, specs, losses, message]) => losses.map((loss) => [why, loss, specs, message] as const)),
  )('%s with %s is refused', async (_, loss, specs, message) => {
    const error = await failure(() => compiled(specs, { loss }));
    expect(error).toBeInstanceOf(NeuriteError);
    expect(error!.message).toMatch(/^compile: /);
    expect(error!.message).toMatch(message);
  });

  const taken: readonly [string, readonly LayerSpec[], Loss][] = [
    ['softmax inside', [vector(3, 'softmax'), dense({ units: 3 })], 'categoricalCrossentropy'],
    ['sigmoid inside, then flatten', [image(2, 'sigmoid'), flatten(), dense({ units: 1 })], 'binaryCrossentropy'],
    ['relu inside', [image(2, 'relu'), maxPool2d(), flatten(), dense({ units: 1 })], 'binaryCrossentropy'],
    ['a mean of logits', [image(3), globalAvgPool2d()], 'sparseCategoricalCrossentropy'],
    ['tanh', [vector(1, 'tanh')], 'binaryCrossentropy'],
    ['relu of several classes', [vector(3, 'relu')], 'categoricalCrossentropy'],
    ['sigmoid', [vector(1, 'sigmoid')], 'meanSquaredError'],
    ['softmax, then flatten', [image(2, 'softmax'), flatten()], 'meanAbsoluteError'],
    ['one output', [vector(1)], 'binaryCrossentropy'],
  ];
  test.each(taken)('%s is taken', async (_, specs, loss) => {
    (await compiled(specs, { loss })).dispose();
  });
});

describe('metrics', () => {
  test('beside a loss on logits they are of probabilities', async () => {
    const random = randomStream(5);
    const draw = (count: number) => Float32Array.from({ length: count }, () => 4 * random() - 2);
    const x = { data: draw(7 * 4), shape: [7, 4] };
    const metrics = ['meanSquaredError', 'meanAbsoluteError'] as const;
    const cases: readonly [Loss, number, (z: number[]) => number[]][] = [
      ['binaryCrossentropy', 1, (z) => z.map((v) => 1 / (1 + Math.exp(-v)))],
      ['binaryCrossentropy', 3, (z) => z.map((v) => 1 / (1 + Math.exp(-v)))],
      ['categoricalCrossentropy', 3, (z) => z.map((v) => Math.exp(v) / z.reduce((sum, w) => sum + Math.exp(w), 0))],
      // Here there are no probabilities.
      ['meanSquaredError', 3, (z) => z],
    ];
    for (const [loss, units, probabilities] of cases) {
      const model = await compiled([vector(units)], { loss, metrics });
      const y = Float32Array.from({ length: 7 * units }, (_, i) => Number(i % units === (i >> 2) % units));
      const data = { x, y: { data: y, shape: [7, units] } };
      const { data: z } = await model.predict(x);
      const errors = Array.from({ length: 7 }, (_, row) => {
        const p = probabilities([...z.subarray(row * units, (row + 1) * units)]);
        return p.map((v, k) => v - y[row * units + k]!);
      }).flat();
      const mean = (f: (e: number) => number) => errors.reduce((sum, e) => sum + f(e), 0) / errors.length;
      for (const logs of [await model.evaluate(data), await model.trainOnBatch(x, data.y)]) {
        // Sums of 21 numbers of about 1, each with an exponential, in float32.
        expect(logs.meanSquaredError, `${loss} of ${units}`).toBeCloseTo(
          mean((e) => e * e),
          5,
        );
        expect(logs.meanAbsoluteError, `${loss} of ${units}`).toBeCloseTo(mean(Math.abs), 5);
      }
      model.dispose();
    }
  });

  test.each<[string, Loss, number, unknown[], RegExp]>([
    ['one twice', 'meanSquaredError', 1, ['meanAbsoluteError', 'meanAbsoluteError'], /'meanAbsoluteError'.*twice/],
    ['distances of class numbers', 'sparseCategoricalCrossentropy', 3, ['meanSquaredError'], /meanSquaredError/],
    ['accuracy of distances', 'meanAbsoluteError', 1, ['accuracy'], /accuracy has no meaning/],
    ['accuracy of several labels', 'binaryCrossentropy', 3, ['accuracy'], /one output a row/],
    ['a misspelt name', 'binaryCrossentropy', 1, ['acuracy'], /Did you mean 'accuracy'/],
    ['a short name twice', 'meanAbsoluteError', 1, ['mse', 'meanSquaredError'], /'meanSquaredError'.*twice/],
    ["a loss's name", 'binaryCrossentropy', 1, ['binaryCrossentropy'], /'binaryCrossentropy'.* does not exist/],
    ['a function', 'binaryCrossentropy', 1, [() => 1], /a function/],
  ])('%s is refused', async (_, loss, units, metrics, message) => {
    const error = await failure(() => compiled([vector(units)], { loss, metrics: metrics as never }));
    expect(error).toBeInstanceOf(NeuriteError);
    expect(error!.message).toMatch(/^compile: metrics/);
    expect(error!.message).toMatch(message);
  });
});

describe('class weights', () => {
  const x = { data: new Float32Array(6 * 4).fill(1), shape: [6, 4] };
  const rowsOf = (...rows: number[][]) => ({
    data: Float32Array.from(rows.flat()),
    shape: [rows.length, rows[0]!.length],
  });
  const ONE_HOT = [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0.9, 0.05, 0.05], [0, 0, 2], [0.2, 0.5, 0.3]]; // biome-ignore format: rows
  const dataset = ({ data, shape }: ReturnType<typeof rowsOf>) => ({
    size: shape[0]!,
    xShape: [4],
    read(indices: Uint32Array, xs: Float32Array, ys?: Float32Array | Int32Array) {
      xs.fill(1);
      const width = shape[1]!;
      for (const [i, row] of indices.entries()) ys?.set(data.subarray(row * width, (row + 1) * width), i * width);
    },
  });

  test('rows of one class each are taken', async () => {
    const model = await compiled([vector(3)], { loss: 'categoricalCrossentropy' });
    for (const data of [{ x, y: rowsOf(...ONE_HOT) }, dataset(rowsOf(...ONE_HOT))]) {
      await model.fit(data, { classWeight: { 0: 2, 2: 0.5 }, batchSize: 4 });
    }
    model.dispose();
  });

  test.each([
    ['several ones', [1, 0, 1]],
    ['no one', [0, 0, 0]],
    ['equal parts', [0.5, 0.5, 0]],
  ])('a row with %s is refused, and named', async (_, row) => {
    const model = await compiled([vector(3)], { loss: 'categoricalCrossentropy' });
    const y = rowsOf(...ONE_HOT.map((good, i) => (i === 4 ? row : good)));
    for (const data of [{ x, y }, dataset(y)]) {
      const error = await failure(() => model.fit(data, { classWeight: { 0: 2 }, batchSize: 4, shuffle: false }));
      expect(error).toBeInstanceOf(DataError);
      expect(error!.message).toMatch(/classWeight.*example 4.*(one|single) class.*sampleWeight/);
      // Without class weights such rows are targets like others.
      await model.fit(data, { batchSize: 4 });
    }
    model.dispose();
  });

  test('labels of binaryCrossentropy that do not exclude one another have no class', async () => {
    const model = await compiled([vector(3)], { loss: 'binaryCrossentropy' });
    const error = await failure(() => model.fit({ x, y: rowsOf(...ONE_HOT.map((r) => r.map(Math.round).map((v) => Math.min(v, 1)))) }, { classWeight: { 0: 2 } })); // biome-ignore format: one call
    expect(error).toBeInstanceOf(NeuriteError);
    expect(error!.message).toMatch(/^fit: .*classWeight.*sampleWeight/);
    model.dispose();
  });
});

describe('targets of the wrong kind', () => {
  const x = { data: new Float32Array(3 * 4), shape: [3, 4] };
  test.each<[string, Loss, number, unknown, RegExp]>([
    ['class numbers', 'categoricalCrossentropy', 3, [0, 1, 2], /class indices go with sparseCategoricalCrossentropy/],
    ['class numbers', 'categoricalCrossentropy', 3, Int32Array.of(0, 1, 2), /sparseCategoricalCrossentropy/],
    ['texts', 'sparseCategoricalCrossentropy', 3, ['cat', 'dog', 'cat'], /y must be numbers, got 'cat'/],
    ['truths', 'sparseCategoricalCrossentropy', 3, [true, false, true], /y must be numbers, got true/],
    [
      '64-bit integers',
      'sparseCategoricalCrossentropy',
      3,
      BigInt64Array.of(0n, 1n, 2n),
      /^y must be .*got a BigInt64Array of length 3\. Write .*from\(y, Number\)/,
    ],
    [
      '64-bit integers',
      'binaryCrossentropy',
      1,
      { data: BigInt64Array.of(0n, 1n, 1n), shape: [3, 1] },
      /^y must be .*BigInt64Array.*from\(y\.data, Number\)/,
    ],
    ['a list of rows of two', 'categoricalCrossentropy', 3, [[1, 0], [0, 1], [0, 1]], /takes targets of shape \[n, 3\], y has \[3, 2\]/], // biome-ignore format: rows
    [
      'a list of rows of texts',
      'categoricalCrossentropy',
      3,
      [['1', '0', '0']],
      /^y.*'1', which is no number.*Number\('1'\)/,
    ],
    ['a text', 'binaryCrossentropy', 1, 'labels', /^y must be .*, got 'labels'/],
    ['a Promise', 'binaryCrossentropy', 1, Promise.resolve([0, 1, 1]), /^y must be .* Promise.*await/],
    [
      'data of names',
      'binaryCrossentropy',
      1,
      { data: ['cat', 'dog', 'cat'], shape: [3] },
      /^y\.data: .*'cat', which is no number/,
    ],
    ['a class number too high', 'binaryCrossentropy', 1, [0, 1, 2], /value 2 in example 2.*from 0 to 1/],
  ])('%s for %s', async (_, loss, units, y, message) => {
    const model = await compiled([vector(units)], { loss });
    for (const call of [
      () => model.fit({ x, y } as never),
      () => model.evaluate({ x, y } as never),
      () => model.trainOnBatch(x, y as never),
    ]) {
      // biome-ignore format: calls
      const error = await failure(call);
      expect(error, `${call}`).toBeInstanceOf(NeuriteError);
      expect(error!.message).toMatch(message);
    }
    model.dispose();
  });
});

test('arguments of compile and of calls without options in the wrong place: the message says what to write', async () => {
  // biome-ignore lint/suspicious/noExplicitAny: plain JavaScript passes anything
  const js = (model: unknown) => model as any;
  const loss = 'sparseCategoricalCrossentropy';
  const wrong: readonly [object, RegExp][] = [
    [{ loss, metrics: ['meanSquaredError'] }, /meanSquaredError needs targets of the shape of the prediction/],
    [{ loss, metrics: { accuracy: true } }, /metrics must be a list, got \{"accuracy":true\}/],
    [{ loss, optimizer: 'Adam' }, /got 'Adam'\. Did you mean 'adam'/],
    [{ loss, optimizer: adam }, /got a function\. If it makes what is wanted, call it/],
  ];
  for (const [options, message] of wrong) {
    expect((await failure(() => js(compiled)([vector(3)], options)))!.message).toMatch(message);
  }
  const model = sequential([vector(3)]);
  expect((await failure(() => js(model).compile(adam(), 'meanSquaredError')))!.message).toMatch(/it takes one object/);
  expect((await failure(() => js(model).save({ foo: 1 })))!.message).toMatch(/^save: address must be a text.*"foo":1/);
  for (const call of ['inspect', 'profile', 'getWeights']) {
    const args = call === 'inspect' ? [{ data: new Float32Array(4), shape: [1, 4] }] : [];
    const error = await failure(() => js(model)[call](...args, { foo: 1 }));
    expect(error!.message).toMatch(new RegExp(`^${call} takes no options.*"foo":1`));
  }
});
