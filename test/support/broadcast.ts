/** One table for the element-wise ops of two operands: shapes that broadcast, references, shape errors. */
import { expect, test } from 'vitest';
import { graph, ShapeError, type Tensor } from '../../src/index.ts';
import { broadcastShapes } from '../../src/tensor.ts';
import { type Array64, size, type Tolerance, zeros } from './arrays.ts';
import { checkOp } from './checkOp.ts';
import type { Tf, TfTensor } from './tensorflow.ts';

/** Flat index into an operand of the element that the flat index `i` of `shape` reads. */
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

export interface BinarySpec {
  readonly name: string;
  build(a: Tensor, b: Tensor): Tensor;
  f(a: number, b: number): number;
  /** Derivatives by a and by b. */
  df(a: number, b: number): readonly [number, number];
  oracle(tf: Tf, a: TfTensor, b: TfTensor): TfTensor;
  readonly tolerance: { readonly forward: Tolerance; readonly backward: Tolerance };
}

export function checkBinary({ name, build, f, df, oracle, tolerance }: BinarySpec): void {
  const each = (
    [a, b]: readonly Array64[],
    shape: readonly number[],
    visit: (i: number, ia: number, ib: number) => void,
  ) => {
    for (let i = 0; i < size(shape); i++) visit(i, operandIndex(a!.shape, shape, i), operandIndex(b!.shape, shape, i));
  };
  checkOp({
    name,
    cases: cases.map((c) => ({ ...c, params: {} })),
    build: ([a, b]) => build(a!, b!),
    forward: (inputs) => {
      const [a, b] = inputs as [Array64, Array64];
      const y = zeros(broadcastShapes(name, a.shape, b.shape));
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
    oracle: (tf, [a, b]) => oracle(tf, a!, b!),
    tolerance,
  });

  test(`${name}: shapes that do not broadcast, and integers, are refused`, () => {
    const g = graph();
    const a = g.input('a', [2, 3]);
    expect(() => build(a, g.input('b', [2]))).toThrow(ShapeError);
    expect(() => build(a, g.input('c', [4, 3]))).toThrow(`${name}: [2, 3] and [4, 3] do not broadcast`);
    expect(() => build(a, g.input('d', [2, 3], 'i32'))).toThrow(`${name}: d must be f32`);
  });
}
