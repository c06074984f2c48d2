import { describe, expect, test } from 'vitest';
import { ArgumentError, gradients, graph, pixelChannels, ShapeError } from '../../src/index.ts';
import { pixelChannelsSpec } from '../../src/selftest/specs/pixelChannels.ts';
import { checkOp } from '../support/checkOp.ts';
import { runOnce } from '../support/session.ts';

checkOp(pixelChannelsSpec);

describe('pixelChannels', () => {
  test('gray is the luma that fromPixels gives, of every gray and at the ends of every color', async () => {
    const grays = Uint32Array.from({ length: 256 }, (_, i) => i * 0x010101);
    const words = Uint32Array.of(...grays, 0xff, 0xff00, 0xff0000, 0xff000000, 0xffffffff);
    const g = graph();
    const [pixels, rows] = [g.input('pixels', [1, 1, words.length], 'u32'), g.input('rows', [1], 'u32')];
    const y = pixelChannels(pixels, rows, { width: words.length, channels: 1 });
    const given = [
      [pixels, [...words]],
      [rows, [1]],
    ] as const;
    const [got] = await runOnce(g, given, [y]);
    // 0.299, 0.587 and 0.114 of 255 are 76.2, 149.7 and 29.1; alpha has no part in it.
    expect(got).toEqual([...Array(256).keys(), 76, 150, 29, 0, 255]);
  });

  test('has no gradient, and says so; refuses what does not fit', () => {
    const g = graph();
    const [pixels, rows] = [g.input('pixels', [1, 2, 3], 'u32'), g.input('rows', [1], 'u32')];
    const options = { width: 3, channels: 3 } as const;
    expect(() => gradients(pixelChannels(pixels, rows, options), [pixels])).toThrow(ArgumentError);
    expect(() => pixelChannels(g.input('floats', [1, 2, 3]), rows, options)).toThrow(ShapeError);
    expect(() => pixelChannels(pixels, g.input('two', [2], 'u32'), options)).toThrow(ShapeError);
    expect(() => pixelChannels(pixels, rows, { ...options, width: 4 })).toThrow(
      'pixelChannels: for a width of 4, pixels must be [batch, height, at least 4], got [1, 2, 3].',
    );
    expect(() => pixelChannels(pixels, rows, { ...options, channels: 2 as never })).toThrow(ArgumentError);
  });
});
