import { describe, expect, test } from 'vitest';
import { apply1 } from '../../src/graph.ts';
import { graph, type MatmulOptions, matmul, ShapeError } from '../../src/index.ts';
import { ANY_SOFTWARE } from '../../src/kernels.ts';
import { LARGE, MEDIUM, NARROW, splitSum } from '../../src/ops/gemm.ts';
import { type MatmulKernel, matmulKernels, matmulOp, matmulSplits } from '../../src/ops/matmul.ts';
import { type Array64, expectClose, randomArray, randomStream, zeros } from '../support/arrays.ts';
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

/** Sizes about those of a workgroup's tile, its fours and its steps of 16 k's. */
const workgroupSizes: readonly { why: string; m: number; k: number; n: number }[] = [
  { why: 'parts of a piece of 4 x 4', m: 3, k: 5, n: 2 },
  { why: 'one more than a tile of 64', m: 65, k: 17, n: 66 },
  { why: 'one less than a tile of 128, vec4s of a', m: 127, k: 16, n: 130 },
  { why: 'one more than a tile of 128, vec4s of b', m: 129, k: 15, n: 132 },
  { why: 'vec4s everywhere, parts of tiles', m: 68, k: 36, n: 72 },
  { why: 'k in parts, a rest of k', m: 5, k: 401, n: 7 },
  { why: 'k in parts, vec4s', m: 12, k: 516, n: 4 },
];

const list = (of: typeof sizes, kernels: readonly MatmulKernel[], by: typeof orders = orders) =>
  by.flatMap((order) =>
    of.flatMap((size) =>
      kernels.map((kernel) => ({ why: size.why, shapes: stored(size, order), params: { ...order, kernel } })),
    ),
  );

checkOp<MatmulOptions>({
  name: 'matmul',
  cases: [
    ...list(sizes, ['tiled']),
    ...list(
      sizes.filter(({ k }) => k < 100),
      ['plain'],
    ),
    // Of these two orders, products and gradients transpose in all four ways.
    ...list(workgroupSizes, ['workgroup64'], [orders[0]!, orders[3]!]),
    ...list(workgroupSizes.slice(2, 5), ['workgroup128'], [orders[0]!, orders[3]!]),
  ],
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
    forward: { error: 8e-6, why: 'up to 1031 products, in parts of at least 64' },
    backward: { error: 8e-6, why: 'up to 132 products' },
  },
});

describe.each(orders)('matmul %o', (order) => {
  test.each(['tiled', 'plain', 'workgroup64'] as const)(
    'a NaN or an infinity reaches its own row only (%s)',
    async (kernel) => {
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
    },
  );
});

test('matmul: k is split where the tiles are few and k is long, and only there', () => {
  expect(matmulSplits({ m: 32, k: 30752, n: 2 })).toBe(256);
  expect(matmulSplits({ m: 32, k: 1568, n: 128 })).toBe(8);
  expect(matmulSplits({ m: 30752, k: 32, n: 2 })).toBe(1);
  expect(matmulSplits({ m: 1, k: 100, n: 1 })).toBe(1);
  expect(matmulSplits({ m: 1024, k: 1024, n: 1024 })).toBe(1);
});

test('matmul: which kernels can do a product, the best first', () => {
  const cube = (size: number) => ({ m: size, k: size, n: size });
  expect(matmulKernels(cube(2048))).toEqual(['workgroup128', 'workgroup64', 'tiled', 'plain']);
  expect(matmulKernels(cube(512))).toEqual(['workgroup64', 'workgroup128', 'tiled', 'plain']);
  expect(matmulKernels(cube(64))).toEqual(['tiled', 'plain', 'workgroup64', 'workgroup128']);
  expect(matmulKernels({ m: 32, k: 30752, n: 2 })[0]).toBe('tiled');
  expect(matmulKernels(cube(2048), ANY_SOFTWARE)[0]).toBe('tiled');
});

test('matmul: workgroups split k where their tiles are few and k is long, into whole steps that cover it', () => {
  expect(splitSum(MEDIUM, 1, 1000)).toEqual({ parts: 7, length: 144 });
  expect(splitSum(MEDIUM, 1000, 100000)).toEqual({ parts: 1, length: 100000 });
  expect(splitSum(LARGE, 1, 5)).toEqual({ parts: 1, length: 16 });
  for (const steps of [1, 15, 17, 255, 257, 1023, 99991]) {
    for (const tile of [LARGE, MEDIUM, NARROW]) {
      const { parts, length } = splitSum(tile, 3, steps);
      expect(length % tile.depth).toBe(0);
      expect(parts * length).toBeGreaterThanOrEqual(steps);
      expect((parts - 1) * length).toBeLessThan(steps);
    }
  }
});

test.each<{ kernel: MatmulKernel; m: number; k: number; n: number }>([
  { kernel: 'tiled', m: 5, k: 7, n: 6 },
  { kernel: 'tiled', m: 3, k: 301, n: 5 },
  { kernel: 'workgroup64', m: 5, k: 7, n: 8 },
  { kernel: 'workgroup64', m: 5, k: 7, n: 6 },
  { kernel: 'workgroup64', m: 3, k: 301, n: 5 },
])('matmul $kernel [$m, $k] x [$k, $n]: bias and relu follow the sum', async ({ kernel, m, k, n }) => {
  const random = randomStream(1);
  const [a, b, bias] = [randomArray([m, k], random), randomArray([k, n], random), randomArray([n], random)];
  const order = { transposeA: false, transposeB: false };
  const biased = Float64Array.from({ length: m * n }, (_, i) => bias.data[i % n]!);
  products([a, b], order, (ia, ib, iy) => {
    biased[iy]! += a.data[ia]! * b.data[ib]!;
  });
  const g = graph();
  const inputs = [g.input('a', a.shape), g.input('b', b.shape), g.input('bias', bias.shape)] as const;
  const feeds = [a, b, bias].map((values, i) => [inputs[i]!, values.data] as const);
  const results = [false, true].map((relu) => apply1(matmulOp, inputs, { ...order, kernel, relu }));
  const got = await runOnce(g, feeds, results);
  const tolerance = { error: 4e-6, why: 'up to 301 products' };
  expectClose('with bias', got[0]!, { shape: [m, n], data: biased }, tolerance);
  expectClose('and relu', got[1]!, { shape: [m, n], data: biased.map((v) => Math.max(v, 0)) }, tolerance);
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
