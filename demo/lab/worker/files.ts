/** The user's own images and models, and runs that were stored. */
export { resume } from 'neurite';

import { type Device, FormatError, loadModel, type Model } from 'neurite';
import { brainFilesFrom, loadBrainSegments, scaleImages } from 'neurite/brain';
import { IMAGE_SIZE } from '../protocol/index.ts';
import { emptyImages, type Images, MOST_IMAGES, PIXELS } from './images.ts';
import { pictureSize } from './pictureSize.ts';

export interface UserFile {
  /** With its folders, where the browser gives them. */
  path: string;
  file: File;
}

interface Reading {
  signal: AbortSignal;
  onProgress: (done: number, total: number) => void;
}

/** Weights of a page's largest network with their optimizer's state; see description.ts. */
const MOST_MODEL_BYTES = 2 ** 30;

/** What a file is called in messages. */
const nameOf = (file: Blob) => (file instanceof File ? file.name : 'The file');

/** @throws FormatError for a file that is empty, too large for a model, or gone */
export async function bytesOfModel(file: Blob): Promise<Uint8Array<ArrayBuffer>> {
  const name = nameOf(file);
  if (file.size === 0) throw new FormatError(`${name} is empty.`);
  if (file.size > MOST_MODEL_BYTES) {
    throw new FormatError(`${name} has ${Math.round(file.size / 1e6)} MB: no network for these images is as large.`);
  }
  const buffer = await file.arrayBuffer().catch((cause: Error) => {
    throw new FormatError(`${name} cannot be read (${cause.message}): choose it again.`, { cause });
  });
  return new Uint8Array(buffer);
}

/** @throws FormatError for a file that is no model */
export async function readModel(file: Blob, device: Device): Promise<Model> {
  const bytes = await bytesOfModel(file);
  return loadModel(bytes, { device }).catch((error) => {
    throw noModel(file, error);
  });
}

/** What is said of a file that the engine does not take for a model: a line for people, and why. Other errors stay as they are. */
export function noModel(file: Blob, error: unknown): unknown {
  if (!(error instanceof FormatError)) return error;
  return new FormatError(`${nameOf(file)} is no model that was saved here, or it is damaged.\n${error.message}`, {
    cause: error,
  });
}

/** Bytes of a picture's file, and its pixels, which formats pack a thousand to one and more: 128 MiB unpacked. */
const MOST_PICTURE_BYTES = 64 * 2 ** 20;
const MOST_PICTURE_PIXELS = 2 ** 25;

const EXPECTED =
  'The course’s files are named real_0.gz, fake_0.gz and so on; pictures need “real” or “fake” in their name or folder.';

/** @throws FormatError, for people, naming the file that is wrong and what is expected */
export async function readUserFiles(given: readonly UserFile[], reading: Reading): Promise<Images & { note?: string }> {
  const files = given.filter(({ path }) => !isHidden(path));
  if (files.length === 0) throw new FormatError(`There are no files to read. ${EXPECTED}`);
  const packed = files.filter(({ path }) => /\.gz$/i.test(path));
  if (packed.length === files.length) return readCourseFiles(files, reading);
  if (packed.length > 0) {
    const other = files.find((file) => !packed.includes(file))!;
    throw new FormatError(
      `${other.path} is no .gz file as the others are: choose the course’s files or pictures, not both.`,
    );
  }
  return readPictures(files, reading);
}

function isHidden(path: string): boolean {
  return path
    .split('/')
    .some((part) => part.startsWith('.') || part === '__MACOSX' || /^(thumbs\.db|desktop\.ini)$/i.test(part));
}

async function readCourseFiles(given: readonly UserFile[], reading: Reading): Promise<Images & { note?: string }> {
  // The course's small samples have no number.
  const files = given.map(({ file }) => new File([file], file.name.replace(/^(real|fake)_sample\.gz$/, '$1_0.gz')));
  const { segments, real, fake } = brainFilesFrom(files);
  const maxImages = Math.floor(MOST_IMAGES / files.length);
  const set = await loadBrainSegments({ segments, real, fake, maxImages, ...reading });
  const full = set.y.length >= maxImages * files.length;
  const note = full ? { note: `Only the first ${maxImages} images of each file were read: more do not fit.` } : {};
  return { ...set, x: scaleImages(set.x), ...note };
}

async function readPictures(files: readonly UserFile[], { signal, onProgress }: Reading): Promise<Images> {
  if (files.length > MOST_IMAGES)
    throw new FormatError(`${files.length} pictures are too many: at most ${MOST_IMAGES}.`);
  const places = placesOf(files.map(({ path }) => path));
  const images = emptyImages(files.length, 'pictures');
  const canvas = new OffscreenCanvas(IMAGE_SIZE, IMAGE_SIZE);
  const context = canvas.getContext('2d', { willReadFrequently: true })!;
  for (const [row, { path, file }] of files.entries()) {
    signal.throwIfAborted();
    const bytes = await bytesOfPicture(path, file);
    const bitmap = await createImageBitmap(new Blob([bytes])).catch((cause: Error) => {
      throw new FormatError(`${path} is damaged: this browser cannot read the picture. ${EXPECTED}`, { cause });
    });
    context.fillRect(0, 0, IMAGE_SIZE, IMAGE_SIZE); // what is transparent counts as black
    context.drawImage(bitmap, 0, 0, IMAGE_SIZE, IMAGE_SIZE);
    bitmap.close();
    luma(context.getImageData(0, 0, IMAGE_SIZE, IMAGE_SIZE).data, images.x.data.subarray(row * PIXELS));
    images.y[row] = places[row]!.label;
    images.segment[row] = places[row]!.segment;
    if (row % 16 === 15 || row === files.length - 1) onProgress(row + 1, files.length);
  }
  return { ...images, x: scaleImages(images.x) };
}

/** @throws FormatError for what is no picture, would fill the memory, or cannot be read */
async function bytesOfPicture(path: string, file: File): Promise<Uint8Array<ArrayBuffer>> {
  const smaller = 'pictures are scaled to 128 × 128, so make it smaller.';
  if (file.size > MOST_PICTURE_BYTES) {
    throw new FormatError(`${path} has ${Math.round(file.size / 1e6)} MB, which is too much: ${smaller}`);
  }
  const buffer = await file.arrayBuffer().catch((cause: Error) => {
    throw new FormatError(`${path} cannot be read (${cause.message}). ${EXPECTED}`, { cause });
  });
  const bytes = new Uint8Array(buffer);
  const size = pictureSize(bytes);
  if (!size) {
    throw new FormatError(`${path} is not a picture, or not of these formats: PNG, JPEG, WebP, GIF, BMP. ${EXPECTED}`);
  }
  const { width, height } = size;
  if (width * height > MOST_PICTURE_PIXELS) {
    throw new FormatError(`${path} has ${width} × ${height} pixels, which is too much: ${smaller}`);
  }
  return bytes;
}

/** Brightness by the weights of Rec. 601, which image programs use for grey. */
function luma(rgba: Uint8ClampedArray, out: Float32Array): void {
  for (let p = 0; p < PIXELS; p++) {
    out[p] = (0.299 * rgba[4 * p]! + 0.587 * rgba[4 * p + 1]! + 0.114 * rgba[4 * p + 2]!) / 255;
  }
}

/**
 * Label and segment of pictures by their paths: the nearest part, name first, that says real or fake; the segment is a
 * number behind that word, or a folder's number. Without any number every fourth picture of a class goes to segment 7,
 * the others to 0, so that there is something to test on.
 * @throws FormatError for a path that says neither, or where a class has no picture
 */
export function placesOf(paths: readonly string[]): { label: number; segment: number }[] {
  const dealt = [0, 0];
  const places = paths.map((path) => {
    const parts = path
      .replace(/\.[^./]*$/, '')
      .split('/')
      .reverse();
    const said = parts.map((part) => /(?<![a-z])(real|fake)s?(?![a-z])/i.exec(part)).find((match) => match !== null);
    if (!said) throw new FormatError(`${path}: neither its name nor a folder says “real” or “fake”. ${EXPECTED}`);
    const label = said[1]!.toLowerCase() === 'fake' ? 1 : 0;
    const behind = /^[_\- ]?(\d)(?!\d)/.exec(said.input.slice(said.index + said[0].length));
    const folder = parts
      .slice(1)
      .map((part) => /^(?:seg(?:ment)?[_\- ]?)?(\d)$/i.exec(part))
      .find((match) => match !== null);
    return { label, segment: folder?.[1] ?? behind?.[1] };
  });
  for (const label of [0, 1]) {
    if (!places.some((place) => place.label === label)) {
      throw new FormatError(`There is no ${['real', 'fake'][label]} picture among the files: both classes are needed.`);
    }
  }
  // A number behind the word may as well count the pictures: real_1.png, real_2.png, … It is a segment where each is used for several.
  const numbered = places.every(({ segment }) => segment !== undefined) && repeats(places);
  return places.map(({ label, segment }) => {
    if (numbered) return { label, segment: Number(segment) };
    return { label, segment: dealt[label]!++ % 4 === 3 ? 7 : 0 };
  });
}

/** Whether segments hold more than one picture of a class on average. */
function repeats(places: readonly { label: number; segment: string | undefined }[]): boolean {
  const different = new Set(places.map(({ label, segment }) => `${label}:${segment}`));
  return places.length > different.size;
}
