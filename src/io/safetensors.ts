/**
 * The safetensors format, https://github.com/huggingface/safetensors#format, little-endian throughout:
 *
 *     u64       length n of the header
 *     n bytes   UTF-8 JSON, padded with spaces:
 *               {"__metadata__": {"key": "text"}, "name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [begin, end]}}
 *     the rest  the data of the tensors, row-major; each byte belongs to exactly one tensor
 */
import { ArgumentError, FormatError, ShapeError } from '../errors.ts';
import { kindOf, shown } from '../shown.ts';
import { formatShape, type Shape } from '../tensor.ts';
import { type Bytes, bytesIn } from './bytes.ts';
import { dtypeOf, ENCODINGS, READ, type TensorArray } from './dtypes.ts';
import { fileKind, SAFETENSORS } from './fileKind.ts';
import { isWellFormed, JsonReader, quote } from './json.ts';

/** A tensor in a file: row-major data of as many elements as the shape has. The shape `[]` is a scalar. */
export interface NamedTensor {
  readonly name: string;
  readonly shape: Shape;
  /**
   * The array depends on the dtype. F32, F16, BF16 and F64 become a Float32Array, F64 rounded to the nearest. I8 to I64
   * and U8 to U64 become the array of their width, e.g. a BigInt64Array for PyTorch's counters. BOOL becomes a
   * Uint8Array of zeros and ones.
   */
  readonly data: TensorArray;
}

const METADATA = '__metadata__';
/**
 * Largest header in bytes, enough for 100,000 tensors. The reference implementation allows 100 MB. But a parsed header
 * takes up to twelve times its size, and a file of unknown origin must not fill the memory.
 */
const MAX_HEADER = 16_000_000;
/** Largest number of axes, as in NumPy. Without a limit, a hostile header could have a shape of millions of ones. */
const MAX_AXES = 64;

/** A tensor's entry in the header. Offsets are in bytes from the end of the header. */
interface Entry {
  readonly name: string;
  readonly dtype: string;
  readonly shape: Shape;
  readonly begin: number;
  readonly end: number;
}

/**
 * Writes float32 and integer tensors as a safetensors file, in the given order.
 * @param metadata any texts, by name
 * @throws ArgumentError for a name that occurs twice, is `__metadata__` or is not Unicode, for metadata that is not
 *   text, and for a header over 16 MB
 * @throws ShapeError for a shape that does not fit its data
 */
export function writeSafetensors(
  tensors: readonly NamedTensor[],
  metadata?: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  checkTensors('writeSafetensors: tensors', tensors);
  const header = new TextEncoder().encode(headerOf(tensors, metadata));
  const dataStart = 8 + Math.ceil(header.length / 8) * 8;
  if (dataStart - 8 > MAX_HEADER) {
    throw new ArgumentError(`safetensors: the header would take ${dataStart - 8} bytes, the limit is ${MAX_HEADER}.`);
  }
  const bytes = new Uint8Array(tensors.reduce((size, { data }) => size + data.byteLength, dataStart));
  new DataView(bytes.buffer).setBigUint64(0, BigInt(dataStart - 8), true);
  bytes.set(header, 8);
  bytes.fill(0x20, 8 + header.length, dataStart);
  let at = dataStart;
  for (const { data } of tensors) {
    if (data.length === 0) continue; // its buffer may have been transferred
    bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), at);
    at += data.byteLength;
  }
  return bytes;
}

/** @throws ArgumentError unless it is a list */
export function checkTensors(what: string, tensors: unknown): void {
  if (Array.isArray(tensors)) return;
  const hint = kindOf(tensors) === 'Map' ? ' Write [...map.values()].' : '';
  throw new ArgumentError(`${what} must be a list of { name, shape, data }, got ${shown(tensors)}.${hint}`);
}

/** The header's JSON. It is joined from its members, because an object would move names like `0` to the front. */
function headerOf(tensors: readonly NamedTensor[], metadata?: Readonly<Record<string, string>>): string {
  const members = metadata === undefined ? [] : [`"${METADATA}":${metadataOf(metadata)}`];
  const names = new Set([METADATA]);
  let end = 0;
  for (const [i, tensor] of tensors.entries()) {
    const { name, shape, data } = tensor ?? {};
    if (typeof name !== 'string' || !Array.isArray(shape)) {
      throw new ArgumentError(`writeSafetensors: tensor ${i} must be { name, shape, data }, got ${shown(tensor)}.`);
    }
    const fail = (why: string): never => {
      throw new ArgumentError(`safetensors: tensor ${quote(name)}: ${why}`);
    };
    if (names.has(name)) fail(`the name ${name === METADATA ? 'is reserved' : 'occurs twice'}.`);
    if (!isWellFormed(name)) fail('the name has half a surrogate pair, which UTF-8 cannot express.');
    names.add(name);
    const dtype = dtypeOf(data) ?? fail('the data must be a Float32Array or an array of integers.');
    if (!shape.every((size) => Number.isSafeInteger(size) && size >= 0) || byteSize(shape, 1) !== data.length) {
      throw new ShapeError(
        `safetensors: tensor ${quote(name)} of shape ${formatShape(shape)} has ${data.length} elements; ` +
          'the shape must be of integers from 0 whose product is that number.',
      );
    }
    const begin = end;
    end += data.byteLength;
    members.push(`${JSON.stringify(name)}:${JSON.stringify({ dtype, shape, data_offsets: [begin, end] })}`);
  }
  return `{${members.join(',')}}`;
}

function metadataOf(metadata: Readonly<Record<string, string>>): string {
  if (kindOf(metadata) !== 'Object') {
    throw new ArgumentError(`writeSafetensors: metadata must be an object of texts, got ${shown(metadata)}.`);
  }
  for (const [key, value] of Object.entries(metadata)) {
    if (typeof value !== 'string' || !isWellFormed(key + value)) {
      throw new ArgumentError(`safetensors: metadata ${quote(key)}: key and value must be Unicode text.`);
    }
  }
  return JSON.stringify(metadata);
}

/**
 * Reads a safetensors file of any origin: its tensors in the order of the header, and its metadata.
 *
 * See `NamedTensor` for the array of each dtype. For a dtype without an array in JavaScript, such as F8, name and shape
 * are read, and access to `data` throws a FormatError. The data is copied, so `bytes` may be changed or dropped
 * afterwards. Time and memory are proportional to the size of the file: memory for a tensor is allocated only after its
 * bytes were found in the file.
 * @returns `metadata` has no prototype
 * @throws ArgumentError if `bytes` is not memory, or was transferred
 * @throws FormatError for a dtype that the format does not have, for a header over 16 MB, and for a file that breaks
 *   any rule of the format, including unknown fields and duplicate names
 */
export function readSafetensors(bytes: Bytes): {
  tensors: Map<string, NamedTensor>;
  metadata: Record<string, string>;
} {
  const file = bytesIn('readSafetensors: bytes', bytes);
  const { text, dataStart } = readHeaderText(file);
  const { entries, metadata } = parseHeader(text);
  checkCover(entries, file.byteLength - dataStart);
  const tensors = new Map<string, NamedTensor>();
  for (const { name, shape, dtype, begin, end } of entries) {
    const { read } = ENCODINGS.get(dtype)!;
    // `file.slice` would not copy: in Node's Buffer it returns a view.
    const copy = () => new Uint8Array(file.subarray(dataStart + begin, dataStart + end)).buffer;
    tensors.set(name, read ? { name, shape, data: read(copy()) } : unreadable(name, shape, dtype));
  }
  return { tensors, metadata };
}

function unreadable(name: string, shape: Shape, dtype: string): NamedTensor {
  return {
    name,
    shape,
    get data(): never {
      const known = Object.keys(READ).join(', ');
      throw new FormatError(
        `safetensors: tensor ${quote(name)}: unsupported dtype "${dtype}"; neurite reads ${known}.`,
      );
    },
  };
}

function readHeaderText(file: Uint8Array): { text: string; dataStart: number } {
  const size = file.byteLength;
  const fail = (why: string): never => {
    const kind = fileKind(file);
    const hint = /^(?!a text).*model/i.test(kind ?? '') ? '; its weights have to be saved as safetensors first' : '';
    const is = kind ? `it is ${kind}${hint}.` : `nor of a kind that is known: ${why}`;
    throw new FormatError(`safetensors: ${kind === SAFETENSORS ? why : `this is no safetensors file, ${is}`}`);
  };
  if (size < 8) fail(`${size} bytes are too few for the 8 bytes of the header's length.`);
  const length = new DataView(file.buffer, file.byteOffset).getBigUint64(0, true);
  if (length > MAX_HEADER) fail(`the header is said to have ${length} bytes, the limit is ${MAX_HEADER}.`);
  if (length > size - 8) fail(`the header is said to have ${length} bytes, the file has ${size - 8} more.`);
  const dataStart = 8 + Number(length);
  const bytes = new Uint8Array(file.subarray(8, dataStart)); // copied, because TextDecoder rejects shared memory in browsers
  const text = decodeUtf8(bytes) ?? fail('the header is not UTF-8.');
  if (!text.startsWith('{')) fail(`the header must be a JSON object that begins with "{", got ${quote(text)}.`);
  return { text, dataStart };
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

function parseHeader(text: string): { entries: Entry[]; metadata: Record<string, string> } {
  const json = new JsonReader('safetensors: header', text);
  const entries: Entry[] = [];
  const metadata: Record<string, string> = Object.create(null);
  json.object((name) => {
    if (name !== METADATA) entries.push(parseEntry(json, name));
    else {
      json.object((key) => {
        metadata[key] = json.string();
      });
    }
  });
  json.end();
  return { entries, metadata };
}

function parseEntry(json: JsonReader, name: string): Entry {
  let dtype: string | undefined;
  let shape: number[] | undefined;
  let offsets: number[] | undefined;
  json.object((field) => {
    if (field === 'dtype') dtype = parseDtype(json);
    else if (field === 'shape') shape = parseIntegers(json, MAX_AXES);
    else if (field === 'data_offsets') offsets = parseIntegers(json, 2);
    else json.fail('unknown field; the format has "dtype", "shape" and "data_offsets".');
  });
  if (!dtype || !shape || !offsets) json.fail('"dtype", "shape" and "data_offsets" must all be there.');
  const [begin, end] = offsets;
  if (begin === undefined || end === undefined) json.fail('"data_offsets" must have 2 numbers.');
  const size = byteSize(shape, ENCODINGS.get(dtype)!.size);
  if (size !== end - begin) {
    const needs = size === undefined ? '2^53 or more' : size;
    json.fail(`its shape and dtype need ${needs} bytes, its data_offsets ${begin} to ${end} make ${end - begin}.`);
  }
  return { name, dtype, shape, begin, end };
}

function parseDtype(json: JsonReader): string {
  const dtype = json.string();
  if (!ENCODINGS.has(dtype))
    json.fail(`unknown dtype ${quote(dtype)}; the format has ${[...ENCODINGS.keys()].join(', ')}.`);
  return dtype;
}

function parseIntegers(json: JsonReader, most: number): number[] {
  const numbers: number[] = [];
  json.array(() => {
    if (numbers.length === most) json.fail(`more than ${most} numbers.`);
    numbers.push(json.integer());
  });
  return numbers;
}

/** @throws FormatError unless the tensors, in some order, follow one another from byte 0 to `length`. */
function checkCover(entries: readonly Entry[], length: number): void {
  let covered = 0;
  for (const { name, begin, end } of entries.toSorted((a, b) => a.begin - b.begin || a.end - b.end)) {
    const fail = (why: string): never => {
      throw new FormatError(`safetensors: tensor ${quote(name)}, bytes ${begin} to ${end} of the data: ${why}`);
    };
    if (end > length) fail(`it lies outside the file, which has ${length} bytes of data.`);
    if (begin < covered) fail(`it overlaps another tensor, which ends at ${covered}.`);
    if (begin > covered) fail(`the bytes from ${covered} on before it belong to no tensor.`);
    covered = end;
  }
  if (covered !== length) throw new FormatError(`safetensors: the last ${length - covered} bytes belong to no tensor.`);
}

/** Size of a tensor in bytes, or undefined if it is 2^53 or more, where numbers are not exact. */
function byteSize(shape: Shape, elementSize: number): number | undefined {
  let size = 1;
  for (const axis of [...shape, elementSize]) {
    size *= axis;
    if (size > Number.MAX_SAFE_INTEGER) return undefined;
  }
  return size;
}
