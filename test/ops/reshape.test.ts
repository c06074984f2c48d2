import { expect, test } from 'vitest';
import { flatten, graph, plan, relu, reshape, ShapeError } from '../../src/index.ts';
import { checkOp } from '../support/checkOp.ts';
import { runOnce } from '../support/session.ts';

checkOp<{ shape: number[] }>({
  name: 'reshape',
  cases: [
    { why: 'one element', shapes: [[1]], params: { shape: [1, 1] } },
    { why: 'fewer axes', shapes: [[2, 3, 5]], params: { shape: [6, 5] } },
    { why: 'more axes, across borders', shapes: [[6, 5]], params: { shape: [3, 2, 1, 5] } },
    { why: 'the same shape', shapes: [[3, 5]], params: { shape: [3, 5] } },
  ],
  build: ([x], { shape }) => reshape(x!, shape),
  forward: ([x], { shape }) => ({ shape, data: x!.data }),
  backward: ([x], dy) => [{ shape: x!.shape, data: dy.data }],
  oracle: (_, [x], { shape }) => x!.reshape(shape),
  tolerance: { forward: { error: 0, why: 'no arithmetic' } },
});

checkOp({
  name: 'flatten',
  cases: [
    { why: 'one element', shapes: [[1]], params: {} },
    { why: 'images', shapes: [[3, 5, 7, 3]], params: {} },
    { why: 'flat already', shapes: [[3, 5]], params: {} },
    { why: 'one axis gets a second', shapes: [[5]], params: {} },
  ],
  build: ([x]) => flatten(x!),
  forward: ([x]) => ({ shape: [x!.shape[0]!, x!.data.length / x!.shape[0]!], data: x!.data }),
  backward: ([x], dy) => [{ shape: x!.shape, data: dy.data }],
  oracle: (_, [x]) => x!.reshape([x!.shape[0]!, x!.size / x!.shape[0]!]),
  tolerance: { forward: { error: 0, why: 'no arithmetic' } },
});

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
