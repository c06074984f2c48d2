import { expect, test } from 'vitest';
import { ArgumentError, gradients, graph, ShapeError, upSampling2d } from '../../src/index.ts';
import { upSampling2dSpec } from '../../src/selftest/specs/upSampling2d.ts';
import { checkOp } from '../support/checkOp.ts';
import { runOnce } from '../support/session.ts';

checkOp(upSampling2dSpec);

test('upSampling2d: a row of three pixels by hand', async () => {
  const g = graph();
  const x = g.input('x', [1, 1, 3, 1]);
  const larger = (['nearest', 'bilinear'] as const).map((interpolation) => upSampling2d(x, { size: [1, 2], interpolation })); // biome-ignore format: a list
  const got = await runOnce(g, [[x, [1, 3, 9]]], larger);
  expect(got).toEqual([
    [1, 1, 3, 3, 9, 9],
    [1, 1.5, 2.5, 4.5, 7.5, 9],
  ]);
});

test.each(['nearest', 'bilinear'] as const)(
  'upSampling2d, %s: the gradient of the gradient is the op',
  async (interpolation) => {
    const g = graph();
    const [x, dy, v] = [g.input('x', [2, 3, 2, 4]), g.input('dy', [2, 9, 4, 4]), g.input('v', [2, 3, 2, 4])];
    const options = { size: [3, 2], interpolation } as const;
    const [dx] = gradients(upSampling2d(x, options), [x], dy);
    const [ddy] = gradients(dx!, [dy], v);
    const values = Float32Array.from({ length: 48 }, (_, i) => i % 7);
    const [got, want] = await runOnce(g, [[v, values]], [ddy!, upSampling2d(v, options)]);
    expect(got).toEqual(want);
    expect(Math.max(...got!)).toBeGreaterThan(1);
  },
);

test('upSampling2d: what is no image and no whole factor is refused', () => {
  const g = graph();
  const x = g.input('x', [2, 5, 7, 3]);
  expect(upSampling2d(x).shape).toEqual([2, 10, 14, 3]);
  expect(upSampling2d(x, { size: [1, 3] }).shape).toEqual([2, 5, 21, 3]);
  expect(() => upSampling2d(g.input('flat', [2, 5]))).toThrow('upSampling2d: x must be [n, h, w, c], got [2, 5].');
  expect(() => upSampling2d(g.input('flatter', [2, 5]))).toThrow(ShapeError);
  expect(() => upSampling2d(g.input('integers', [2, 5, 7, 3], 'i32'))).toThrow('upSampling2d: integers must be f32');
  expect(() => upSampling2d(x, { size: 1.5 })).toThrow(ArgumentError);
  expect(() => upSampling2d(x, { size: 1.5 })).toThrow('upSampling2d: size must be one or two integers of at least 1');
  expect(() => upSampling2d(x, { interpolation: 'cubic' as never })).toThrow(
    "interpolation must be 'nearest' or 'bilinear'",
  );
});
