/** The worked numbers of the course that the engine grew from. */
import { describe, expect, test } from 'vitest';
import { gaussian } from '../../demo/convolution/sweep/kernels.ts';
import { presets } from '../../src/brain/index.ts';
import { arange, conv2d, gradients, graph, plan, Session, sequential, type Tensor } from '../../src/index.ts';
import { add, biasAdd, matmul, relu, sigmoid, softmaxCrossEntropy, sum } from '../../src/ops/index.ts';
import { array64, expectClose, randomArray, randomStream } from '../support/arrays.ts';
import { testDevice } from '../support/device.ts';

async function evaluate(
  outputs: readonly Tensor[],
  feeds: readonly (readonly [Tensor, Float32Array | Int32Array])[],
  g = graph(),
) {
  const session = await Session.create(await testDevice(), plan(g, outputs));
  for (const [tensor, data] of feeds) session.write(tensor, data);
  session.run();
  const values = await Promise.all(outputs.map((output) => session.read(output)));
  session.destroy();
  return values;
}

describe('convolution', () => {
  /** Of one picture and one kernel, both square. */
  async function convolve(image: readonly number[], kernel: readonly number[], bias = 0): Promise<number[][]> {
    const [size, width] = [Math.sqrt(image.length), Math.sqrt(kernel.length)];
    const g = graph();
    const x = g.input('x', [1, size, size, 1]);
    const w = g.input('w', [width, width, 1, 1]);
    const b = g.input('b', [1]);
    const sums = biasAdd(conv2d(x, w), b);
    const values = await evaluate(
      [sums, relu(sums)],
      [
        [x, new Float32Array(image)],
        [w, new Float32Array(kernel)],
        [b, new Float32Array([bias])],
      ],
      g,
    );
    return values.map((numbers) => [...numbers]);
  }

  test("the slide's image and kernel: its feature map, 3 at [2, 1]", async () => {
    const image = [0, 1, 2, 3, 4, -5, -6, -7, -8, -9, 1, 2, 3, -2, 1, 4, 3, 2, 1, 0, -9, -8, -7, -6, -5];
    const [sums, map] = await convolve(image, [2, -1, -1, 2], 1);
    expect(map).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 3, 3, 9, 0, 0, 0, 0, 0]);
    expect(map![2 * 4 + 1]).toBe(2 * 2 + 3 * -1 + 3 * -1 + 2 * 2 + 1);
    expect(map).toEqual(sums!.map((value) => Math.max(0, value)));
    expect(sums!.filter((value) => value < 0)).toHaveLength(11);
  });

  test('Sobel of a ramp is 8 times its slope', async () => {
    const slope = 0.25;
    const ramp = Array.from({ length: 64 }, (_, i) => slope * (i % 8) + 3);
    const [x] = await convolve(ramp, [-1, 0, 1, -2, 0, 2, -1, 0, 1]);
    const [y] = await convolve(ramp, [-1, -2, -1, 0, 0, 0, 1, 2, 1]);
    expect(x).toEqual(Array(36).fill(8 * slope));
    expect(y).toEqual(Array(36).fill(0));
  });

  test('the blur of a constant is the constant', async () => {
    for (const sigma of [0.3, 1, 2]) {
      const [blurred] = await convolve(Array(81).fill(0.7), gaussian(5, sigma));
      expect(blurred).toHaveLength(25);
      for (const value of blurred!) expect(Math.abs(value - 0.7)).toBeLessThan(1e-6);
    }
  });
});

test("the slide's tensor: x[:, :, 0] of arange(24) in the shape 2, 3, 4", () => {
  const x = arange(24).reshape(2, 3, 4);
  const slice = x.slice(':, :, 0');
  expect([...slice.data]).toEqual([0, 4, 8, 12, 16, 20]);
  expect(slice.shape).toEqual([2, 3]);
  expect(String(slice)).toBe('[[ 0  4  8]\n [12 16 20]]');
  expect(String(x)).toBe(
    [
      '[[[ 0  1  2  3]',
      '  [ 4  5  6  7]',
      '  [ 8  9 10 11]]',
      '',
      ' [[12 13 14 15]',
      '  [16 17 18 19]',
      '  [20 21 22 23]]]',
    ].join('\n'),
  );
});

describe('presets', () => {
  const shapes = (name: keyof typeof presets) =>
    sequential(presets[name]()).layers.map(({ outputShape }) => outputShape);
  const params = (name: keyof typeof presets) =>
    sequential(presets[name]())
      .layers.map(({ weights }) => weights.reduce((n, { spec }) => n + spec.shape.reduce((a, b) => a * b, 1), 0))
      .filter((n) => n > 0);

  test('baseline: shapes and parameters', () => {
    expect(shapes('baseline')).toEqual([[124, 124, 32], [31, 31, 32], [30752], [2]]);
    expect(params('baseline')).toEqual([832, 61506]);
    expect(sequential(presets.baseline()).countParams()).toBe(62338);
  });

  test('second: shapes and parameters', () => {
    expect(shapes('second')).toEqual([[124, 124, 32], [31, 31, 32], [30, 30, 32], [7, 7, 32], [1568], [128], [2]]);
    expect(params('second')).toEqual([832, 4128, 200832, 258]);
    expect(sequential(presets.second()).countParams()).toBe(206050);
  });

  test('rgb: the baseline with three channels', () => {
    expect(params('rgb')).toEqual([5 * 5 * 3 * 32 + 32, 61506]);
  });

  test('improved: fewer parameters than the second by far', () => {
    expect(sequential(presets.improved()).countParams()).toBe(2074);
  });

  test('the summary is Keras’ table', () => {
    expect(sequential(presets.baseline()).summary()).toBe(
      [
        'Model: "sequential"',
        '___________________________________________________________',
        'Layer (type)               Output Shape           Param #',
        '===========================================================',
        'conv2d (Conv2D)            (None, 124, 124, 32)   832',
        'maxPool2d (MaxPooling2D)   (None, 31, 31, 32)     0',
        'flatten (Flatten)          (None, 30752)          0',
        'dense (Dense)              (None, 2)              61,506',
        '===========================================================',
        'Total params: 62,338',
        'Trainable params: 62,338',
        'Non-trainable params: 0',
        '___________________________________________________________',
      ].join('\n'),
    );
  });
});

describe('backpropagation', () => {
  test('dL/df = p - 1(y = k)', async () => {
    const logits = [3.2, 5.1, -1.7];
    const exps = logits.map(Math.exp);
    const p = exps.map((e) => e / exps.reduce((a, b) => a + b));
    const g = graph();
    const f = g.input('f', [1, 3]);
    const y = g.input('y', [1], 'i32');
    const loss = softmaxCrossEntropy(f, y);
    const [value, df] = await evaluate(
      [loss, ...gradients(loss, [f])],
      [
        [f, new Float32Array(logits)],
        [y, new Int32Array([0])],
      ],
      g,
    );
    const tolerance = { error: 1e-6, why: 'one exponential and one division in float32' };
    expectClose('loss', value!, array64([1], [-Math.log(p[0]!)]), { error: 1e-5, why: 'a logarithm in float32' });
    expectClose('dL/df', df!, array64([3], [p[0]! - 1, p[1]!, p[2]!]), tolerance);
  });

  test('two layers, by the formulas: dW2 = h^T (p - y), dW1 = x^T ((p - y) W2^T * h (1 - h))', async () => {
    const [n, inputs, hidden, classes] = [3, 4, 5, 2];
    const random = randomStream(7);
    const x = randomArray([n, inputs], random);
    const w1 = randomArray([inputs, hidden], random);
    const b1 = randomArray([hidden], random);
    const w2 = randomArray([hidden, classes], random);
    const labels = [0, 1, 1];

    const h = array64(
      [n, hidden],
      Array.from({ length: n * hidden }, (_, i) => {
        const [row, j] = [Math.floor(i / hidden), i % hidden];
        let z = b1.data[j]!;
        for (let k = 0; k < inputs; k++) z += x.data[row * inputs + k]! * w1.data[k * hidden + j]!;
        return 1 / (1 + Math.exp(-z));
      }),
    );
    const delta2 = array64(
      [n, classes],
      Array.from({ length: n * classes }, (_, i) => {
        const [row, c] = [Math.floor(i / classes), i % classes];
        const f = (k: number) =>
          Array.from({ length: hidden }, (_, j) => h.data[row * hidden + j]! * w2.data[j * classes + k]!).reduce(
            (a, b) => a + b,
          );
        return Math.exp(f(c)) / (Math.exp(f(0)) + Math.exp(f(1))) - (labels[row] === c ? 1 : 0);
      }),
    );
    const outer = (a: typeof h, b: typeof h) => {
      const [rows, columns] = [a.shape[1]!, b.shape[1]!];
      return array64(
        [rows, columns],
        Array.from({ length: rows * columns }, (_, i) =>
          labels.reduce(
            (s, _, r) => s + a.data[r * rows + Math.floor(i / columns)]! * b.data[r * columns + (i % columns)]!,
            0,
          ),
        ),
      );
    };
    const delta1 = array64(
      [n, hidden],
      Array.from(h.data, (value, i) => {
        const [row, j] = [Math.floor(i / hidden), i % hidden];
        const back = delta2.data[row * 2]! * w2.data[j * 2]! + delta2.data[row * 2 + 1]! * w2.data[j * 2 + 1]!;
        return back * value * (1 - value);
      }),
    );

    const g = graph();
    const [tx, t1, tb, t2] = [
      g.input('x', x.shape),
      g.input('w1', w1.shape),
      g.input('b1', [hidden]),
      g.input('w2', w2.shape),
    ];
    const ty = g.input('y', [n], 'i32');
    const loss = sum(softmaxCrossEntropy(matmul(sigmoid(add(matmul(tx, t1), tb)), t2), ty));
    const [d1, db, d2] = await evaluate(
      gradients(loss, [t1, tb, t2]),
      [
        [tx, Float32Array.from(x.data)],
        [t1, Float32Array.from(w1.data)],
        [tb, Float32Array.from(b1.data)],
        [t2, Float32Array.from(w2.data)],
        [ty, Int32Array.from(labels)],
      ],
      g,
    );
    const tolerance = { error: 1e-6, why: 'sums of at most five products in float32' };
    expectClose('dW2', d2!, outer(h, delta2), tolerance);
    expectClose('dW1', d1!, outer(x, delta1), tolerance);
    expectClose('db1', db!, outer(array64([n, 1], [1, 1, 1]), delta1), tolerance);
  });
});
