import { expect, test } from 'vitest';
import { graph, plan, relu, reshape, ShapeError } from '../../src/index.ts';
import { flattenSpec, reshapeSpec } from '../../src/selftest/specs/reshape.ts';
import { checkOp } from '../support/checkOp.ts';
import { runOnce } from '../support/session.ts';

checkOp(reshapeSpec);

checkOp(flattenSpec);

test('reshape: costs no dispatch and no memory, through two in a row', async () => {
  const g = graph();
  const x = g.input('x', [2, 6]);
  const y = relu(reshape(reshape(relu(x), [3, 4]), [12]));
  const p = plan(g, [y]);
  expect(p.dispatches.length).toBe(2);
  expect(p.lifetimes.length).toBe(2);
  const values = Array.from({ length: 12 }, (_, i) => i - 3);
  const [got] = await runOnce(g, [[x, values]], [y]);
  expect(got).toEqual(values.map((v) => Math.max(v, 0)));
});

test('reshape: keeps the type, and refuses another number of elements', () => {
  const g = graph();
  const x = g.input('x', [2, 3], 'i32');
  expect(reshape(x, [6]).dtype).toBe('i32');
  expect(() => reshape(x, [2, 2])).toThrow(ShapeError);
  expect(() => reshape(x, [7])).toThrow('reshape: [2, 3] has 6 elements, [7] has 7');
  expect(() => reshape(x, [-2, -3])).toThrow(ShapeError);
});
