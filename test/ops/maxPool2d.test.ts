import { describe, expect, test } from 'vitest';
import { gradients, graph, maxPool2d, maxPool2dWithArgmax, type PoolOptions } from '../../src/index.ts';
import { maxPool2dSpec } from '../../src/selftest/specs/maxPool2d.ts';
import { checkOp } from '../support/checkOp.ts';
import { checkPoolErrors } from '../support/pool.ts';
import { runOnce } from '../support/session.ts';

checkOp(maxPool2dSpec);

/** One image of `[size, size, channels]`: y, argmax, and dx where dy is 1, 2, 3, .. */
async function run(x: readonly number[], [h, w, c]: readonly [number, number, number], options: PoolOptions) {
  const g = graph();
  const input = g.input('x', [1, h, w, c]);
  const { y, argmax } = maxPool2dWithArgmax(input, options);
  const dy = g.input('dy', y.shape);
  const ascending = Array.from({ length: y.shape.reduce((p, n) => p * n) }, (_, i) => i + 1);
  const feeds = [
    [input, x],
    [dy, ascending],
  ] as const;
  const [values, taps, dx] = await runOnce(g, feeds, [y, argmax, ...gradients(y, [input], dy)]);
  return { y: values!, argmax: taps!, dx: dx! };
}

/** The same image in each of `c` channels. */
const repeat = (x: readonly number[], c: number) => x.flatMap((v) => new Array<number>(c).fill(v));

describe.each([1, 4])('maxPool2d, %i channel(s)', (c) => {
  const nth = (values: readonly number[]) => values.filter((_, i) => i % c === 0);

  test('of equal values the first is chosen and gets the whole gradient', async () => {
    const x = [7, 7, 1, 5, 7, 7, 5, 5];
    const { y, argmax, dx } = await run(repeat(x, c), [2, 4, c], { poolSize: 2 });
    expect(nth(y)).toEqual([7, 5]);
    expect(nth(argmax)).toEqual([0, 1]);
    expect(nth(dx)).toEqual([1, 0, 0, c + 1, 0, 0, 0, 0]);
  });

  test('-0 and 0 are equal', async () => {
    const { argmax, dx } = await run(repeat([-0, 0, -1, 0, 0, -0, -0, -0], c), [2, 4, c], { poolSize: 2 });
    expect(nth(argmax)).toEqual([0, 1]);
    expect(nth(dx)).toEqual([1, 0, 0, c + 1, 0, 0, 0, 0]);
  });

  test('ties between windows that overlap', async () => {
    const { argmax, dx } = await run(repeat(new Array(9).fill(3), c), [3, 3, c], { poolSize: 2, strides: 1 });
    expect(nth(argmax)).toEqual([0, 0, 0, 0]);
    expect(nth(dx)).toEqual([1, c + 1, 0, 2 * c + 1, 3 * c + 1, 0, 0, 0, 0]);
  });

  test.each([Math.fround(-1e30), Number.NEGATIVE_INFINITY])('padding is not chosen over %f', async (value) => {
    const x = repeat(new Array(9).fill(value), c);
    const { y, argmax, dx } = await run(x, [3, 3, c], { poolSize: 2, padding: 1 });
    expect(nth(y)).toEqual([value, value, value, value]);
    // Of the window at the top left only its last tap lies inside.
    expect(nth(argmax)).toEqual([3, 2, 1, 0]);
    expect(nth(dx)).toEqual([1, c + 1, 0, 2 * c + 1, 3 * c + 1, 0, 0, 0, 0]);
  });

  test('a NaN passes on from every tap', async () => {
    for (let tap = 0; tap < 4; tap++) {
      const x = [1, 2, 3, 4];
      x[tap] = Number.NaN;
      const { y } = await run(repeat(x, c), [2, 2, c], { poolSize: 2 });
      expect(y, `NaN at tap ${tap}`).toEqual(repeat([Number.NaN], c));
    }
  });

  test('of several NaNs the first is chosen and gets the gradient', async () => {
    const x = [9, Number.NaN, Number.NaN, 5, 9, Number.NaN, 6, Number.NaN];
    const { argmax, dx } = await run(repeat(x, c), [2, 4, c], { poolSize: 2 });
    expect(nth(argmax)).toEqual([1, 0]);
    expect(nth(dx)).toEqual([0, 1, c + 1, 0, 0, 0, 0, 0]);
  });
});

test('maxPool2d: argmax counts a window in row-major order', async () => {
  const { argmax } = await run([0, 1, 9, 2, 3, 4, 5, 6, 7, 8, 0, 0], [2, 6, 1], { poolSize: [2, 3] });
  expect(argmax).toEqual([2, 4 - 1]);
});

checkPoolErrors('maxPool2d', maxPool2d);
