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
import {
  batchNormTrainingOffsetSpec,
  batchNormTrainingSpec,
  statistics,
} from '../../src/selftest/specs/batchNormTraining.ts';
import { type Array64, array64, expectClose, map, randomArray, randomStream, zeros } from '../support/arrays.ts';
import { checkOp } from '../support/checkOp.ts';
import { testDevice } from '../support/device.ts';

checkOp(batchNormTrainingSpec);
checkOp(batchNormTrainingOffsetSpec);

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
