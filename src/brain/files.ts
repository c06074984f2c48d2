/**
 * Reads and writes the course's files: gzip of brain images, one file for each segment and class. Files are checked
 * while they are read, because a user may choose any file.
 */
import { ArgumentError, DataError, FormatError } from '../errors.ts';
import { joined } from '../io/bytes.ts';
import { checkOptions, type Kind } from '../options.ts';
import { shown } from '../shown.ts';
import { type BrainImages, type BrainSet, brainSize, imageCount } from './images.ts';
import { type BrainSource, gunzip, nameOf, openSource } from './source.ts';

export * from './images.ts';
export type { BrainSource } from './source.ts';

export interface ReadOptions {
  /** The file's name in messages. Default: its own name or address. */
  readonly name?: string;
  /** Largest size, in bytes, that the file may decompress to. Default 192 MiB, 1.5 times the size of a course file. */
  readonly maxBytes?: number;
  /** Read only the first images of the file. */
  readonly maxImages?: number;
  readonly signal?: AbortSignal;
}

const BYTES_PER_IMAGE = brainSize * brainSize * 4;
const DEFAULT_MAX_BYTES = 192 * 2 ** 20;

/** The kind of value that each option takes. */
const READ_OPTIONS = {
  name: 'text',
  maxBytes: 'limit',
  maxImages: 'limit',
  signal: 'signal',
} as const satisfies Record<keyof ReadOptions, Kind>;

/**
 * Reads a file of the course: gzip of little-endian float32 images `[n, 128, 128]`.
 * @throws FormatError for a file that is missing, not gzip, truncated, too large, or not a whole number of images
 * @throws DataError for a value that is not finite
 * @throws ArgumentError for a source of another type, and for an option that does not exist or has a wrong value
 */
export async function readBrainImages(source: BrainSource, options: ReadOptions = {}): Promise<BrainImages> {
  checkOptions('readBrainImages', options, READ_OPTIONS);
  const { maxBytes = DEFAULT_MAX_BYTES, maxImages = Number.POSITIVE_INFINITY, signal } = options;
  const known = nameOf(source);
  const { name = known } = options;
  if (!(maxImages >= 1))
    throw new ArgumentError(`${name}: maxImages is ${shown(maxImages)}; a number of at least 1 is needed.`);
  const { pieces, length, whole } = await gunzip(await openSource(source, name), name, {
    maxBytes,
    enough: maxImages * BYTES_PER_IMAGE,
    signal,
    onPiece: finiteCheck(name, maxImages),
  });
  if (length === 0) throw new FormatError(`${name} is empty: it holds no image.`);
  if (whole && length % BYTES_PER_IMAGE !== 0) {
    throw new FormatError(
      `${name} holds ${length} bytes, which is no multiple of an image (128 x 128 x 4 = ${BYTES_PER_IMAGE}).`,
    );
  }
  const n = Math.min(maxImages, Math.floor(length / BYTES_PER_IMAGE));
  const data = littleEndianFloats(joined(pieces, length).subarray(0, n * BYTES_PER_IMAGE));
  return { data, shape: [n, brainSize, brainSize, 1] };
}

/** Writes images in the format of the course's files. */
export async function writeBrainImages(images: BrainImages): Promise<Uint8Array<ArrayBuffer>> {
  imageCount(images.data, images.shape);
  const view = new DataView(new ArrayBuffer(images.data.length * 4));
  images.data.forEach((value, i) => {
    view.setFloat32(i * 4, value, true);
  });
  const stream = new Blob([view]).stream().pipeThrough(new CompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

const { name: _, ...READ } = READ_OPTIONS;

/** The files of segments: `real` and `fake` return the source of a segment. */
export interface BrainFiles {
  readonly segments: readonly number[];
  readonly real: (segment: number) => BrainSource;
  readonly fake: (segment: number) => BrainSource;
}

/**
 * Reads segments of the course's data. The rows are in the order of the segments. In a segment, real and fake images
 * alternate; the rest of the longer file comes last.
 * @throws the errors of `readBrainImages`
 */
export async function loadBrainSegments(
  files: BrainFiles & Omit<ReadOptions, 'name'> & { readonly onProgress?: (done: number, total: number) => void },
): Promise<BrainSet> {
  const kinds = { segments: 'list', real: 'function', fake: 'function', onProgress: 'function' } as const;
  checkOptions('loadBrainSegments', files, { ...kinds, ...READ });
  const { segments, real, fake, onProgress, ...options } = files;
  if (segments.length === 0) throw new ArgumentError('loadBrainSegments: name at least one segment.');
  const parts: { segment: number; label: number; images: BrainImages }[] = [];
  for (const segment of segments) {
    for (const [label, sourceOf] of [real, fake].entries()) {
      parts.push({ segment, label, images: await readBrainImages(sourceOf(segment), options) });
      onProgress?.(parts.length, 2 * segments.length);
    }
  }
  const total = parts.reduce((sum, { images }) => sum + images.shape[0], 0);
  const set: BrainSet = {
    x: { data: new Float32Array((total * BYTES_PER_IMAGE) / 4), shape: [total, brainSize, brainSize, 1] },
    y: new Int32Array(total),
    segment: new Int32Array(total),
    source: 'course files',
  };
  let row = 0;
  for (let p = 0; p < parts.length; p += 2) {
    const pair = parts.slice(p, p + 2);
    for (let i = 0; i < Math.max(...pair.map(({ images }) => images.shape[0])); i++) {
      for (const { segment, label, images } of pair) {
        if (i >= images.shape[0]) continue;
        const length = brainSize * brainSize;
        set.x.data.set(images.data.subarray(i * length, (i + 1) * length), row * length);
        set.y[row] = label;
        set.segment[row] = segment;
        row++;
      }
    }
  }
  return set;
}

/**
 * Finds the segment and class of files by their names, `real_0.gz`, `fake_0.gz`, …
 * @throws FormatError for another name, for a name that occurs twice, and for a segment without one of its two files
 */
export function brainFilesFrom(files: Iterable<File>): {
  segments: number[];
  real: (segment: number) => File;
  fake: (segment: number) => File;
} {
  const found = { real: new Map<number, File>(), fake: new Map<number, File>() };
  for (const file of files) {
    const match = /^(real|fake)_(\d{1,3})\.gz$/.exec(file.name);
    if (!match) throw new FormatError(`${file.name} is not named real_<segment>.gz or fake_<segment>.gz.`);
    const kind = found[match[1] as 'real' | 'fake'];
    const segment = Number(match[2]);
    if (kind.has(segment)) throw new FormatError(`there are two files for ${match[1]}_${segment}.`);
    kind.set(segment, file);
  }
  const segments = [...new Set([...found.real.keys(), ...found.fake.keys()])].sort((a, b) => a - b);
  for (const segment of segments) {
    for (const kind of ['real', 'fake'] as const) {
      if (!found[kind].has(segment))
        throw new FormatError(`${kind}_${segment}.gz is missing: both classes are needed.`);
    }
  }
  if (segments.length === 0)
    throw new FormatError('there are no files; real_<segment>.gz and fake_<segment>.gz are needed.');
  return { segments, real: (segment) => found.real.get(segment)!, fake: (segment) => found.fake.get(segment)! };
}

/**
 * Rejects a value that is not finite as soon as it arrives, so that a file of other content does not fill the memory
 * first. Such a value has all bits of its exponent set. A piece may end in the middle of a number.
 */
function finiteCheck(name: string, maxImages: number): (piece: Uint8Array) => void {
  let at = 0;
  const last = new Uint8Array(4);
  const end = maxImages * BYTES_PER_IMAGE;
  return (piece) => {
    const length = Math.min(piece.byteLength, end - at);
    // The first number may have begun in the piece before. `i` is the index of a number's last byte.
    for (let i = 3 - (at % 4); i < length; i += 4) {
      const high = piece[i]!;
      if ((high & 0x7f) !== 0x7f || (i > 0 ? piece[i - 1]! : last[(at + 3) % 4]!) < 0x80) continue;
      const bytes = [3, 2, 1, 0].map((back) => piece[i - back] ?? last[(at + i - back) % 4]!);
      const value = new DataView(Uint8Array.from(bytes).buffer).getFloat32(0, true);
      const image = Math.floor((at + i) / BYTES_PER_IMAGE);
      throw new DataError(`${name}: image ${image} has the value ${value}; all pixels must be finite.`);
    }
    for (let i = Math.max(0, length - 4); i < length; i++) last[(at + i) % 4] = piece[i]!;
    at += length;
  };
}

/** The bytes as floats. On a little-endian host, as nearly all are, they share the memory. */
function littleEndianFloats(bytes: Uint8Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
  const floats = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  if (new Uint8Array(new Uint32Array([1]).buffer)[0] === 1) return floats;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return floats.map((_, i) => view.getFloat32(i * 4, true));
}
