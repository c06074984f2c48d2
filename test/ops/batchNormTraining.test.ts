import { describe, expect, test } from 'vitest';
import {
  ArgumentError,
  batchNormTraining,
  gradients,
  graph,
  mean,
  plan,
  Session,
  ShapeError,
} from '../../src/index.ts';
import { type Array64, array64, expectClose, map, randomArray, randomStream, zeros } from '../support/arrays.ts';
import { checkOp, type OpCase, type OpSpec } from '../support/checkOp.ts';
import { testDevice } from '../support/device.ts';

interface Params {
  /** Entries of axis 0 that count. */
  readonly rows: number;
  readonly epsilon?: number;
  /** Mean of x, default 0. */
  readonly offset?: number;
}

/** x as [values, c] and how many of the values count. */
function view(x: Array64, rows: number): { c: number; values: number } {
  const c = x.shape[x.shape.length - 1]!;
  return { c, values: (Math.min(rows, x.shape[0]!) * x.data.length) / (x.shape[0]! * c) };
}

function statistics(x: Array64, rows: number): { mean: Float64Array; variance: Float64Array } {
  const { c, values } = view(x, rows);
  const mean = new Float64Array(c);
  const variance = new Float64Array(c);
  for (let p = 0; p < values; p++) for (let k = 0; k < c; k++) mean[k]! += x.data[p * c + k]! / values;
  for (let p = 0; p < values; p++) {
    for (let k = 0; k < c; k++) variance[k]! += (x.data[p * c + k]! - mean[k]!) ** 2 / values;
  }
  return { mean, variance };
}

function normalized(x: Array64, { rows, epsilon = 1e-3 }: Params): { xhat: Array64; inverse: Float64Array } {
  const { c, values } = view(x, rows);
  const { mean, variance } = statistics(x, rows);
  const inverse = variance.map((v) => 1 / Math.sqrt(v + epsilon));
  const xhat = map(x, (v, i) => (i < values * c ? (v - mean[i % c]!) * inverse[i % c]! : 0));
  return { xhat, inverse };
}

function forward([x, gamma, beta]: readonly Array64[], params: Params): Array64 {
  const { c, values } = view(x!, params.rows);
  const { xhat } = normalized(x!, params);
  return map(xhat, (v, i) => (i < values * c ? v * gamma!.data[i % c]! + beta!.data[i % c]! : 0));
}

function backward([x, gamma]: readonly Array64[], dy: Array64, params: Params): (Array64 | undefined)[] {
  const { c, values } = view(x!, params.rows);
  const { xhat, inverse } = normalized(x!, params);
  const dgamma = zeros([c]);
  const dbeta = zeros([c]);
  for (let i = 0; i < values * c; i++) {
    dgamma.data[i % c]! += dy.data[i]! * xhat.data[i]!;
    dbeta.data[i % c]! += dy.data[i]!;
  }
  const dx = map(dy, (d, i) => {
    const k = i % c;
    if (i >= values * c) return 0;
    const centred = d - dbeta.data[k]! / values - (xhat.data[i]! * dgamma.data[k]!) / values;
    return gamma!.data[k]! * inverse[k]! * centred;
  });
  return [dx, dgamma, dbeta, undefined];
}

const spec: Omit<OpSpec<Params>, 'name' | 'cases' | 'tolerance'> = {
  dtypes: ['f32', 'f32', 'f32', 'u32'],
  inputs: ([x, gamma, beta], random, { rows, offset = 0 }) => [
    map(randomArray(x!, random), (v) => Math.fround(2 * v + offset)),
    randomArray(gamma!, random),
    randomArray(beta!, random),
    array64([1], [rows]),
  ],
  build: ([x, gamma, beta, rows], { epsilon }) =>
    batchNormTraining(x!, gamma!, beta!, rows!, epsilon === undefined ? {} : { epsilon }).y,
  forward,
  backward,
  oracle: (tf, [x, gamma, beta], { rows, epsilon = 1e-3 }) => {
    const [n, ...rest] = x!.shape as [number, ...number[]];
    const valid = Math.min(rows, n);
    const slice = tf.slice(x!, 0, valid);
    const { mean, variance } = tf.moments(
      slice,
      x!.shape.slice(0, -1).map((_, axis) => axis),
    );
    const xhat = tf.div(tf.sub(slice, mean), tf.sqrt(tf.add(variance, epsilon)));
    const y = tf.add(tf.mul(xhat, gamma!), beta!);
    return valid === n ? y : tf.concat([y, tf.zeros([n - valid, ...rest])], 0);
  },
};

const opCase = (why: string, x: readonly number[], params: Params): OpCase<Params> => {
  const c = x[x.length - 1]!;
  return { why, shapes: [x, [c], [c], [1]], params };
};

checkOp<Params>({
  ...spec,
  name: 'batchNormTraining',
  cases: [
    opCase('one value: variance 0', [1, 1], { rows: 1 }),
    opCase('dense, one channel, partial vec4', [7, 1], { rows: 7 }),
    opCase('dense, three channels, partial batch', [9, 3], { rows: 5 }),
    opCase('dense, five channels, one row counts', [6, 5], { rows: 1 }),
    opCase('dense, two channels: groups of two vec4s at most', [11, 2], { rows: 10 }),
    opCase('dense, 33 channels', [5, 33], { rows: 4 }),
    opCase('images, one channel', [3, 5, 7, 1], { rows: 2 }),
    opCase('images, three channels, the batch ends inside a vec4', [3, 5, 7, 3], { rows: 1 }),
    opCase('images, five channels, non-square', [4, 3, 5, 5], { rows: 3 }),
    opCase('images, 6 channels', [3, 3, 5, 6], { rows: 3 }),
    opCase('images, 16 channels', [2, 9, 7, 16], { rows: 2 }),
    opCase('images, 33 channels', [3, 2, 3, 33], { rows: 2 }),
    opCase('more rows than there are', [3, 2, 3, 4], { rows: 9 }),
    opCase('another epsilon', [5, 2, 3, 4], { rows: 5, epsilon: 0.5 }),
    opCase('tiles of more than one group', [3, 62, 61, 4], { rows: 2 }),
    opCase('many chunks, partial last one, more channels than a workgroup', [301, 130], { rows: 300 }),
  ],
  tolerance: {
    forward: { error: 3e-6, why: 'sums in float32 and one division' },
    backward: { error: 2e-5, why: 'sums of some thousand terms in float32' },
  },
});

checkOp<Params>({
  ...spec,
  name: 'batchNormTraining, mean 1000 and standard deviation about 1',
  cases: [
    opCase('dense', [65, 3], { rows: 64, offset: 1000 }),
    opCase('images', [3, 21, 19, 5], { rows: 2, offset: 1000 }),
  ],
  tolerance: {
    forward: { error: 6e-5, why: 'the mean rounded to float32 is off by up to 3e-5 of a standard deviation' },
    backward: { error: 2e-4, why: 'so is each xhat, in sums of some hundred terms' },
  },
});

/** Runs the op forward and returns its three outputs. */
async function run(
  x: Array64,
  rows: number,
): Promise<{ y: ArrayLike<number>; mean: Float32Array; variance: Float32Array }> {
  const g = graph();
  const c = x.shape[x.shape.length - 1]!;
  const input = g.input('x', x.shape);
  const gamma = g.input('gamma', [c]);
  const beta = g.input('beta', [c]);
  const count = g.input('rows', [1], 'u32');
  const outputs = batchNormTraining(input, gamma, beta, count);
  const session = await Session.create(await testDevice(), plan(g, [outputs.y, outputs.mean, outputs.variance]));
  try {
    session.write(input, Float32Array.from(x.data));
    session.write(gamma, new Float32Array(c).fill(1));
    session.write(beta, new Float32Array(c));
    session.write(count, Uint32Array.of(rows));
    session.run();
    return {
      y: await session.read(outputs.y),
      mean: (await session.read(outputs.mean)) as Float32Array,
      variance: (await session.read(outputs.variance)) as Float32Array,
    };
  } finally {
    session.destroy();
  }
}

describe('batchNormTraining: mean and variance', () => {
  test.each([
    { why: 'partial batch', shape: [7, 5, 3, 3], rows: 5, offset: 0 },
    { why: '33 channels', shape: [3, 9, 7, 33], rows: 3, offset: 0 },
    { why: 'large mean', shape: [8, 31, 29, 3], rows: 7, offset: 1000 },
    { why: 'very large mean', shape: [8, 31, 29, 3], rows: 8, offset: -16384 },
  ])('$why: $shape, $rows rows, mean $offset', async ({ shape, rows, offset }) => {
    const random = randomStream(5);
    const x = map(randomArray(shape, random), (v) => Math.fround(1.6 * v + offset));
    const want = statistics(x, rows);
    const got = await run(x, rows);
    const c = want.mean.length;
    expectClose('mean', got.mean, array64([c], want.mean), {
      error: 5e-7,
      why: 'sums of differences, then rounded to float32, whatever the size of the mean',
    });
    expectClose('variance', got.variance, array64([c], want.variance), {
      error: 2e-6,
      why: 'sums of differences alone, so the size of the mean does not matter',
    });
  });

  test('an outlier as the first value, which the sums are shifted by', async () => {
    const random = randomStream(6);
    const x = map(randomArray([64, 9, 9, 2], random), (v, i) => (i < 2 ? 1e4 : v));
    const want = statistics(x, 64);
    const got = await run(x, 64);
    for (let k = 0; k < 2; k++) {
      expect(Math.abs(got.mean[k]! - want.mean[k]!) / Math.sqrt(want.variance[k]!)).toBeLessThan(1e-6);
      expect(Math.abs(got.variance[k]! / want.variance[k]! - 1)).toBeLessThan(1e-6);
    }
  });

  test('a constant channel has variance 0 exactly', async () => {
    const { mean, variance, y } = await run(
      map(zeros([5, 7, 3, 3]), () => Math.fround(0.1)),
      4,
    );
    expect([...variance]).toEqual([0, 0, 0]);
    expect([...mean]).toEqual(new Array(3).fill(Math.fround(0.1)));
    expect(Math.max(...Array.from(y))).toBe(0);
  });

  test('no rows: finite numbers', async () => {
    const { mean, variance, y } = await run(
      map(zeros([2, 3]), () => 7),
      0,
    );
    expect([...mean, ...variance, ...Array.from(y)]).toEqual(new Array(12).fill(0));
  });

  test('padding may hold anything, NaN too', async () => {
    const random = randomStream(7);
    const x = map(randomArray([5, 3, 3, 3], random), (v, i) => (i < 3 * 27 ? v : Number.NaN));
    const { mean, variance, y } = await run(x, 3);
    expect([...mean, ...variance, ...Array.from(y)].every(Number.isFinite)).toBe(true);
  });

  test('the same bits each time', async () => {
    const x = randomArray([8, 31, 29, 5], randomStream(8));
    expect(await run(x, 7)).toEqual(await run(x, 7));
  });
});

test('batchNormTraining: refuses what does not fit', () => {
  const g = graph();
  const x = g.input('x', [4, 2, 2, 3]);
  const c = g.input('c', [3]);
  const rows = g.input('rows', [1], 'u32');
  expect(() => batchNormTraining(x, g.input('two', [2]), c, rows)).toThrow(ShapeError);
  expect(() => batchNormTraining(x, c, g.input('one', [1]), rows)).toThrow(ShapeError);
  expect(() => batchNormTraining(x, c, c, g.input('f', [1]))).toThrow(ShapeError);
  expect(() => batchNormTraining(x, c, c, g.input('rows2', [2], 'u32'))).toThrow(ShapeError);
  expect(() => batchNormTraining(g.input('flat', [3]), c, c, rows)).toThrow(ShapeError);
  expect(() => batchNormTraining(g.input('i', [4, 3], 'i32'), c, c, rows)).toThrow(ShapeError);
  expect(() => batchNormTraining(x, c, c, rows, { epsilon: 0 })).toThrow(ArgumentError);
  // A gradient that is not there must not silently be a part of one.
  const norm = batchNormTraining(x, c, c, rows);
  expect(() => gradients(mean(norm.variance), [x])).toThrow(ArgumentError);
});
