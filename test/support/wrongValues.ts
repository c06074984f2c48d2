import type { Kind } from '../../src/options.ts';

/** Values that an option of a kind is not; of `any` each case says which. */
export const WRONG: Record<Exclude<Kind, 'any'>, readonly unknown[]> = {
  boolean: ['yes', 1, null],
  function: ['f', 5, {}],
  text: ['', 5, {}],
  object: ['x', 5, null],
  record: ['x', 5, null, []],
  number: ['1', Number.NaN, null],
  list: ['x', 5, {}],
  signal: ['x', {}, null],
  integer: [0.5, '3', Number.NaN, 2 ** 60],
  count: [0, 1.5, '3', Number.POSITIVE_INFINITY],
  countFrom0: [-1, 1.5, '3'],
  positive: [0, '1', Number.NaN],
  notNegative: [-1, '1', Number.NaN],
  limit: [-1, '1', Number.NaN],
  decay: [1, -0.1, '0.2'],
  fraction: [1.1, -0.1, '0.2'],
};
