import { expect, test } from 'vitest';
import { ArgumentError, graph, pad2d, ShapeError } from '../../src/index.ts';
import { pad2dSpec } from '../../src/selftest/specs/pad2d.ts';
import { checkOp } from '../support/checkOp.ts';

checkOp(pad2dSpec);

test('pad2d: what is no image or no padding is refused', () => {
  const g = graph();
  const x = g.input('x', [2, 3, 5, 3]);
  const none = [0, 0] as const;
  expect(() => pad2d(g.input('flat', [2, 3]), [none, none])).toThrow(ShapeError);
  expect(() => pad2d(g.input('integers', [2, 3, 5, 3], 'i32'), [none, none])).toThrow('pad2d: integers must be f32');
  expect(() => pad2d(x, [[-1, 0], none])).toThrow(ArgumentError);
  expect(() => pad2d(x, [[0.5, 0], none])).toThrow('pad2d: padding must be [[top, bottom], [left, right]]');
  expect(() => pad2d(x, [none] as never)).toThrow(ArgumentError);
});
