import { pixelChannels } from '../../index.ts';
import { array64, randomIntegers, zeros } from '../arrays.ts';
import { opSpec } from '../spec.ts';

interface Params {
  readonly rows: number;
  readonly width: number;
  readonly channels: 1 | 3 | 4;
}

const caseOf = (why: string, pixels: readonly number[], params: Params) => ({ why, shapes: [pixels, [1]], params });

export const pixelChannelsSpec = opSpec<Params>({
  name: 'pixelChannels',
  cases: [
    caseOf('one pixel', [1, 1, 1], { rows: 1, width: 1, channels: 3 }),
    caseOf('gray', [2, 9, 13], { rows: 2, width: 13, channels: 1 }),
    caseOf('lines with words behind them', [3, 5, 64], { rows: 3, width: 17, channels: 3 }),
    caseOf('with alpha, a partial batch', [4, 6, 64], { rows: 2, width: 64, channels: 4 }),
    caseOf('gray lines with words behind them, a partial batch', [5, 4, 12], { rows: 3, width: 7, channels: 1 }),
    caseOf('no picture at all', [2, 3, 4], { rows: 0, width: 3, channels: 3 }),
  ],
  dtypes: ['u32', 'u32'],
  inputs: ([pixels], random, { rows }) => [randomIntegers(pixels!, 2 ** 32, random), array64([1], [rows])],
  build: ([pixels, rows], { width, channels }) => pixelChannels(pixels!, rows!, { width, channels }),
  forward: ([pixels], { rows, width, channels }) => {
    const [batch, height, stride] = pixels!.shape as [number, number, number];
    const y = zeros([batch, height, width, channels]);
    for (let i = 0; i < rows * height * width; i++) {
      const word = pixels!.data[Math.floor(i / width) * stride + (i % width)]!;
      const bytes = [0, 8, 16, 24].map((bit) => Math.floor(word / 2 ** bit) % 256) as [number, number, number, number];
      const [red, green, blue] = bytes;
      const luma = Math.floor((19595 * red + 38470 * green + 7471 * blue) / 65536 + 0.5);
      const of = channels === 1 ? [luma] : bytes.slice(0, channels);
      of.forEach((value, c) => {
        y.data[i * channels + c] = value;
      });
    }
    return y;
  },
  tolerance: {
    forward: { error: 0, why: 'integers up to 255 are exact in float32, and so is the luma in whole numbers' },
  },
});
