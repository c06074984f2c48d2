/** What the workgroup-tiled kernels of matmul and of the convolutions share: the sizes of their tiles, and how sums are split. */

/** Part of a product that one workgroup computes; what the shaders' headers say of ROWS, COLUMNS, DEPTH, TALL and WIDE. */
export interface GemmTile {
  readonly rows: number;
  readonly columns: number;
  /** Steps of the reduction that are in shared memory at once. */
  readonly depth: number;
  /** An invocation holds 8 rows instead of 4. */
  readonly tall: boolean;
  /** An invocation holds 8 columns instead of 4. Only with `tall`. */
  readonly wide: boolean;
}

/** 8 x 8 results an invocation: the fewest loads for a multiply-add, where there is work for enough workgroups of this size. */
export const LARGE: GemmTile = { rows: 128, columns: 128, depth: 16, tall: true, wide: true };
/** 8 x 4 results an invocation: half the registers of the large one, four times as many workgroups. */
export const MEDIUM: GemmTile = { rows: 64, columns: 64, depth: 16, tall: true, wide: false };
/** For at most 32 columns, such as the filters of a small convolution. */
export const NARROW: GemmTile = { rows: 128, columns: 32, depth: 8, tall: true, wide: false };

/** Invocations that keep a large graphics processor busy: with fewer, tiles are made smaller and sums are split. */
const ENOUGH_INVOCATIONS = 32768;
/** A part of a sum shorter than this is not worth its share of the second pass. */
const SHORTEST_PART = 128;

/** Invocations of a workgroup. */
export function invocations({ rows, columns, tall, wide }: GemmTile): number {
  return (rows / (tall ? 8 : 4)) * (columns / (wide ? 8 : 4));
}

/** The overrides that describe a tile. */
export function tileConstants(tile: GemmTile): Record<string, number> {
  const { rows, columns, depth, tall, wide } = tile;
  const constants = { ROWS: rows, COLUMNS: columns, DEPTH: depth, TALL: Number(tall), WIDE: Number(wide) };
  return { ...constants, INVOCATIONS: invocations(tile) };
}

/** Tiles that cover a product of so many rows and columns. */
export function tileCount(tile: GemmTile, rows: number, columns: number): number {
  return Math.ceil(rows / tile.rows) * Math.ceil(columns / tile.columns);
}

/** The tile for `products` independent products of so many rows and columns. */
export function chooseTile(rows: number, columns: number, products = 1): GemmTile {
  if (columns <= NARROW.columns) return NARROW;
  const filled = Math.min(rows, columns) > MEDIUM.rows;
  const enough = tileCount(LARGE, rows, columns) * products * invocations(LARGE) >= ENOUGH_INVOCATIONS;
  return filled && enough ? LARGE : MEDIUM;
}

/** Parts that a sum of so many steps can be split into, each worth its share of the second pass. */
export function mostParts(steps: number): number {
  return Math.max(1, Math.floor(steps / SHORTEST_PART));
}

/** How a sum is split so that there are enough invocations: `parts` of `length` steps, a multiple of the tile's depth. */
export function splitSum(
  tile: GemmTile,
  tiles: number,
  steps: number,
): { readonly parts: number; readonly length: number } {
  const wanted = Math.min(Math.ceil(ENOUGH_INVOCATIONS / (tiles * invocations(tile))), mostParts(steps));
  const length = tile.depth * Math.ceil(steps / wanted / tile.depth);
  return { parts: Math.ceil(steps / length), length };
}
