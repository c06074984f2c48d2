/**
 * Shared by the workgroup-tiled kernels of matmul and of the convolutions: the sizes of their tiles, and how sums are
 * split.
 */

/** The part of a product that one workgroup computes. The shaders' headers explain ROWS, COLUMNS, DEPTH, TALL and WIDE. */
export interface GemmTile {
  readonly rows: number;
  readonly columns: number;
  /** Number of steps of the reduction that are in shared memory at once. */
  readonly depth: number;
  /** Whether an invocation computes 8 rows instead of 4. */
  readonly tall: boolean;
  /** Whether an invocation computes 8 columns instead of 4. Only with `tall`. */
  readonly wide: boolean;
}

/**
 * 8 x 8 results for each invocation: the fewest loads for a multiply-add, if the product is large enough for many such
 * workgroups.
 */
export const LARGE: GemmTile = { rows: 128, columns: 128, depth: 16, tall: true, wide: true };
/** 8 x 4 results for each invocation: half the registers of the large tile, four times as many workgroups. */
export const MEDIUM: GemmTile = { rows: 64, columns: 64, depth: 16, tall: true, wide: false };
/** For at most 32 columns, such as the filters of a small convolution. */
export const NARROW: GemmTile = { rows: 128, columns: 32, depth: 8, tall: true, wide: false };

/** Number of invocations that keeps a large GPU busy. With fewer, smaller tiles are chosen and sums are split. */
const ENOUGH_INVOCATIONS = 32768;
/** Least length of a part of a sum. Shorter parts would cost more in the second pass than they gain. */
const SHORTEST_PART = 128;

/** Number of invocations of a workgroup. */
export function invocations({ rows, columns, tall, wide }: GemmTile): number {
  return (rows / (tall ? 8 : 4)) * (columns / (wide ? 8 : 4));
}

/** The overrides that describe a tile. */
export function tileConstants(tile: GemmTile): Record<string, number> {
  const { rows, columns, depth, tall, wide } = tile;
  const constants = { ROWS: rows, COLUMNS: columns, DEPTH: depth, TALL: Number(tall), WIDE: Number(wide) };
  return { ...constants, INVOCATIONS: invocations(tile) };
}

/** Number of tiles that cover a product of `rows` by `columns`. */
export function tileCount(tile: GemmTile, rows: number, columns: number): number {
  return Math.ceil(rows / tile.rows) * Math.ceil(columns / tile.columns);
}

/** The tile for `products` independent products of `rows` by `columns`. */
export function chooseTile(rows: number, columns: number, products = 1): GemmTile {
  if (columns <= NARROW.columns) return NARROW;
  const filled = Math.min(rows, columns) > MEDIUM.rows;
  const enough = tileCount(LARGE, rows, columns) * products * invocations(LARGE) >= ENOUGH_INVOCATIONS;
  return filled && enough ? LARGE : MEDIUM;
}

/** The largest number of parts of a sum of `steps` steps such that no part is too short. */
export function mostParts(steps: number): number {
  return Math.max(1, Math.floor(steps / SHORTEST_PART));
}

/** Splits a sum so that there are enough invocations: into `parts` of `length` steps, a multiple of the tile's depth. */
export function splitSum(
  tile: GemmTile,
  tiles: number,
  steps: number,
): { readonly parts: number; readonly length: number } {
  const wanted = Math.min(Math.ceil(ENOUGH_INVOCATIONS / (tiles * invocations(tile))), mostParts(steps));
  const length = tile.depth * Math.ceil(steps / wanted / tile.depth);
  return { parts: Math.ceil(steps / length), length };
}
