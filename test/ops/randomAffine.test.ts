import { describe, expect, test } from 'vitest';
import { centerCrop, randomAffine } from '../../src/augmentation/index.ts';
import { gradients, graph, ShapeError, type Tensor } from '../../src/index.ts';
import { randomAffineSpec } from '../../src/selftest/specs/randomAffine.ts';
import { checkOp } from '../support/checkOp.ts';
import { runOnce } from '../support/session.ts';

checkOp(randomAffineSpec);

describe('randomAffine', () => {
  const options = { salt: 1, rotation: [0, 0.3] } as const;

  test('the gradient of the gradient is the op without what lies outside', async () => {
    const g = graph();
    const seed = g.input('seed', [1], 'u32');
    const [x, dy, v] = ['x', 'dy', 'v'].map((name) => g.input(name, [3, 4, 5, 2])) as [Tensor, Tensor, Tensor];
    const map = { ...options, fillMode: 'constant' } as const;
    const [dx] = gradients(randomAffine(x, seed, { ...map, fillValue: 5 }), [x], dy);
    const [ddy] = gradients(dx!, [dy], v);
    const values = Float32Array.from({ length: 120 }, (_, i) => i % 7);
    const [got, want] = await runOnce(g, [[seed, [3]], [v, values]], [ddy!, randomAffine(v, seed, map)]); // biome-ignore format: one line
    expect(got).toEqual(want);
    expect(Math.max(...got!)).toBeGreaterThan(1);
  });

  test('a part of a batch draws as in the whole', async () => {
    const g = graph();
    const [whole, part] = [g.input('whole', [5, 3, 4, 1]), g.input('part', [2, 3, 4, 1])];
    const [seed, placed] = [g.input('seed', [1], 'u32'), g.input('placed', [2], 'u32')];
    const values = Float32Array.from({ length: 60 }, (_, i) => Math.sin(i));
    const feeds = [[whole, values], [part, values.slice(36)], [seed, [9]], [placed, [9, 3]]] as const; // biome-ignore format: pairs
    const [all, some] = await runOnce(g, feeds, [
      randomAffine(whole, seed, options),
      randomAffine(part, placed, options),
    ]);
    expect(some).toEqual(all!.slice(36));
  });

  test('what lies at the centre', async () => {
    const g = graph();
    const x = g.input('x', [1, 4, 5, 1]);
    const values = Float32Array.from({ length: 20 }, (_, i) => i);
    const windows = ([[2, 3], [3, 2], [4, 5]] as const).map((size) => centerCrop(x, size)); // biome-ignore format: pairs
    expect(await runOnce(g, [[x, values]], windows)).toEqual([[6, 7, 8, 11, 12, 13], [1, 2, 6, 7, 11, 12], [...values]]); // biome-ignore format: lists
    const [dx] = gradients(windows[0]!, [x], g.input('dy', [1, 2, 3, 1]));
    const given = [[g.inputs[1]!, [1, 2, 3, 4, 5, 6]]] as const;
    const [got] = await runOnce(g, given, [dx!]);
    expect(got).toEqual([0, 0, 0, 0, 0, 0, 1, 2, 3, 0, 0, 4, 5, 6, 0, 0, 0, 0, 0, 0]);
  });

  test('refuses what does not fit', () => {
    const g = graph();
    const [x, seed] = [g.input('x', [2, 4, 5, 3]), g.input('seed', [1], 'u32')];
    const given = (rest: object) => () => randomAffine(x, seed, { salt: 0, ...rest } as never);
    expect(given({})).toThrow('randomAffine: give one of flip, crop, translation, rotation, zoom, got none.');
    expect(given({ flip: 'vertical', zoom: [[1, 2]] })).toThrow('got flip and zoom.');
    expect(given({ flip: 'both' })).toThrow("flip must be 'horizontal', 'vertical' or 'horizontalAndVertical'");
    expect(given({ crop: [5, 5] })).toThrow(ShapeError);
    expect(given({ crop: [0, 5] })).toThrow('crop must be [height, width] in whole pixels');
    expect(given({ translation: [1, 2] })).toThrow('translation must be [least, largest], in pixels');
    expect(given({ translation: [0, 1, 2] })).toThrow('translation must be two ranges, [rows, columns]');
    expect(given({ zoom: [[0, 1]] })).toThrow('zoom must be [least, largest], numbers above 0');
    expect(() => centerCrop(g.input('flat', [2, 3]), [1, 1])).toThrow(
      'centerCrop: x must be [n, h, w, c], got [2, 3].',
    );
    expect(() => centerCrop(x, [5, 5])).toThrow(ShapeError);
    const other = { salt: 0, flip: 'vertical' } as const;
    expect(() => randomAffine(g.input('i', [2, 4, 5, 3], 'i32'), seed, other)).toThrow('i must be f32, got i32');
    expect(() => randomAffine(x, g.input('three', [3], 'u32'), other)).toThrow('the seed must be u32 [1] or [2]');
    expect(() => randomAffine(x, g.input('floats', [1]), other)).toThrow(ShapeError);
  });
});
