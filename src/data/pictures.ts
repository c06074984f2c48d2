/** Pictures as bytes: what a page has of them, ImageData and all that a canvas draws, becomes examples of a model. */
import { DataError, ShapeError } from '../errors.ts';
import { isBlob } from '../io/bytes.ts';
import { kindOf, shown } from '../shown.ts';
import { elements, formatShape, type Shape } from '../tensor.ts';
import { pixelOptions } from './dataErrors.ts';

/** Bytes of red, green, blue and alpha, one pixel after another from the top left, as `ImageData` has them. */
export interface Pixels {
  readonly data: Uint8ClampedArray | Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** What has pixels. A video gives the frame that it shows. */
export type Picture =
  | Pixels
  | ImageData
  | ImageBitmap
  | OffscreenCanvas
  | HTMLCanvasElement
  | HTMLImageElement
  | HTMLVideoElement
  | VideoFrame;

/** What a canvas draws. */
export type Drawable = Exclude<Picture, Pixels | ImageData>;

/** A part of a picture, in pixels from the top left. */
export interface PictureArea {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

const DRAWABLE = /^(ImageBitmap|OffscreenCanvas|VideoFrame|HTML(Canvas|Image|Video)Element)$/;

/** Whether a value is ImageData, or has the same fields: where there is no page, there is no such class. */
export function isPixels(value: unknown): value is Pixels {
  const { data, width, height } = Object(value) as Partial<Pixels>;
  return typeof width === 'number' && typeof height === 'number' && /^Uint8(Clamped)?Array$/.test(kindOf(data));
}

const isPicture = (value: unknown): value is Picture => DRAWABLE.test(kindOf(value)) || isPixels(value);

/** The pictures that a value is or lists; undefined if it is none. */
export function picturesIn(value: unknown): readonly (Picture | Blob)[] | undefined {
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  const [first] = list;
  return isPicture(first) || isBlob(first) || kindOf(first) === 'ImageData' ? (list as readonly Picture[]) : undefined;
}

/** @returns height and width @throws DataError for what is no picture, or has no pixels */
export function pictureSize(what: string, picture: Picture | Blob): readonly [number, number] {
  const kind = kindOf(picture);
  if (!isPicture(picture)) {
    const hints: Record<string, string> = {
      ImageData: " ImageData must hold bytes, which pixelFormat 'rgba-unorm8' gives.",
      Blob: ' Decode it: await fromPixels(blob).',
      File: ' Decode it: await fromPixels(file).',
    };
    throw new DataError(`${what} must be a picture, got ${shown(picture)}.${hints[kind] ?? ''}`);
  }
  const sides = picture as unknown as Record<string, number>;
  const width = sides.naturalWidth ?? sides.videoWidth ?? sides.displayWidth ?? sides.width!;
  const height = sides.naturalHeight ?? sides.videoHeight ?? sides.displayHeight ?? sides.height!;
  const ready = kind !== 'HTMLVideoElement' || (picture as HTMLVideoElement).readyState >= 2;
  if (width > 0 && height > 0 && ready) {
    if (!isPixels(picture) || picture.data.length === 4 * width * height) return [height, width];
    throw new DataError(
      `${what}: ${height} x ${width} pixels have ${4 * width * height} bytes, data has ${picture.data.length}.`,
    );
  }
  const loading = kind === 'HTMLImageElement' && !(picture as HTMLImageElement).complete;
  const why: Record<string, string> = {
    HTMLImageElement: loading
      ? 'it has not loaded yet. Wait for it: await image.decode()'
      : 'it has no source, could not be loaded, or is an SVG without a size',
    HTMLVideoElement: "there is no frame yet. Wait for its event 'loadeddata', or await video.play()",
    ImageBitmap: 'it was closed',
    VideoFrame: 'it was closed',
  };
  throw new DataError(`${what}: ${shown(picture)} has no pixels: ${why[kind] ?? 'its width or height is 0'}.`);
}

type Pen = OffscreenCanvasRenderingContext2D;

/** Kept from call to call, since a camera asks for it thirty times a second. */
let pen: Pen | undefined;

/**
 * The bytes of an area of a picture at some size.
 * @param size height and width
 * @throws DataError for pixels that the browser does not let a page read
 */
export function drawnPixels(
  what: string,
  picture: Drawable,
  { x, y, width: w, height: h }: PictureArea,
  [height, width]: readonly [number, number],
): Uint8ClampedArray {
  // Read again and again, pixels are faster off a canvas in the memory of the CPU.
  pen ??= new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })!;
  Object.assign(pen.canvas, { width, height }); // which clears it, too
  pen.imageSmoothingQuality = 'high';
  try {
    pen.drawImage(picture, x, y, w, h, 0, 0, width, height);
    return pen.getImageData(0, 0, width, height).data;
  } catch (cause) {
    pen = undefined; // a canvas that has taken in a picture of another server can never be read again
    const foreign =
      " comes from another server, so its pixels must not be read. Set crossOrigin = 'anonymous' before src; that server must allow it";
    const why = (cause as Error).name === 'SecurityError' ? foreign : ' cannot be drawn';
    throw new DataError(`${what}: ${shown(picture)}${why}.`, { cause });
  }
}

/** Numbers of channels that pictures become: gray, color, or color with alpha. */
export const CHANNELS: readonly number[] = [1, 3, 4];

/**
 * Writes pixels with some of their channels.
 *
 * Gray is the luma of ITU-R BT.601 (https://www.itu.int/rec/R-REC-BT.601), section 2.5.1: 0.299 R + 0.587 G + 0.114 B, rounded, with
 * weights in units of 2^-16. Without alpha, colors are as they are stored: nothing is blended with a background.
 */
export function writeChannels(rgba: ArrayLike<number>, channels: number, to: Uint8Array, at: number): void {
  if (channels === 4) {
    to.set(rgba, at);
    return;
  }
  const pixels = rgba.length / 4;
  for (let i = 0; i < pixels; i++) {
    const red = rgba[4 * i]!;
    const green = rgba[4 * i + 1]!;
    const blue = rgba[4 * i + 2]!;
    if (channels === 1) {
      to[at + i] = (19595 * red + 38470 * green + 7471 * blue + 32768) >> 16;
    } else {
      to[at + 3 * i] = red;
      to[at + 3 * i + 1] = green;
      to[at + 3 * i + 2] = blue;
    }
  }
}

/** Bytes of examples, into which pictures are written one by one. */
class PictureBytes {
  readonly data: Uint8Array;
  readonly shape: Shape;
  readonly #what: string;

  /** @throws ShapeError unless the model takes pictures */
  constructor(what: string, count: number, inputShape: Shape) {
    if (inputShape.length !== 3 || !CHANNELS.includes(inputShape[2]!)) {
      throw new ShapeError(
        `${what}: pictures are [height, width, channels] with 1, 3 or 4 channels; the model takes ${formatShape(inputShape)}.`,
      );
    }
    this.#what = what;
    this.shape = [count, ...inputShape];
    this.data = new Uint8Array(elements(this.shape));
  }

  /** @throws DataError for what has no pixels; ShapeError for a picture of another size */
  write(picture: Picture | Blob, row: number): void {
    const [count, height, width, channels] = this.shape as [number, number, number, number];
    const what = count === 1 ? this.#what : `${this.#what}[${row}]`;
    const [h, w] = pictureSize(what, picture);
    if (h !== height || w !== width) {
      throw new ShapeError(
        `${what} is ${h} pixels high and ${w} wide, the model takes ${height} and ${width}. Write await fromPixels(${this.#what}, ${pixelOptions([height, width, channels])}).`,
      );
    }
    const area = { x: 0, y: 0, width, height };
    const rgba = isPixels(picture) ? picture.data : drawnPixels(what, picture as Drawable, area, [height, width]);
    writeChannels(rgba, channels, this.data, row * height * width * channels);
  }
}

/** Examples out of pictures of the model's size. @throws DataError, ShapeError for pictures that do not fit */
export function pictureBytes(what: string, pictures: readonly (Picture | Blob)[], inputShape: Shape): PictureBytes {
  const bytes = new PictureBytes(what, pictures.length, inputShape);
  pictures.forEach((picture, row) => {
    bytes.write(picture, row);
  });
  return bytes;
}

/** Whether examples are or list Blobs, such as files, which must be decoded before they are pictures. */
export const hasBlobs = (value: unknown): boolean => picturesIn(value)?.some(isBlob) ?? false;

/**
 * Examples out of pictures of which some are Blobs. They are decoded one after another, so only one of them needs four bytes a
 * pixel.
 */
export async function decoded(what: string, value: unknown, inputShape: Shape): Promise<PictureBytes> {
  const pictures = picturesIn(value)!;
  const bytes = new PictureBytes(what, pictures.length, inputShape);
  for (const [row, picture] of pictures.entries()) {
    await withBitmap(`${what}[${row}]`, picture, (drawable) => bytes.write(drawable, row));
  }
  return bytes;
}

/** Calls `use` with a picture: a Blob is decoded for it. @throws DataError for a Blob that is no picture */
export async function withBitmap<T>(what: string, picture: Picture | Blob, use: (picture: Picture) => T): Promise<T> {
  if (!isBlob(picture)) return use(picture);
  let bitmap: ImageBitmap;
  try {
    bitmap = await createImageBitmap(picture);
  } catch (cause) {
    const { type } = picture;
    throw new DataError(`${what}: the browser cannot decode this ${kindOf(picture)} of type ${shown(type)}.`, {
      cause,
    });
  }
  try {
    return use(bitmap);
  } finally {
    bitmap.close();
  }
}
