import source from '../../shaders/pixelChannels.wgsl?raw';
import { ArgumentError, ShapeError } from '../errors.ts';
import { apply1, expectDType, flatGrid, type Op } from '../graph.ts';
import { came, check, checkOptions, type Kind } from '../options.ts';
import { formatShape, type Tensor } from '../tensor.ts';
import { WORKGROUP } from './elementwise.ts';
import { checkRows } from './rows.ts';

const shader = { name: 'pixelChannels', source };

export interface PixelChannelsOptions {
  /** Pixels of a line. The words behind them, up to the next line, are not read. */
  readonly width: number;
  /** 1: gray; 3: red, green, blue; 4: with alpha. */
  readonly channels: 1 | 3 | 4;
}

const OPTIONS = { width: 'any', channels: 'any' } as const satisfies Record<keyof PixelChannelsOptions, Kind>;

const op: Op<PixelChannelsOptions> = {
  name: 'pixelChannels',
  outputs: ([pixels, rows], { width, channels }) => {
    expectDType('pixelChannels', pixels!, 'u32');
    const { shape } = pixels!;
    if (shape.length !== 3 || shape[2]! < width) {
      throw new ShapeError(
        `pixelChannels: for a width of ${width}, pixels must be [batch, height, at least ${width}], got ${formatShape(shape)}.`,
      );
    }
    checkRows('pixelChannels', rows!);
    return [{ shape: [shape[0]!, shape[1]!, width, channels], dtype: 'f32' }];
  },
  dispatches: ({ inputs: [pixels, rows], outputs: [y], attributes: { width, channels } }) => {
    const [batch, height, stride] = pixels!.shape as [number, number, number];
    const lines = batch * height;
    return [
      {
        shader,
        entryPoint: 'main',
        constants: { LINES: lines, HEIGHT: height, WIDTH: width, STRIDE: stride, CHANNELS: channels },
        reads: { pixels: pixels!, rows: rows! },
        writes: { y: y! },
        workgroups: flatGrid(lines * width, WORKGROUP),
      },
    ];
  },
};

/**
 * Channels of pictures as floats from 0 to 255, out of the pixels that a canvas or a video has on the device. Gray is the luma of
 * ITU-R BT.601 (https://www.itu.int/rec/R-REC-BT.601), section 2.5.1, rounded, as `fromPixels` computes it. Has no gradient.
 * @param pixels u32 `[batch, height, words]`: a word for each pixel, red in its lowest byte, then green, blue and alpha, as copies
 *   of textures of the format `rgba8unorm` lie, whose lines begin at multiples of 256 bytes
 * @param rows u32 `[1]`: the number of pictures to use; zeros after them
 * @returns f32 `[batch, height, width, channels]`
 * @throws ShapeError if the inputs do not fit; ArgumentError for another number of channels
 */
export function pixelChannels(pixels: Tensor, rows: Tensor, options: PixelChannelsOptions): Tensor {
  const { width, channels } = checkOptions('pixelChannels', options, OPTIONS);
  check('pixelChannels', 'width', width, 'count');
  if (![1, 3, 4].includes(channels)) {
    throw new ArgumentError(`pixelChannels: channels must be 1, 3 or 4, ${came(channels)}`);
  }
  return apply1(op, [pixels, rows], { width, channels });
}
