/** Where the bytes of a model's file come from: a Blob, a place that keeps models, or a server. */
import { FormatError } from '../../errors.ts';
import { type Bytes, isBlob, isBytes, joined, MOST_ARRAY_BYTES, readBytes } from '../../io/bytes.ts';

/** The addresses of `places/`, which is loaded for them alone. */
const KEPT = /^(indexeddb|opfs|download|file):\/\//;
/** What `fetch` knows, or an address on the page's own server. */
const FETCHED = /^(https?|data|blob|filesystem|[\w-]+-extension):|^(?![\w+.-]+:)/i;

/** Hears how many bytes have arrived. @param total of the whole file; undefined if the server does not announce it */
export type BytesHook = (received: number, total: number | undefined) => void;

/**
 * Reads a model's file.
 * @param maxBytes most bytes that are taken from a server
 * @throws FormatError if there is no file, or one that is too large
 */
export async function bytesOf(
  given: Blob | URL | string,
  maxBytes: number,
  onBytes: BytesHook = () => {},
): Promise<Bytes> {
  const isKept = !isBlob(given) && (KEPT.test(String(given)) || !FETCHED.test(String(given)));
  const source = isKept ? await (await import('./places/index.ts')).readKept('loadModel', String(given)) : given;
  if (isBytes(source)) return source;
  return isBlob(source) ? bytesOfBlob(source) : fetched(source, maxBytes, onBytes);
}

async function bytesOfBlob(source: Blob): Promise<Bytes> {
  if (source.size > MOST_ARRAY_BYTES)
    throw new FormatError(`the model file has ${source.size} bytes, 2 GiB are too many.`);
  return source.arrayBuffer().catch((cause: Error) => {
    throw new FormatError(`the model file cannot be read: ${cause.message}`, { cause });
  });
}

async function fetched(source: URL | string, maxBytes: number, onBytes: BytesHook): Promise<Bytes> {
  const name = String(source).slice(0, 200); // a data: URL contains the whole file
  let ofHook: unknown;
  const failed = (cause: Error): never => {
    if (cause instanceof FormatError || cause === ofHook) throw cause;
    throw new FormatError(`${name} cannot be fetched: ${cause.message}.`, { cause });
  };
  const response = await fetch(source).catch(failed);
  if (!response.ok || !response.body) {
    throw new FormatError(`${name}: the server answered ${response.status} ${response.statusText}.`);
  }
  const tooMany = () => new FormatError(`${name} sends more than ${maxBytes} bytes; raise maxBytes if it is meant to.`);
  const total = lengthOf(response.headers);
  let received = 0;
  const onPiece = (piece: Uint8Array) => {
    received += piece.byteLength;
    try {
      onBytes(received, total);
    } catch (error) {
      ofHook = error;
      throw error;
    }
  };
  const { pieces, length } = await readBytes(response.body, maxBytes, tooMany, { onPiece }).catch(failed);
  return joined(pieces, length);
}

/** What a server compresses has another length than it announces, so that is none. */
function lengthOf(headers: Headers): number | undefined {
  const length = headers.has('content-encoding') ? null : headers.get('content-length');
  return length === null ? undefined : Number(length);
}
