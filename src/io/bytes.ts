/** Reads bytes of unknown origin: memory of any kind, files, and streams up to a limit. */
import { ArgumentError, FormatError } from '../errors.ts';
import { kindOf, shown } from '../shown.ts';

/** The largest array, in bytes, that every browser can create. */
export const MOST_ARRAY_BYTES = 2 ** 31 - 1;

/** Bytes in memory of any kind: a buffer, which may be shared or resizable, or a view of a part of one. */
export type Bytes = ArrayBufferLike | ArrayBufferView;

/** Whether a value is a buffer or a view, also one of another realm, e.g. an iframe. */
export function isBytes(value: unknown): value is Bytes {
  return ArrayBuffer.isView(value) || /^(Shared)?ArrayBuffer$/.test(kindOf(value));
}

/** Whether a value is a Blob or a File, also one of another realm. */
export const isBlob = (value: unknown): value is Blob => /^(Blob|File)$/.test(kindOf(value));

/** Whether a value is a URL object, also one of another realm. */
export const isUrlObject = (value: unknown): value is URL => kindOf(value) === 'URL';

/** The bytes in place, not copied. @throws ArgumentError unless the value is memory, and for memory that was transferred */
export function bytesIn(what: string, value: unknown): Uint8Array {
  if (!isBytes(value)) throw new ArgumentError(`${what} must be an ArrayBuffer or a view of one, got ${shown(value)}.`);
  try {
    // The length is given, so that the view does not change its length with a resizable buffer.
    if (!ArrayBuffer.isView(value)) return new Uint8Array(value, 0, value.byteLength);
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  } catch (cause) {
    throw new ArgumentError(`${what}: its memory is gone, its buffer was transferred or shrunk.`, { cause });
  }
}

/** The part of Node's `Stats` that is used. */
export interface PathKind {
  isFile(): boolean;
  isDirectory(): boolean;
}

/** @throws FormatError unless the path is a file. Opening a pipe would wait for its other end, and a device may never end. */
export function checkIsFile(name: string, kind: PathKind): void {
  if (!kind.isFile()) throw new FormatError(`${name} is ${kind.isDirectory() ? 'a folder' : 'a device'}, not a file.`);
}

export interface Limits {
  /** Reading stops when there are this many bytes. */
  readonly enough?: number;
  readonly signal?: AbortSignal | undefined;
  /** Called with each piece as it arrives. An error that it throws ends the reading. */
  readonly onPiece?: (piece: Uint8Array) => void;
}

/**
 * The first bytes of a stream, and whether they are the whole stream. It stops as soon as there are more than `most`
 * bytes, or `enough`, so memory holds at most one piece more.
 * @param tooMany creates the error for more than `most` bytes
 */
export async function readBytes(
  stream: ReadableStream<Uint8Array>,
  most: number,
  tooMany: () => Error,
  { enough = Number.POSITIVE_INFINITY, signal, onPiece }: Limits = {},
): Promise<{ pieces: readonly Uint8Array[]; length: number; whole: boolean }> {
  const reader = stream.getReader();
  const pieces: Uint8Array[] = [];
  let length = 0;
  try {
    while (length < enough) {
      signal?.throwIfAborted();
      const { done, value } = await reader.read();
      if (done) return { pieces, length, whole: true };
      length += value.byteLength;
      if (length > most) throw tooMany();
      onPiece?.(value);
      pieces.push(value);
    }
    return { pieces, length, whole: false };
  } finally {
    reader.cancel().catch(() => {}); // fails if the stream has failed; then `read` has thrown that error already
  }
}

/** Joins pieces into one array. */
export function joined(pieces: readonly Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.byteLength;
  }
  return bytes;
}
