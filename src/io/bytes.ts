/** Bytes of unknown origin, held in memory as far as a limit allows. */
import { ArgumentError, FormatError, shown } from '../errors.ts';
import { kindOf } from '../shown.ts';

/** What one array can hold in every browser. */
export const MOST_ARRAY_BYTES = 2 ** 31 - 1;

/** Bytes in memory of any kind: shared or resizable, or a part that a view shows. */
export type Bytes = ArrayBufferLike | ArrayBufferView;

/** Whether a value is memory, from whatever realm. */
export function isBytes(value: unknown): value is Bytes {
  return ArrayBuffer.isView(value) || /^(Shared)?ArrayBuffer$/.test(kindOf(value));
}

/** Whether a value is a Blob, as files are, of whatever realm. */
export const isBlob = (value: unknown): value is Blob => /^(Blob|File)$/.test(kindOf(value));

/** Whether a value is a URL object, of whatever realm. */
export const isUrlObject = (value: unknown): value is URL => kindOf(value) === 'URL';

/** The bytes where they lie. @throws ArgumentError for what is no memory, or memory that was transferred away */
export function bytesIn(what: string, value: unknown): Uint8Array {
  if (!isBytes(value)) throw new ArgumentError(`${what} must be an ArrayBuffer or a view of one, got ${shown(value)}.`);
  try {
    // A view of another length than its buffer's, which a resizable one may change.
    if (!ArrayBuffer.isView(value)) return new Uint8Array(value, 0, value.byteLength);
    return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  } catch (cause) {
    throw new ArgumentError(`${what}: its memory is gone, its buffer was transferred or shrunk.`, { cause });
  }
}

/** What Node says of a path. */
export interface PathKind {
  isFile(): boolean;
  isDirectory(): boolean;
}

/** @throws FormatError for what would never end, or cannot be read: to open a pipe waits for its other end */
export function checkIsFile(name: string, kind: PathKind): void {
  if (!kind.isFile()) throw new FormatError(`${name} is ${kind.isDirectory() ? 'a folder' : 'a device'}, not a file.`);
}

export interface Limits {
  /** No more than these many bytes are wanted. */
  readonly enough?: number;
  readonly signal?: AbortSignal | undefined;
  /** Called with each piece as it comes; what it throws ends the reading. */
  readonly onPiece?: (piece: Uint8Array) => void;
}

/**
 * The first bytes of a stream, and whether these are all of it. Stops as soon as `most` are exceeded or `enough` are there, and
 * never holds more than a piece beyond that.
 * @param tooMany makes the error for more than `most` bytes
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
    reader.cancel().catch(() => {}); // the stream may have failed already, which the caller is told
  }
}

/** Pieces one after another in one array. */
export function joined(pieces: readonly Uint8Array[], length: number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    bytes.set(piece, at);
    at += piece.byteLength;
  }
  return bytes;
}
