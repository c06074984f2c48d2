import { describe, expect, test } from 'vitest';
import { ArgumentError, conv2d, conv2dTranspose, graph, plan, ShapeError } from '../../src/index.ts';
import { both, convCases, products } from '../../src/selftest/convolution.ts';
import { conv2dTransposeSpec } from '../../src/selftest/specs/conv2dTranspose.ts';
import { randomArray, randomStream } from '../support/arrays.ts';
import { checkOp } from '../support/checkOp.ts';
import { runOnce } from '../support/session.ts';

checkOp(conv2dTransposeSpec);

describe('<conv2d(x), y> = <x, conv2dTranspose(y)>, with the same filter and options', () => {
  test.each(convCases)('$shapes $params ($why)', async ({ shapes, params }) => {
    const [x, w] = shapes as [readonly number[], readonly number[]];
    const y = products(x, w, params);
    // Rows and columns of x that no window reaches, or that the last one does not need.
    const { padding = 'valid' } = params;
    const outputPadding = ([0, 1] as const).map((axis) => {
      const taps = (w[axis]! - 1) * both(params.dilation ?? 1)[axis]! + 1;
      const rest = x[axis + 1]! - (y[axis + 1]! - 1) * both(params.strides ?? 1)[axis]!;
      if (padding === 'same') return rest - (taps % 2);
      return rest - taps + (padding === 'valid' ? 0 : padding[axis][0] + padding[axis][1]);
    }) as [number, number];
    const whole = [1, 2].every((axis) => x[axis] === y[axis]! * both(params.strides ?? 1)[axis - 1]!);
    const options = { ...params, ...(padding === 'same' && whole ? {} : { outputPadding }) };
    const g = graph();
    const [tx, tw, ty] = [g.input('x', x), g.input('w', w), g.input('y', y)];
    const random = randomStream(7);
    const [vx, vw, vy] = [x, w, y].map((shape) => randomArray(shape, random)) as [Values, Values, Values];
    const results = [conv2d(tx, tw, params), conv2dTranspose(ty, tw, options)] as const;
    expect(results[1].shape).toEqual(x);
    const feeds = [[tx, vx.data], [tw, vw.data], [ty, vy.data]] as const; // biome-ignore format: pairs
    const [convolved, transposed] = await runOnce(g, feeds, results);
    const left = convolved!.reduce((sum, value, i) => sum + value * vy.data[i]!, 0);
    const right = transposed!.reduce((sum, value, i) => sum + value * vx.data[i]!, 0);
    const size = convolved!.reduce((sum, value, i) => sum + Math.abs(value * vy.data[i]!), 0);
    expect(size).toBeGreaterThan(0);
    expect(Math.abs(left - right) / size).toBeLessThan(1e-5);
  });
});

type Values = ReturnType<typeof randomArray>;

test('conv2dTranspose: sizes by the formulas of Keras 3, written out for five pixels', () => {
  const size = (pixels: number, kernel: number, options: object) => {
    const g = graph();
    return conv2dTranspose(g.input('x', [1, pixels, 1, 2]), g.input('w', [kernel, 1, 3, 2]), options).shape[1];
  };
  expect(size(5, 3, { strides: [2, 1] })).toBe(11);
  expect(size(5, 2, { strides: [4, 1] })).toBe(20);
  expect(size(5, 3, { strides: [2, 1], padding: 'same' })).toBe(10);
  expect(size(5, 3, { strides: [2, 1], padding: 'same', outputPadding: [0, 0] })).toBe(9);
  expect(size(5, 3, { strides: [2, 1], padding: 'same', outputPadding: [1, 0] })).toBe(10);
  expect(size(5, 4, { strides: [2, 1], padding: 'same', outputPadding: [1, 0] })).toBe(9);
  expect(size(5, 3, { strides: [2, 1], outputPadding: [1, 0] })).toBe(12);
  expect(size(5, 3, { dilation: [2, 1] })).toBe(9);
  expect(size(5, 3, { dilation: [2, 1], padding: 'same' })).toBe(5);
});

test('conv2dTranspose: a row by hand', async () => {
  const g = graph();
  const [x, w] = [g.input('x', [1, 1, 2, 1]), g.input('w', [1, 3, 1, 1])];
  const rows = [{}, { padding: 'same' }, { padding: 'same', outputPadding: [0, 0] }] as const;
  const results = rows.map((options) => conv2dTranspose(x, w, { strides: [1, 2], ...options }));
  const got = await runOnce(g, [[x, [1, 10]], [w, [1, 2, 3]]], results); // biome-ignore format: pairs
  expect(got).toEqual([
    [1, 2, 13, 20, 30],
    [1, 2, 13, 20],
    [2, 13, 20],
  ]);
});

test('conv2dTranspose: a plan calls it by its name', () => {
  const g = graph();
  const y = conv2dTranspose(g.input('x', [2, 4, 4, 8]), g.input('w', [4, 4, 4, 8]), { strides: 2, padding: 'same' });
  expect(String(plan(g, [y]))).toContain('conv2dTranspose');
});

test('conv2dTranspose: shapes and options that do not fit are refused', () => {
  const g = graph();
  const x = g.input('x', [2, 4, 5, 6]);
  const filter = (...shape: number[]) => g.input(`w${g.inputs.length}`, shape);
  expect(() => conv2dTranspose(x, filter(3, 3, 4))).toThrow(
    'x must be [n, h, w, c] and w [kh, kw, filters / groups, c]',
  );
  expect(() => conv2dTranspose(g.input('flat', [2, 6]), filter(3, 3, 4, 6))).toThrow(ShapeError);
  expect(() => conv2dTranspose(x, filter(3, 3, 6, 4))).toThrow(
    "conv2dTranspose: w must have x's channels = 6 on its last axis, got 4 (x [2, 4, 5, 6], w [3, 3, 6, 4]).",
  );
  expect(() => conv2dTranspose(x, filter(3, 3, 4, 6), { groups: 4 })).toThrow('4 groups do not divide 6 channels of x');
  expect(() => conv2dTranspose(x, filter(3, 3, 4, 6), { groups: 4 })).toThrow(ShapeError);
  expect(() => conv2dTranspose(x, filter(3, 3, 4, 6), { padding: 4 })).toThrow(
    'conv2dTranspose: with padding 4 nothing is left of the output: -2 x -1.',
  );
  expect(() => conv2dTranspose(x, filter(3, 3, 4, 6), { padding: 4 })).toThrow(ShapeError);
  expect(() => conv2dTranspose(x, filter(3, 3, 4, 6), { outputPadding: 1 })).toThrow(
    'conv2dTranspose: outputPadding must be smaller than the strides, got 1 and strides 1.',
  );
  expect(() => conv2dTranspose(x, filter(3, 3, 4, 6), { strides: [2, 3], outputPadding: [1, 3] })).toThrow(
    ArgumentError,
  );
  expect(() => conv2dTranspose(x, filter(3, 3, 4, 6), { strides: 0 })).toThrow(ArgumentError);
  expect(() => conv2dTranspose(g.input('integers', [2, 4, 5, 6], 'i32'), filter(3, 3, 4, 6))).toThrow(
    'conv2dTranspose: integers must be f32',
  );
});
