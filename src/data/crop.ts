/** Sizes that pictures are brought to, and the parts of them that are taken. */
import { ArgumentError, ShapeError } from '../errors.ts';
import { came, checkOptions, isRecord, type Kind, likely } from '../options.ts';
import { shown } from '../shown.ts';
import { CHANNELS, type PictureArea } from './pictures.ts';

/** Height and width. */
export type Size = readonly [height: number, width: number];

export interface CropOptions {
  /** Height and width of the result, one number for both. Default: those of the picture, or of the part that is taken. */
  readonly size?: number | Size;
  /** 1: gray; 3: red, green, blue; 4: with alpha. Default 3. */
  readonly channels?: 1 | 3 | 4;
  /**
   * The part that is taken, in pixels of the picture. `'center'`: the largest part in the middle whose sides are as those of `size`,
   * a square without a `size`. Default: all of it, which `size` may distort.
   */
  readonly crop?: 'center' | PictureArea;
}

/** The type of each option, for `checkOptions`. */
export const CROP_OPTIONS = { size: 'any', channels: 'any', crop: 'any' } as const satisfies Record<
  keyof CropOptions,
  Kind
>;

const AREA = { x: 'countFrom0', y: 'countFrom0', width: 'count', height: 'count' } as const satisfies Record<
  keyof PictureArea,
  Kind
>;

/** Checks the values of the options. @returns both sides of the size, and the other options @throws ArgumentError */
export function checkedCrop(what: string, { size, channels = 3, crop }: CropOptions) {
  if (!CHANNELS.includes(channels)) throw new ArgumentError(`${what}: channels must be 1, 3 or 4, ${came(channels)}`);
  if (crop !== undefined && crop !== 'center') {
    if (!isRecord(crop)) {
      throw new ArgumentError(
        `${what}: crop must be 'center' or { x, y, width, height }, got ${shown(crop)}.${likely(crop, ['center'])}`,
      );
    }
    checkOptions(`${what}: crop`, crop, AREA, true);
  }
  return { channels, crop, size: sizeOf(what, size) };
}

function sizeOf(what: string, size: CropOptions['size']): Size | undefined {
  if (size === undefined) return undefined;
  const sides = typeof size === 'number' ? ([size, size] as const) : size;
  if (Array.isArray(sides) && sides.length === 2 && sides.every((side) => Number.isInteger(side) && side > 0)) {
    return [...(sides as Size)];
  }
  throw new ArgumentError(
    `${what}: size must be a number or [height, width], integers of at least 1, got ${shown(size)}. Write { size: [28, 28] }.`,
  );
}

/**
 * The largest part in the middle of a picture whose sides are as those of a size. Its text is a part of a worker's code, so it refers to
 * nothing outside itself.
 */
export function centeredArea(h: number, w: number, size: Size): PictureArea {
  const height = Math.max(1, Math.min(h, Math.round((w * size[0]) / size[1])));
  const width = Math.max(1, Math.min(w, Math.round((h * size[1]) / size[0])));
  return { x: Math.floor((w - width) / 2), y: Math.floor((h - height) / 2), width, height };
}

/** The part of a picture that `crop` says. @throws ShapeError if it is not in the picture */
export function areaOf(
  what: string,
  [h, w]: Size,
  crop: CropOptions['crop'],
  size: Size | undefined = [1, 1],
): PictureArea {
  if (crop === undefined) return { x: 0, y: 0, width: w, height: h };
  if (crop === 'center') return centeredArea(h, w, size);
  const { x, y, width, height } = crop;
  if (x + width <= w && y + height <= h) return { x, y, width, height };
  throw new ShapeError(
    `${what} is ${w} pixels wide and ${h} high; the crop from x ${x} to ${x + width} and y ${y} to ${y + height} is not in it.`,
  );
}
