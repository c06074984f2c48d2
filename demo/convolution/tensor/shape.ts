/** Shapes as people type them, and an array's cells as they are drawn. */
import { formatCount } from '../../format.ts';

/** Cells that can be seen at once. */
export const MOST_ELEMENTS = 120;
export const MOST_AXES = 4;

/** `2, 3, 4` or `(2, 3, 4)`. @returns the sizes, or what is wrong with the text */
export function readShape(text: string): number[] | string {
  const fields = text
    .replace(/^\s*[([]|[)\]]\s*$/g, '')
    .replace(/,\s*$/, '')
    .split(',')
    .map((field) => field.trim());
  if (!fields.every((field) => /^[1-9]\d*$/.test(field)))
    return 'Type whole numbers with commas between them: 2, 3, 4.';
  if (fields.length > MOST_AXES) return `At most ${MOST_AXES} axes can be drawn here.`;
  const shape = fields.map(Number);
  const size = shape.reduce((product, n) => product * n, 1);
  return size > MOST_ELEMENTS
    ? `At most ${MOST_ELEMENTS} numbers can be drawn here, and this would be ${formatCount(size)}.`
    : shape;
}

/** As Python writes it: a comma behind a single size. */
export const tuple = (shape: readonly number[]): string => (shape.length === 1 ? `${shape[0]},` : shape.join(', '));

/** Rows that leave no room for prints beside them. */
const WIDE = 8;
export const isWide = (shape: readonly number[]): boolean => shape.at(-1)! > WIDE;

/** One matrix of an array: rows and columns are its last two axes. */
export interface Panel {
  /** `x[0]`; of an array of at most two axes `x`. */
  readonly name: string;
  readonly columns: number;
  /** Places of its elements, in row-major order. */
  readonly places: readonly number[];
}

export function panelsOf(shape: readonly number[]): Panel[] {
  const columns = shape.at(-1)!;
  const size = columns * (shape.at(-2) ?? 1);
  const outer = shape.slice(0, -2);
  const count = outer.reduce((product, n) => product * n, 1);
  return Array.from({ length: count }, (_, panel) => {
    const indices = outer.map((n, axis) => Math.floor(panel / outer.slice(axis + 1).reduce((p, m) => p * m, 1)) % n);
    return {
      name: indices.length > 0 ? `x[${indices.join(', ')}]` : 'x',
      columns,
      places: Array.from({ length: size }, (_, i) => panel * size + i),
    };
  });
}

/** Indices to pick, for an array of that number of axes. */
export function examplesFor(axes: number): string[] {
  const all = [
    ...[':, :, 0', '0', ':, 1', '1, 2', '..., ::2', '::-1', '1, 2, 3'],
    ...(axes === 4 ? ['0, :, :, 0'] : []),
  ];
  return all.filter((index) => index.split(',').length <= axes);
}
