/** `imageDataset`: pictures from addresses and files as examples, decoded while the GPU computes. */
import { ArgumentError, DataError } from '../../errors.ts';
import { isBlob, isUrlObject } from '../../io/bytes.ts';
import { NDArray } from '../../ndarray/ndarray.ts';
import { came, checkOneOf, checkOptions, type Kind } from '../../options.ts';
import { shown } from '../../shown.ts';
import { CROP_OPTIONS, type CropOptions, checkedCrop } from '../crop.ts';
import { writeChannels } from '../pictures.ts';
import { Decoders } from './decoders.ts';
import type { Example } from './elements.ts';
import { mappedAtOnce } from './operators.ts';
import { dataset, type Source, type StreamedDataset } from './stream.ts';

/** Where a picture is: an address, or a file. */
export type ImageSource = string | URL | Blob;

/** A picture with what is known of it. */
export interface ImageExample {
  readonly x: ImageSource;
  readonly y?: Example['y'];
  readonly sampleWeight?: number;
}

export interface ImageDatasetOptions extends CropOptions {
  /** The `y` of each picture, for a list of pictures by themselves. */
  readonly labels?: ArrayLike<number>;
  /** Pictures that are fetched and decoded at once. Default 8. */
  readonly concurrency?: number;
  /** Most workers that decode. Default: one less than the processor has cores, at most 4. 0: the page's thread decodes. */
  readonly workers?: number;
  /** What to do about a picture that cannot be fetched or decoded: fail, or leave it out and say so on the console. Default `throw`. */
  readonly broken?: 'throw' | 'skip';
}

/** The type of each option, for `checkOptions`. */
export const IMAGE_DATASET_OPTIONS = {
  ...CROP_OPTIONS,
  labels: 'list',
  concurrency: 'count',
  workers: 'countFrom0',
  broken: 'any',
} as const satisfies Record<keyof ImageDatasetOptions, Kind>;

const MOST_WORKERS = 4;

/**
 * A dataset of pictures: `x` are their bytes, `[height, width, channels]`, with the pixels that `fromPixels` makes of them. They are fetched
 * and decoded a few at a time, in order, in workers; where a page's security policy forbids workers of Blobs, in its own thread.
 * @param pictures addresses, files or other Blobs, or `{ x, y }` with such an `x`: a list or what else `dataset` takes. A dataset of
 *   addresses that is shuffled before costs no memory for pictures
 * @throws ArgumentError for options that do not exist or do not fit, DataError where no pictures can be decoded, as under Node
 */
export function imageDataset(
  pictures: Source<ImageSource | ImageExample> | StreamedDataset<ImageSource | ImageExample>,
  options: ImageDatasetOptions = {},
): StreamedDataset<Example & { readonly x: NDArray<Uint8Array> }> {
  const what = 'imageDataset';
  checkOptions(what, options, IMAGE_DATASET_OPTIONS);
  const { labels, concurrency = 8, broken = 'throw' } = options;
  const { channels, ...wanted } = checkedCrop(what, options);
  checkOneOf(what, 'broken', broken, ['throw', 'skip']);
  if (typeof createImageBitmap !== 'function') {
    throw new DataError(
      `${what}: a browser decodes pictures, and here is none. Decode them with a package of your own: dataset(files).map(async (file) => ({ x, y })).`,
    );
  }
  if (labels && !(Array.isArray(pictures) && pictures.length === labels.length)) {
    const given = Array.isArray(pictures) ? `${pictures.length} pictures` : 'pictures that are no list';
    throw new ArgumentError(
      `${what}: labels are one for each picture of a list; there are ${labels.length} for ${given}. Others bring theirs: { x, y }.`,
    );
  }
  const { workers = Math.min(Math.max((globalThis.navigator?.hardwareConcurrency ?? 2) - 1, 1), MOST_WORKERS) } =
    options;

  return dataset(pictures).through(
    (open) =>
      async function* (pass, signal) {
        const decoders = new Decoders(wanted, workers);
        let isOver = false;
        const end = () => {
          isOver = true;
          decoders.close();
        };
        signal.addEventListener('abort', end);
        const decode = async (picture: ImageSource | ImageExample, index: number) => {
          const given = isImageSource(picture) || Object(picture).x === undefined ? { x: picture } : picture;
          const { x, ...rest } = { ...(labels && { y: labels[index]! }), ...given } as ImageExample;
          const name = `${what}: picture ${index}${nameOf(x)}`;
          try {
            const { data, height, width } = await decoders.decode(name, await blobOf(name, x, signal));
            const bytes = new Uint8Array(height * width * channels);
            writeChannels(data, channels, bytes, 0);
            return { ...rest, x: new NDArray(bytes, [height, width, channels], 'uint8') };
          } catch (error) {
            if (broken === 'throw' || isOver) throw error;
            console.warn(`neurite: ${(error as Error).message} It is left out.`);
            return undefined;
          }
        };
        try {
          for await (const example of mappedAtOnce(open, pass, signal, decode, concurrency)) if (example) yield example;
        } finally {
          signal.removeEventListener('abort', end);
          end();
        }
      },
  );
}

const isImageSource = (value: unknown): value is ImageSource =>
  typeof value === 'string' || isUrlObject(value) || isBlob(value);

/** What a picture is called, for messages. */
function nameOf(picture: ImageSource): string {
  if (isBlob(picture)) return 'name' in picture ? `, ${shown(picture.name)}` : '';
  return isImageSource(picture) ? `, ${shown(String(picture))}` : '';
}

/** @throws DataError for what is no place of a picture, and for an address that gives none */
async function blobOf(what: string, picture: ImageSource, signal: AbortSignal): Promise<Blob> {
  if (isBlob(picture)) return picture;
  if (!isImageSource(picture))
    throw new DataError(`${what} must be an address, a file or another Blob, or { x, y } with one, ${came(picture)}`);
  let response: Response;
  try {
    response = await fetch(picture, { signal });
    if (response.ok) return await response.blob();
  } catch (cause) {
    throw new DataError(
      `${what} could not be fetched: ${(cause as Error).message}. Another server must allow it, by the header Access-Control-Allow-Origin.`,
      { cause },
    );
  }
  throw new DataError(`${what} could not be fetched: the server answered ${response.status}.`);
}
