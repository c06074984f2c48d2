import { describe, expect, test } from 'vitest';
import { graph, type MatmulOptions, matmul, ShapeError } from '../../src/index.ts';
import { matmulSplits } from '../../src/ops/matmul.ts';
import { type Array64, zeros } from '../support/arrays.ts';
import { checkOp } from '../support/checkOp.ts';
import { runOnce } from '../support/session.ts';

const sizes: readonly { why: string; m: number; k: number; n: number }[] = [
  { why: 'one element', m: 1, k: 1, n: 1 },
  { why: 'whole tiles', m: 8, k: 4, n: 12 },
  { why: 'odd sizes, parts of tiles', m: 5, k: 7, n: 3 },
  { why: 'one row, as when predicting one image', m: 1, k: 33, n: 10 },
  { why: 'partial workgroup', m: 33, k: 9, n: 65 },
  { why: 'long k in parts, a rest of k', m: 3, k: 1031, n: 2 },
  { why: 'long k in parts, vec4s', m: 8, k: 320, n: 5 },
];

const orders: readonly { transposeA: boolean; transposeB: boolean }[] = [
  { transposeA: false, transposeB: false },
  { transposeA: true, transposeB: false },
  { transposeA: false, transposeB: true },
  { transposeA: true, transposeB: true },
];

/** Shapes of a and b as they are stored. */
function stored({ m, k, n }: { m: number; k: number; n: number }, { transposeA, transposeB }: MatmulOptions) {
  return [transposeA ? [k, m] : [m, k], transposeB ? [n, k] : [k, n]] as const;
}

/** Calls `visit` with flat indices into a, b and y for each product of the sum. */
function products(
  [a, b]: readonly Array64[],
  { transposeA, transposeB }: MatmulOptions,
  visit: (ia: number, ib: number, iy: number) => void,
): readonly number[] {
  const [m, k] = transposeA ? [a!.shape[1]!, a!.shape[0]!] : [a!.shape[0]!, a!.shape[1]!];
  const n = transposeB ? b!.shape[0]! : b!.shape[1]!;
  for (let i = 0; i < m; i++) {
    for (let j = 0; j < n; j++) {
      for (let l = 0; l < k; l++)
        visit(transposeA ? l * m + i : i * k + l, transposeB ? j * k + l : l * n + j, i * n + j);
    }
  }
  return [m, n];
}

checkOp<MatmulOptions>({
  name: 'matmul',
  cases: sizes.flatMap((size) =>
    orders.flatMap((order) =>
      (size.k < 100 ? (['tiled', 'plain'] as const) : (['tiled'] as const)).map((kernel) => ({
        why: size.why,
        shapes: stored(size, order),
        params: { ...order, kernel },
      })),
    ),
  ),
  build: ([a, b], params) => matmul(a!, b!, params),
  forward: (inputs, params) => {
    const [a, b] = inputs as [Array64, Array64];
    const y = zeros(products(inputs, params, () => {}));
    products(inputs, params, (ia, ib, iy) => {
      y.data[iy]! += a.data[ia]! * b.data[ib]!;
    });
    return y;
  },
  backward: (inputs, dy, params) => {
    const [a, b] = inputs as [Array64, Array64];
    const [da, db] = [zeros(a.shape), zeros(b.shape)];
    products(inputs, params, (ia, ib, iy) => {
      da.data[ia]! += b.data[ib]! * dy.data[iy]!;
      db.data[ib]! += a.data[ia]! * dy.data[iy]!;
    });
    return [da, db];
  },
  oracle: (tf, [a, b], { transposeA, transposeB }) => tf.matMul(a!, b!, transposeA, transposeB),
  tolerance: {
    forward: { error: 4e-6, why: 'up to 1031 products, in parts of 64' },
    backward: { error: 2e-6, why: 'up to 65 products' },
  },
});

describe.each(orders)('matmul %o', (order) => {
  test.each(['tiled', 'plain'] as const)('a NaN or an infinity reaches its own row only (%s)', async (kernel) => {
    const size = { m: 5, k: 7, n: 3 };
    const [shapeA, shapeB] = stored(size, order);
    const g = graph();
    const a = g.input('a', shapeA);
    const b = g.input('b', shapeB);
    const valuesA = new Array<number>(35).fill(1);
    // The last row and the last k are the ones that incomplete tiles might repeat or skip.
    valuesA[order.transposeA ? 6 * 5 + 4 : 4 * 7 + 6] = Number.NaN;
    valuesA[order.transposeA ? 6 * 5 + 3 : 3 * 7 + 6] = Number.POSITIVE_INFINITY;
    const feeds = [
      [a, valuesA],
      [b, new Array<number>(21).fill(2)],
    ] as const;
    const [y] = await runOnce(g, feeds, [matmul(a, b, { ...order, kernel })]);
    const row = (value: number) => new Array<number>(3).fill(value);
    const infinity = row(Number.POSITIVE_INFINITY);
    expect(y).toEqual([...row(14), ...row(14), ...row(14), ...infinity, ...row(Number.NaN)]);
  });
});

test('matmul: k is split where the tiles are few and k is long, and only there', () => {
  expect(matmulSplits({ m: 32, k: 30752, n: 2 })).toBe(256);
  expect(matmulSplits({ m: 32, k: 1568, n: 128 })).toBe(8);
  expect(matmulSplits({ m: 30752, k: 32, n: 2 })).toBe(1);
  expect(matmulSplits({ m: 1, k: 100, n: 1 })).toBe(1);
  expect(matmulSplits({ m: 1024, k: 1024, n: 1024 })).toBe(1);
});

test('matmul: operands that do not fit are refused', () => {
  const g = graph();
  const a = g.input('a', [2, 3]);
  const b = g.input('b', [2, 4]);
  expect(() => matmul(a, b)).toThrow(ShapeError);
  expect(() => matmul(a, b)).toThrow('matmul: [2, 3] times [2, 4]: the inner sizes 3 and 2 differ.');
  expect(() => matmul(a, b, { transposeA: true, transposeB: true })).toThrow(
    'matmul: [2, 3] transposed times [2, 4] transposed: the inner sizes 2 and 4 differ.',
  );
  expect(matmul(a, b, { transposeA: true }).shape).toEqual([3, 4]);
  expect(() => matmul(g.input('vector', [3]), a)).toThrow('both must have two axes');
  expect(() => matmul(a, g.input('image', [1, 3, 3]))).toThrow(ShapeError);
  expect(() => matmul(a, g.input('integers', [3, 3], 'i32'))).toThrow('matmul: integers must be f32');
});
