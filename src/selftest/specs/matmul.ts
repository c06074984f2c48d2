/** Spec of matmul: all transpositions, and sizes around those of the kernels' tiles. */
import { type MatmulOptions, matmul } from '../../index.ts';
import type { MatmulKernel } from '../../ops/matmul.ts';
import { type Array64, zeros } from '../arrays.ts';
import { opSpec } from '../spec.ts';

const sizes: readonly { why: string; m: number; k: number; n: number }[] = [
  { why: 'one element', m: 1, k: 1, n: 1 },
  { why: 'whole tiles', m: 8, k: 4, n: 12 },
  { why: 'odd sizes, parts of tiles', m: 5, k: 7, n: 3 },
  { why: 'one row, as when predicting one image', m: 1, k: 33, n: 10 },
  { why: 'partial workgroup', m: 33, k: 9, n: 65 },
  { why: 'long k in parts, a rest of k', m: 3, k: 1031, n: 2 },
  { why: 'long k in parts, vec4s', m: 8, k: 320, n: 5 },
];

export const orders: readonly { transposeA: boolean; transposeB: boolean }[] = [
  { transposeA: false, transposeB: false },
  { transposeA: true, transposeB: false },
  { transposeA: false, transposeB: true },
  { transposeA: true, transposeB: true },
];

/** Shapes of a and b as they are stored. */
export function stored({ m, k, n }: { m: number; k: number; n: number }, { transposeA, transposeB }: MatmulOptions) {
  return [transposeA ? [k, m] : [m, k], transposeB ? [n, k] : [k, n]] as const;
}

/** Calls `visit` with flat indices into a, b and y for each product of the sum. */
export function products(
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

export const matmulSpec = opSpec<MatmulOptions>({
  name: 'matmul',
  cases: [
    ...list(sizes, ['tiled']),
    ...list(
      sizes.filter(({ k }) => k < 100),
      ['plain'],
    ),
    // With these two orders, products and gradients use all four transpositions.
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
  tolerance: {
    forward: { error: 8e-6, why: 'up to 1031 products, in parts of at least 64' },
    backward: { error: 8e-6, why: 'up to 132 products' },
  },
});
