/** The modes of `checkOp` for an element-wise op of two operands, and its shape errors. */
import { expect, test } from 'vitest';
import { graph, ShapeError, type Tensor } from '../../src/index.ts';
import type { OpSpec } from '../../src/selftest/spec.ts';
import { checkOp } from './checkOp.ts';

export function checkBinary(spec: OpSpec<object>): void {
  checkOp(spec);

  const { name } = spec;
  const build = (a: Tensor, b: Tensor) => spec.build([a, b], {});
  test(`${name}: shapes that do not broadcast, and integers, are refused`, () => {
    const g = graph();
    const a = g.input('a', [2, 3]);
    expect(() => build(a, g.input('b', [2]))).toThrow(ShapeError);
    expect(() => build(a, g.input('c', [4, 3]))).toThrow(`${name}: [2, 3] and [4, 3] do not broadcast`);
    expect(() => build(a, g.input('d', [2, 3], 'i32'))).toThrow(`${name}: d must be f32`);
  });
}
