import { describe, expect, test } from 'vitest';
import { gradients, graph, max, mean, plan, ShapeError, sum } from '../../src/index.ts';
import { maxSpec, meanSpec, sumSpec, sumToSpec } from '../../src/selftest/specs/reduce.ts';
import { size } from '../support/arrays.ts';
import { checkOp } from '../support/checkOp.ts';
import { runOnce } from '../support/session.ts';

checkOp(sumSpec);
checkOp(meanSpec);
checkOp(maxSpec);

describe('max', () => {
  const run = async (values: readonly number[], shape: readonly number[], axes: number[]) => {
    const g = graph();
    const x = g.input('x', shape);
    const y = max(x, { axes });
    const dy = g.input('dy', y.shape);
    const feeds = [
      [x, values],
      [dy, Array.from({ length: size(y.shape) }, (_, i) => i + 1)],
    ] as const;
    const [result, dx] = await runOnce(g, feeds, [y, ...gradients(y, [x], dy)]);
    return { y: result!, dx: dx! };
  };

  test('equal maxima share the gradient evenly, -0 and 0 among them', async () => {
    const { y, dx } = await run([1, 3, 3, 2, 2, 2, -0, -1, 0], [3, 3], [1]);
    expect(y.map((v) => v + 0)).toEqual([3, 2, 0]);
    expect(dx).toEqual([0, 0.5, 0.5, 2 / 3, 2 / 3, 2 / 3, 1.5, 0, 1.5].map(Math.fround));
  });

  test('ties across chunks', async () => {
    const { y, dx } = await run(new Array(4096).fill(5), [4096], [0]);
    expect(y).toEqual([5]);
    expect(new Set(dx)).toEqual(new Set([1 / 4096]));
  });

  test('of negative infinities', async () => {
    const { y, dx } = await run(new Array(2).fill(Number.NEGATIVE_INFINITY), [1, 2], [1]);
    expect(y).toEqual([Number.NEGATIVE_INFINITY]);
    expect(dx).toEqual([0.5, 0.5]);
  });

  test.each([0, 1, 2047, 4095])('a NaN at %i passes on', async (at) => {
    const values = Array.from({ length: 4096 }, (_, i) => i);
    values[at] = Number.NaN;
    expect((await run(values, [4096], [0])).y).toEqual([Number.NaN]);
  });

  test('NaNs share the gradient, whatever their signs', async () => {
    const { y, dx } = await run([3, Number.NaN, 9, -Number.NaN], [4], [0]);
    expect(y).toEqual([Number.NaN]);
    expect(dx).toEqual([0, 0.5, 0, 0.5]);
  });
});

checkOp(sumToSpec);

test('a large sum has the same bits each time, and few steps in each pass', async () => {
  const run = async () => {
    const g = graph();
    const x = g.input('x', [100_003]);
    const y = sum(x);
    const cuts = plan(g, [y]).dispatches.map(({ constants }) => constants);
    expect(cuts.map(({ CHUNKS, COUNT }) => [CHUNKS, COUNT])).toEqual([
      [317, 100_003],
      [1, 317],
    ]);
    const values = Array.from({ length: 100_003 }, (_, i) => Math.sin(i));
    return (await runOnce(g, [[x, values]], [y]))[0]![0]!;
  };
  expect(await run()).toBe(await run());
});

describe.each([
  ['sum', sum],
  ['mean', mean],
  ['max', max],
] as const)('%s', (name, op) => {
  test('axes that do not exist, and integers, are refused', () => {
    const g = graph();
    const x = g.input('x', [2, 3]);
    expect(() => op(x, { axes: 2 })).toThrow(ShapeError);
    expect(() => op(x, { axes: [0, -3] })).toThrow(`${name}: axes [0, -3] do not exist in shape [2, 3]`);
    expect(() => op(g.input('integers', [2, 3], 'i32'))).toThrow('integers must be f32');
  });
});
