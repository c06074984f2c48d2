import { ArgumentError, DataError, FormatError } from '../errors.ts';
import { type BrainImages, type BrainSet, brainSize, imageCount } from './brainImages.ts';

export * from './brainImages.ts';

/** A file, what a file input or a drop gives; a URL; in Node also a path. */
export type BrainSource = Blob | URL | string;

export interface ReadOptions {
  /** What errors call the file; its own name or address by default. */
  readonly name?: string;
  /** Most bytes that the file may decompress to. Default 1 GiB, ten times a course file. */
  readonly maxBytes?: number;
  /** Read only the first images of the file. */
  readonly maxImages?: number;
  readonly signal?: AbortSignal;
}

const BYTES_PER_IMAGE = brainSize * brainSize * 4;
const DEFAULT_MAX_BYTES = 2 ** 30;

/**
 * Reads a file of the course: gzip of little-endian float32 images `[n, 128, 128]`.
 * @throws FormatError for a file that is missing, no gzip, truncated, too large or not a whole number of images
 * @throws DataError for a value that is not finite
 */
export async function readBrainImages(source: BrainSource, options: ReadOptions = {}): Promise<BrainImages> {
  const { maxBytes = DEFAULT_MAX_BYTES, maxImages = Number.POSITIVE_INFINITY, signal } = options;
  const name = options.name ?? nameOf(source);
  if (!(maxImages >= 1))
    throw new ArgumentError(`${name}: maxImages is ${maxImages}; a number of at least 1 is needed.`);
  const { bytes, whole } = await gunzip(await open(source, name), name, {
    maxBytes,
    enough: maxImages * BYTES_PER_IMAGE,
    signal,
  });
  if (bytes.byteLength === 0) throw new FormatError(`${name} is empty: it holds no image.`);
  if (whole && bytes.byteLength % BYTES_PER_IMAGE !== 0) {
    throw new FormatError(
      `${name} holds ${bytes.byteLength} bytes, which is no multiple of an image (128 x 128 x 4 = ${BYTES_PER_IMAGE}).`,
    );
  }
  const n = Math.min(maxImages, Math.floor(bytes.byteLength / BYTES_PER_IMAGE));
  const data = littleEndianFloats(bytes.subarray(0, n * BYTES_PER_IMAGE));
  const bad = data.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    const image = Math.floor(bad / (brainSize * brainSize));
    throw new DataError(`${name}: image ${image} has the value ${data[bad]}; all pixels must be finite.`);
  }
  return { data, shape: [n, brainSize, brainSize, 1] };
}

/** Images as a file of the course's format. */
export async function writeBrainImages(images: BrainImages): Promise<Uint8Array<ArrayBuffer>> {
  imageCount(images.data, images.shape);
  const view = new DataView(new ArrayBuffer(images.data.length * 4));
  images.data.forEach((value, i) => {
    view.setFloat32(i * 4, value, true);
  });
  const stream = new Blob([view]).stream().pipeThrough(new CompressionStream('gzip'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** Where the files of segments are: `real` and `fake` give the source of segment i. */
export interface BrainFiles {
  readonly segments: readonly number[];
  readonly real: (segment: number) => BrainSource;
  readonly fake: (segment: number) => BrainSource;
}

/**
 * Reads segments of the course's data. Rows: segment after segment; within one real, fake, real, fake, … as far as both
 * files reach, then what the longer one has left.
 * @throws as `readBrainImages`
 */
export async function loadBrainSegments(
  files: BrainFiles & Omit<ReadOptions, 'name'> & { readonly onProgress?: (done: number, total: number) => void },
): Promise<BrainSet> {
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
 * Sorts files by their names, `real_0.gz`, `fake_0.gz`, …
 * @throws FormatError for a name that is none of these, one that comes twice, or a segment that lacks one of its two files
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

function nameOf(source: BrainSource): string {
  if (source instanceof Blob) return (source as Partial<File>).name ?? 'the file';
  return String(source);
}

async function open(source: BrainSource, name: string): Promise<ReadableStream<Uint8Array<ArrayBuffer>>> {
  if (source instanceof Blob) return source.stream();
  const files = nodeFiles();
  const url = source instanceof URL ? source : isUrl(source) ? new URL(source) : undefined;
  if (files && (!url || url.protocol === 'file:')) {
    const bytes = await files.readFile(url ?? (source as string)).catch((cause: Error & { code?: string }) => {
      throw new FormatError(cause.code === 'ENOENT' ? `${name} does not exist.` : `${name}: ${cause.message}`, {
        cause,
      });
    });
    return new Blob([new Uint8Array(bytes)]).stream();
  }
  const response = await fetch(source).catch((cause: Error) => {
    throw new FormatError(`${name} cannot be fetched: ${cause.message}.`, { cause });
  });
  if (!response.ok || !response.body) {
    throw new FormatError(`${name} cannot be fetched: the server answered ${response.status} ${response.statusText}.`);
  }
  return response.body;
}

interface NodeFiles {
  readFile(path: string | URL): Promise<Uint8Array>;
}

/**
 * Node's file system, in Node. Asked of the process and not imported: the engine is one module without imports, and
 * browsers have no such module.
 */
function nodeFiles(): NodeFiles | undefined {
  const { process } = globalThis as { process?: { getBuiltinModule?(name: string): unknown } };
  return process?.getBuiltinModule?.('node:fs/promises') as NodeFiles | undefined;
}

/** Two letters at least, so that `C:\data` is a path. */
function isUrl(source: string): boolean {
  return /^[a-z][a-z+.-]+:/i.test(source);
}

interface Limits {
  readonly maxBytes: number;
  /** No more than these many bytes are wanted. */
  readonly enough: number;
  readonly signal: AbortSignal | undefined;
}

/** The first bytes decompressed, and whether these are all. Never holds more than a chunk beyond the limits. */
async function gunzip(
  stream: ReadableStream<Uint8Array<ArrayBuffer>>,
  name: string,
  { maxBytes, enough, signal }: Limits,
): Promise<{ bytes: Uint8Array<ArrayBuffer>; whole: boolean }> {
  const reader = stream.pipeThrough(gzipCheck(name)).pipeThrough(new DecompressionStream('gzip')).getReader();
  const chunks: Uint8Array[] = [];
  let length = 0;
  let whole = false;
  try {
    while (length < enough) {
      signal?.throwIfAborted();
      const { done, value } = await reader.read();
      whole = done;
      if (done) break;
      chunks.push(value);
      length += value.byteLength;
      if (length > maxBytes) {
        throw new FormatError(`${name} decompresses to more than ${maxBytes} bytes; raise maxBytes if it is meant to.`);
      }
    }
  } catch (cause) {
    if (cause instanceof FormatError || signal?.aborted) throw cause;
    throw new FormatError(`${name} is damaged or truncated: it does not decompress (${(cause as Error).message}).`, {
      cause,
    });
  } finally {
    reader.cancel().catch(() => {}); // the stream may have failed already, which was told above
  }
  const bytes = new Uint8Array(length);
  let offset = 0;
  for (const chunk of chunks) {
    bytes.set(chunk, offset);
    offset += chunk.byteLength;
  }
  return { bytes, whole };
}

/** Passes bytes through, if the first two are those of a gzip file. */
function gzipCheck(name: string): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  const MAGIC = [0x1f, 0x8b];
  let seen = 0;
  return new TransformStream({
    transform(chunk, controller) {
      for (let i = 0; i < chunk.byteLength && seen < 2; i++, seen++) {
        if (chunk[i] !== MAGIC[seen])
          throw new FormatError(`${name} is not a gzip file: it does not begin with 1f 8b.`);
      }
      controller.enqueue(chunk);
    },
    flush() {
      if (seen === 0) throw new FormatError(`${name} is empty: it has no bytes.`);
    },
  });
}

/** The bytes as numbers: the same memory where the host is little-endian, as nearly all are. */
function littleEndianFloats(bytes: Uint8Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
  const floats = new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4);
  if (new Uint8Array(new Uint32Array([1]).buffer)[0] === 1) return floats;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return floats.map((_, i) => view.getFloat32(i * 4, true));
}
