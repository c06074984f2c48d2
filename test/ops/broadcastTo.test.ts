import { expect, test } from 'vitest';
import { broadcastTo, graph, ShapeError } from '../../src/index.ts';
import { broadcastToSpec } from '../../src/selftest/specs/broadcastTo.ts';
import { checkOp } from '../support/checkOp.ts';

checkOp(broadcastToSpec);

test('broadcastTo: a shape that x does not broadcast to is refused', () => {
  const g = graph();
  const x = g.input('x', [2, 3]);
  expect(() => broadcastTo(x, [3])).toThrow(ShapeError);
  expect(() => broadcastTo(x, [1, 3])).toThrow('broadcastTo: [2, 3] does not broadcast to [1, 3]');
  expect(() => broadcastTo(x, [2, 4])).toThrow(ShapeError);
  expect(() => broadcastTo(g.input('integers', [1], 'i32'), [2])).toThrow(ShapeError);
});
