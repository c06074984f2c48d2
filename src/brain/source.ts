/** Opens the course's files, from a Blob, a URL or a path in Node, and decompresses them with checks of the gzip format. */
import { ArgumentError, FormatError, NeuriteError } from '../errors.ts';
import { checkIsFile, isBlob, isUrlObject, type Limits, type PathKind, readBytes } from '../io/bytes.ts';
import { fileKind } from '../io/fileKind.ts';
import { shown } from '../shown.ts';

/** A file from a file input or a drop, a URL, or in Node also a path. */
export type BrainSource = Blob | URL | string;

type Bytes = ReadableStream<Uint8Array<ArrayBuffer>>;

/** The name of a source in messages. @throws ArgumentError for another type of value: Node would take bytes for a path */
export function nameOf(source: BrainSource): string {
  if (isBlob(source)) return (source as Partial<File>).name ?? 'the file';
  if (typeof source === 'string' || isUrlObject(source)) return String(source);
  throw new ArgumentError(`a file is given as a Blob, a URL or a text, got ${shown(source)}.`);
}

/** @throws FormatError if there is no file, or it cannot be read */
export async function openSource(source: BrainSource, name: string): Promise<Bytes> {
  if (isBlob(source)) return source.stream();
  const files = nodeFiles();
  const url = isUrlObject(source) ? source : isUrl(source) ? new URL(source) : undefined;
  if (files && (!url || url.protocol === 'file:')) return openPath(files, url ?? (source as string), name);
  const response = await fetch(source).catch((cause: Error) => {
    throw new FormatError(`${name} cannot be fetched: ${cause.message}.`, { cause });
  });
  if (!response.ok || !response.body) {
    throw new FormatError(`${name} cannot be fetched: the server answered ${response.status} ${response.statusText}.`);
  }
  return response.body;
}

interface NodeFiles {
  stat(path: string | URL): Promise<PathKind>;
  open(path: string | URL): Promise<{
    read(into: Uint8Array): Promise<{ bytesRead: number }>;
    close(): Promise<void>;
  }>;
}

/**
 * Node's file system; undefined in browsers. It comes from `process` and is not imported, because browsers have no such
 * module and the built engine is one file without imports.
 */
function nodeFiles(): NodeFiles | undefined {
  const { process } = globalThis as { process?: { getBuiltinModule?(name: string): unknown } };
  return process?.getBuiltinModule?.('node:fs/promises') as NodeFiles | undefined;
}

/** Whether a text is a URL. The scheme must have two letters at least, so that `C:\data` is a path. */
function isUrl(source: string): boolean {
  return /^[a-z][a-z+.-]+:/i.test(source);
}

const READ_BYTES = 2 ** 18;

/** A stream of a file on disk, which reads only as much as its consumer asks for. */
async function openPath(files: NodeFiles, path: string | URL, name: string): Promise<Bytes> {
  const failed = (cause: Error & { code?: string }): never => {
    throw new FormatError(cause.code === 'ENOENT' ? `${name} does not exist.` : `${name}: ${cause.message}`, { cause });
  };
  checkIsFile(name, await files.stat(path).catch(failed));
  const file = await files.open(path).catch(failed);
  return new ReadableStream({
    async pull(controller) {
      const piece = new Uint8Array(READ_BYTES);
      const { bytesRead } = await file.read(piece).catch(async (error) => {
        await file.close().catch(() => {}); // the first error is the one to throw
        return failed(error);
      });
      if (bytesRead > 0) return controller.enqueue(piece.subarray(0, bytesRead));
      await file.close();
      controller.close();
    },
    cancel: () => file.close(),
  });
}

/**
 * Decompresses the first bytes of a file, in pieces, and says whether these are all. Memory holds at most one piece
 * beyond the limits.
 * @throws FormatError unless the file is a single gzip member from its first byte to its last
 */
export async function gunzip(
  stream: Bytes,
  name: string,
  { maxBytes, ...limits }: Limits & { readonly maxBytes: number },
): Promise<Awaited<ReturnType<typeof readBytes>>> {
  const ends = new GzipEnds(name);
  const unpacked = stream.pipeThrough(ends.check()).pipeThrough(new DecompressionStream('gzip'));
  const tooMany = () =>
    new FormatError(`${name} decompresses to more than ${maxBytes} bytes; raise maxBytes if it is meant to.`);
  let result: Awaited<ReturnType<typeof readBytes>>;
  try {
    result = await readBytes(unpacked, maxBytes, tooMany, limits);
  } catch (cause) {
    if (cause instanceof NeuriteError || limits.signal?.aborted) throw cause;
    throw new FormatError(`${name} is damaged or truncated: it does not decompress (${(cause as Error).message}).`, {
      cause,
    });
  }
  if (result.whole) ends.checkLength(result.length);
  return result;
}

/** Checks the first and the last bytes of a gzip file, https://www.rfc-editor.org/rfc/rfc1952. */
class GzipEnds {
  readonly #name: string;
  #seen = 0;
  /** The last 4 bytes so far. */
  #last = new Uint8Array(0);

  constructor(name: string) {
    this.#name = name;
  }

  /** A transform that passes bytes through and throws if the first two are not those of a gzip file. */
  check(): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
    const MAGIC = [0x1f, 0x8b];
    return new TransformStream({
      transform: (piece, controller) => {
        for (let i = 0; i < piece.byteLength && this.#seen + i < 2; i++) {
          if (piece[i] !== MAGIC[this.#seen + i]) {
            const kind = fileKind(piece);
            throw new FormatError(
              `${this.#name} is not a gzip file: it ${kind ? `is ${kind}` : 'does not begin with 1f 8b'}.`,
            );
          }
        }
        this.#seen += piece.byteLength;
        this.#last = Uint8Array.from([...this.#last, ...piece.subarray(-4)]).slice(-4);
        controller.enqueue(piece);
      },
      flush: () => {
        if (this.#seen === 0) throw new FormatError(`${this.#name} is empty: it has no bytes.`);
      },
    });
  }

  /**
   * The last 4 bytes of a gzip file are the length of the uncompressed data. If they differ, something follows the
   * first member: other bytes, which some browsers ignore silently, or a second member, which some decompress and
   * others reject.
   */
  checkLength(length: number): void {
    const said = new DataView(this.#last.buffer).getUint32(0, true);
    if (said === length % 2 ** 32) return;
    throw new FormatError(
      `${this.#name} has something behind its end, or is several gzip files in one: it must be a single one. ` +
        `It unpacks to ${length} bytes and ends with the length ${said}.`,
    );
  }
}
