import { describe, expect, test } from 'vitest';
import { ANY_SOFTWARE, apply1 } from '../../src/graph.ts';
import { elu, graph, matmul, ShapeError } from '../../src/index.ts';
import { activationOf } from '../../src/ops/elementwise.ts';
import { LARGE, MEDIUM, NARROW, splitSum } from '../../src/ops/gemm.ts';
import { type MatmulKernel, matmulKernels, matmulOp, matmulSplits } from '../../src/ops/matmul.ts';
import { matmulSpec, orders, products, stored } from '../../src/selftest/specs/matmul.ts';
import { expectClose, randomArray, randomStream } from '../support/arrays.ts';
import { checkOp } from '../support/checkOp.ts';
import { runOnce } from '../support/session.ts';

checkOp(matmulSpec);

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
])('matmul $kernel [$m, $k] x [$k, $n]: bias and activation follow the sum', async ({ kernel, m, k, n }) => {
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
  elu(g.input('any', [4]), { alpha: 2 });
  const activations = [undefined, activationOf(g.nodes.at(-1)!)];
  const results = activations.map((activation) => apply1(matmulOp, inputs, { ...order, kernel, activation }));
  const got = await runOnce(g, feeds, results);
  const tolerance = { error: 4e-6, why: 'up to 301 products' };
  expectClose('with bias', got[0]!, { shape: [m, n], data: biased }, tolerance);
  const activated = biased.map((v) => (v > 0 ? v : 2 * Math.expm1(v)));
  expectClose('and elu', got[1]!, { shape: [m, n], data: activated }, tolerance);
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
