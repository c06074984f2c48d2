/** `fromPixels`: pictures of any size as an array, cropped, resized and with the channels that a model takes. */
import { DataError, ShapeError } from '../errors.ts';
import { isBlob } from '../io/bytes.ts';
import { NDArray } from '../ndarray/ndarray.ts';
import { came, checkOptions, type Kind } from '../options.ts';
import { formatShape } from '../tensor.ts';
import { areaOf, CROP_OPTIONS, type CropOptions, checkedCrop, type Size } from './crop.ts';
import { fetching } from './dataErrors.ts';
import {
  type Drawable,
  drawnPixels,
  isPixels,
  type Picture,
  type PictureArea,
  pictureSize,
  picturesIn,
  withBitmap,
  writeChannels,
} from './pictures.ts';

export interface FromPixelsOptions extends CropOptions {
  /** Factor of the numbers, which makes them float32. Default: none, they are bytes from 0 to 255. */
  readonly scale?: number;
}

const OPTIONS = { ...CROP_OPTIONS, scale: 'number' } as const satisfies Record<keyof FromPixelsOptions, Kind>;

/**
 * Makes an array `[n, height, width, channels]` of a picture, or of a list of them. A picture is ImageData or anything else with
 * `data`, `width` and `height`, an ImageBitmap, a canvas, an `<img>`, a `<video>` or VideoFrame, or a Blob with a picture in it.
 *
 * Pictures but Blobs are read before the call returns its promise, if no Blob stands before them in the list. Alpha that is not
 * asked for is left out: colors are as they are stored, and those of transparent pixels are mostly black. Gray is the luma of
 * ITU-R BT.601, 0.299 R + 0.587 G + 0.114 B, rounded.
 * @throws DataError for what is no picture or has no pixels (yet), and for pixels that the browser does not let a page read
 * @throws ShapeError for pictures of different sizes without the option `size`, and for a part that is not in the picture
 * @throws ArgumentError for options that do not exist or do not fit
 */
export async function fromPixels(
  source: Picture | Blob | readonly (Picture | Blob)[],
  options: FromPixelsOptions = {},
): Promise<NDArray> {
  const { scale } = checkOptions('fromPixels', options, OPTIONS);
  const { channels, crop, size } = checkedCrop('fromPixels', options);
  const pictures = picturesIn(source);
  if (!pictures) {
    throw new DataError(
      `fromPixels: source must be a picture or a list of pictures, ${came(source)}${fetching([source].flat()[0])}`,
    );
  }
  const name = (row: number) => (Array.isArray(source) ? `fromPixels: source[${row}]` : 'fromPixels: source');
  let bytes = new Uint8Array();
  let made: Size | undefined;
  const write = (picture: Picture, row: number) => {
    const area = areaOf(name(row), pictureSize(name(row), picture), crop, size);
    const own: Size = size ?? [area.height, area.width];
    const length = own[0] * own[1] * channels;
    if (!made) {
      made = own;
      bytes = new Uint8Array(pictures.length * length);
    }
    if (own[0] !== made[0] || own[1] !== made[1]) {
      throw new ShapeError(
        `${name(row)} gives ${own[0]} x ${own[1]} pixels (height x width), ${name(0)} ${made[0]} x ${made[1]}. Write ` +
          `{ size: ${formatShape(made)} } to bring all to one size.`,
      );
    }
    writeChannels(pixelsIn(name(row), picture, area, own), channels, bytes, row * length);
  };
  for (const [row, picture] of pictures.entries()) {
    if (isBlob(picture)) await withBitmap(name(row), picture, (bitmap) => write(bitmap, row));
    else write(picture, row); // nothing is awaited, so a video gives the frame of this moment
  }
  const shape = [pictures.length, ...made!, channels];
  if (scale === undefined) return new NDArray(bytes, shape, 'uint8');
  return new NDArray(
    Float32Array.from(bytes, (byte) => byte * scale),
    shape,
    'float32',
  );
}

/** The bytes of an area at some size. Pixels in memory are only cut out where they need not be resized: no canvas is needed. */
function pixelsIn(what: string, picture: Picture, area: PictureArea, size: Size): Uint8ClampedArray | Uint8Array {
  if (!isPixels(picture)) return drawnPixels(what, picture as Drawable, area, size);
  const { data, width } = picture;
  if (size[0] === area.height && size[1] === area.width) {
    const cut = new Uint8Array(4 * area.width * area.height);
    for (let row = 0; row < area.height; row++) {
      const from = 4 * ((area.y + row) * width + area.x);
      cut.set(data.subarray(from, from + 4 * area.width), 4 * row * area.width);
    }
    return cut;
  }
  if (typeof OffscreenCanvas === 'undefined')
    throw new DataError(`${what}: to resize pixels takes a canvas, which there is only in a browser.`);
  const canvas = new OffscreenCanvas(width, picture.height);
  canvas.getContext('2d')!.putImageData(new ImageData(new Uint8ClampedArray(data), width, picture.height), 0, 0);
  return drawnPixels(what, canvas, area, size);
}
