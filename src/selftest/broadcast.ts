/** Specs of element-wise ops with two operands: shapes that broadcast, and references. */
import type { Tensor } from '../index.ts';
import { type Array64, size, type Tolerance, zeros } from './arrays.ts';
import type { OpSpec } from './spec.ts';

/** The flat index into an operand that belongs to the flat index `i` of the result of `shape`. */
export function operandIndex(operand: readonly number[], shape: readonly number[], i: number): number {
  let index = 0;
  let step = 1;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const at = i % shape[axis]!;
    i = Math.floor(i / shape[axis]!);
    const own = operand[axis - shape.length + operand.length] ?? 1;
    if (own > 1) index += at * step;
    step *= own;
  }
  return index;
}

/** Shape of the result. Axes are aligned at the end. */
function broadcastShape(a: readonly number[], b: readonly number[]): number[] {
  const rank = Math.max(a.length, b.length);
  const along = (shape: readonly number[], axis: number) => shape[axis - rank + shape.length] ?? 1;
  return Array.from({ length: rank }, (_, axis) => Math.max(along(a, axis), along(b, axis)));
}

const cases: readonly { why: string; shapes: readonly (readonly number[])[] }[] = [
  { why: 'same shape, partial vec4 and workgroup', shapes: [[3, 5, 7, 3], [3, 5, 7, 3]] }, // biome-ignore format: pairs
  { why: 'one element', shapes: [[1], [1]] },
  { why: 'bias along the last axis', shapes: [[2, 5, 3, 33], [33]] }, // biome-ignore format: pairs
  { why: 'channels in whole vec4s', shapes: [[2, 5, 3, 12], [2, 1, 1, 12]] }, // biome-ignore format: pairs
  { why: 'whole vec4s in one operand only', shapes: [[3, 5, 8], [5, 1]] }, // biome-ignore format: pairs
  { why: 'as many elements, other rank', shapes: [[1, 5], [5]] }, // biome-ignore format: pairs
  { why: 'broadcast inside', shapes: [[2, 1, 5, 1], [3, 1, 4]] }, // biome-ignore format: pairs
  { why: 'both sides broadcast, six axes', shapes: [[2, 1, 3, 1, 2, 1], [1, 2, 1, 3, 1, 2]] }, // biome-ignore format: pairs
  { why: 'a scalar', shapes: [[1], [65, 3]] }, // biome-ignore format: pairs
];

interface Binary {
  readonly name: string;
  build(a: Tensor, b: Tensor): Tensor;
  f(a: number, b: number): number;
  /** Derivatives with respect to a and to b. */
  df(a: number, b: number): readonly [number, number];
  readonly tolerance: { readonly forward: Tolerance; readonly backward: Tolerance };
}

export function binary({ name, build, f, df, tolerance }: Binary): OpSpec<object> {
  const each = (
    [a, b]: readonly Array64[],
    shape: readonly number[],
    visit: (i: number, ia: number, ib: number) => void,
  ) => {
    for (let i = 0; i < size(shape); i++) visit(i, operandIndex(a!.shape, shape, i), operandIndex(b!.shape, shape, i));
  };
  return {
    name,
    cases: cases.map((c) => ({ ...c, params: {} })),
    build: ([a, b]) => build(a!, b!),
    forward: (inputs) => {
      const [a, b] = inputs as [Array64, Array64];
      const y = zeros(broadcastShape(a.shape, b.shape));
      each(inputs, y.shape, (i, ia, ib) => {
        y.data[i] = f(a.data[ia]!, b.data[ib]!);
      });
      return y;
    },
    backward: (inputs, dy) => {
      const [a, b] = inputs as [Array64, Array64];
      const [da, db] = [zeros(a.shape), zeros(b.shape)];
      each(inputs, dy.shape, (i, ia, ib) => {
        const [byA, byB] = df(a.data[ia]!, b.data[ib]!);
        da.data[ia]! += byA * dy.data[i]!;
        db.data[ib]! += byB * dy.data[i]!;
      });
      return [da, db];
    },
    tolerance,
  };
}
