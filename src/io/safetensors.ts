/**
 * The safetensors format, https://github.com/huggingface/safetensors#format, little-endian throughout:
 *
 *     u64       length n of the header
 *     n bytes   UTF-8 JSON, padded with spaces:
 *               {"__metadata__": {"key": "text"}, "name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [begin, end]}}
 *     the rest  the data of the tensors, row-major; each byte belongs to exactly one tensor
 */
import { ArgumentError, FormatError, ShapeError } from '../errors.ts';
import { formatShape, type HostArray, type Shape } from '../tensor.ts';
import { type Bytes, bytesIn } from './bytes.ts';
import { isWellFormed, JsonReader, quote } from './json.ts';

/** A tensor in a file: row-major data of as many elements as the shape has. The shape `[]` is a scalar. */
export interface NamedTensor {
  readonly name: string;
  readonly shape: Shape;
  readonly data: Float32Array | Int32Array | Uint32Array;
}

const METADATA = '__metadata__';
/**
 * Bytes; room for 100,000 tensors. The reference implementation takes 100 MB, but what is read of a header takes up to twelve
 * times its size, and a file of unknown origin is not to fill the memory.
 */
const MAX_HEADER = 16_000_000;
/** NumPy's limit: a header could else be made of millions of ones. */
const MAX_AXES = 64;

/** How an element is stored, and how to turn the bytes of a tensor into a fresh host array. */
interface Encoding {
  readonly size: number;
  readonly read: (bytes: DataView) => HostArray;
}

/** 32-bit words pass as they are, so that even the payload of a NaN survives. The rest becomes float32. */
const ENCODINGS: ReadonlyMap<string, Encoding> = new Map<string, Encoding>([
  ['F32', { size: 4, read: (bytes) => new Float32Array(readWords(bytes).buffer) }],
  ['I32', { size: 4, read: (bytes) => new Int32Array(readWords(bytes).buffer) }],
  ['U32', { size: 4, read: readWords }],
  ['F64', { size: 8, read: (bytes) => readFloats(bytes, 8, (at) => bytes.getFloat64(at, true)) }],
  ['F16', { size: 2, read: (bytes) => readFloats(bytes, 2, (at) => halfToNumber(bytes.getUint16(at, true))) }],
  ['BF16', { size: 2, read: readBfloat16 }],
]);

/** What the format knows beyond `ENCODINGS`. */
const REFUSED: ReadonlySet<string> = new Set(
  'BOOL U8 I8 I16 U16 I64 U64 C64 F4 F6_E2M3 F6_E3M2 F8_E5M2 F8_E4M3 F8_E8M0 F8_E4M3FNUZ F8_E5M2FNUZ'.split(' '),
);

/** What the header says about a tensor; offsets are in bytes from the end of the header. */
interface Entry {
  readonly name: string;
  readonly encoding: Encoding;
  readonly shape: Shape;
  readonly begin: number;
  readonly end: number;
}

/**
 * Makes a safetensors file of float32, int32 and uint32 tensors, laid out in the order given.
 * @param metadata free texts by name
 * @throws ArgumentError for a name that occurs twice, is `__metadata__` or is not Unicode, for metadata that is not
 *   text, and for a header over 16 MB
 * @throws ShapeError for a shape that is not that of its data
 */
export function writeSafetensors(
  tensors: readonly NamedTensor[],
  metadata?: Readonly<Record<string, string>>,
): Uint8Array<ArrayBuffer> {
  const header = new TextEncoder().encode(headerOf(tensors, metadata));
  const dataStart = 8 + Math.ceil(header.length / 8) * 8;
  if (dataStart - 8 > MAX_HEADER) {
    throw new ArgumentError(`safetensors: the header would take ${dataStart - 8} bytes, the limit is ${MAX_HEADER}.`);
  }
  const bytes = new Uint8Array(tensors.reduce((size, { data }) => size + data.byteLength, dataStart));
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(dataStart - 8), true);
  bytes.set(header, 8);
  bytes.fill(0x20, 8 + header.length, dataStart);
  let at = dataStart;
  for (const { data } of tensors) {
    if (data.length === 0) continue; // it may have no memory any more
    const words = new Uint32Array(data.buffer, data.byteOffset, data.length);
    for (let i = 0; i < words.length; i++, at += 4) view.setUint32(at, words[i]!, true);
  }
  return bytes;
}

/** The members are joined by hand: an object would move names like `0` to the front. */
function headerOf(tensors: readonly NamedTensor[], metadata?: Readonly<Record<string, string>>): string {
  const members = metadata === undefined ? [] : [`"${METADATA}":${metadataOf(metadata)}`];
  const names = new Set([METADATA]);
  let end = 0;
  for (const { name, shape, data } of tensors) {
    const fail = (why: string): never => {
      throw new ArgumentError(`safetensors: tensor ${quote(name)}: ${why}`);
    };
    if (names.has(name)) fail(`the name ${name === METADATA ? 'is reserved' : 'occurs twice'}.`);
    if (!isWellFormed(name)) fail('the name has half a surrogate pair, which UTF-8 cannot express.');
    names.add(name);
    const dtype = dtypeOf(data) ?? fail('the data must be a Float32Array, an Int32Array or a Uint32Array.');
    if (!shape.every((size) => Number.isSafeInteger(size) && size >= 0) || byteSize(shape, 4) !== data.byteLength) {
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
  for (const [key, value] of Object.entries(metadata)) {
    if (typeof value !== 'string' || !isWellFormed(key + value)) {
      throw new ArgumentError(`safetensors: metadata ${quote(key)}: key and value must be Unicode text.`);
    }
  }
  return JSON.stringify(metadata);
}

function dtypeOf(data: HostArray): string | undefined {
  if (data instanceof Float32Array) return 'F32';
  if (data instanceof Int32Array) return 'I32';
  return data instanceof Uint32Array ? 'U32' : undefined;
}

/**
 * Reads a safetensors file from anywhere: its tensors in the order of the header, and its metadata.
 *
 * F32, I32 and U32 pass bit for bit. F16, BF16 and F64 become float32; of these only F64 rounds (to the nearest, and
 * to infinity beyond float32's range). The data is copied, so `bytes` may be changed or dropped afterwards. Time and
 * memory are in proportion to the file: nothing is allocated for a tensor before its bytes are known to be there.
 * @returns `metadata` has no prototype
 * @throws ArgumentError for what is no memory, or memory that was transferred away
 * @throws FormatError for any other dtype, for a header over 16 MB, and for a file that breaks any rule of the
 *   format, unknown fields and duplicate names included
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
  for (const { name, shape, encoding, begin, end } of entries) {
    const data = encoding.read(new DataView(file.buffer, file.byteOffset + dataStart + begin, end - begin));
    tensors.set(name, { name, shape, data });
  }
  return { tensors, metadata };
}

function readHeaderText(file: Uint8Array): { text: string; dataStart: number } {
  const size = file.byteLength;
  if (size < 8) throw new FormatError(`safetensors: ${size} bytes are too few for the 8 bytes of the header's length.`);
  const length = new DataView(file.buffer, file.byteOffset).getBigUint64(0, true);
  if (length > MAX_HEADER) {
    // "<" and seven more letters: as a number, more than any length.
    if (file[0] === 0x3c && length >> 56n) {
      throw new FormatError('safetensors: it begins with "<", as a web page does: a wrong address?');
    }
    throw new FormatError(`safetensors: the header is said to have ${length} bytes, the limit is ${MAX_HEADER}.`);
  }
  if (length > size - 8) {
    throw new FormatError(`safetensors: the header is said to have ${length} bytes, the file has ${size - 8} more.`);
  }
  const dataStart = 8 + Number(length);
  const text = decodeUtf8(new Uint8Array(file.subarray(8, dataStart))); // copied: browsers decode no shared memory
  if (!text.startsWith('{')) {
    throw new FormatError(`safetensors: the header must be a JSON object that begins with "{", got ${quote(text)}.`);
  }
  return { text, dataStart };
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new FormatError('safetensors: the header is not UTF-8.', { cause });
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
  let encoding: Encoding | undefined;
  let shape: number[] | undefined;
  let offsets: number[] | undefined;
  json.object((field) => {
    if (field === 'dtype') encoding = parseDtype(json);
    else if (field === 'shape') shape = parseIntegers(json, MAX_AXES);
    else if (field === 'data_offsets') offsets = parseIntegers(json, 2);
    else json.fail('unknown field; the format has "dtype", "shape" and "data_offsets".');
  });
  if (!encoding || !shape || !offsets) json.fail('"dtype", "shape" and "data_offsets" must all be there.');
  const [begin, end] = offsets;
  if (begin === undefined || end === undefined) json.fail('"data_offsets" must have 2 numbers.');
  const size = byteSize(shape, encoding.size);
  if (size !== end - begin) {
    const needs = size === undefined ? '2^53 or more' : size;
    json.fail(`its shape and dtype need ${needs} bytes, its data_offsets ${begin} to ${end} make ${end - begin}.`);
  }
  return { name, encoding, shape, begin, end };
}

function parseDtype(json: JsonReader): Encoding {
  const dtype = json.string();
  const encoding = ENCODINGS.get(dtype);
  if (encoding) return encoding;
  const known = [...ENCODINGS.keys()].join(', ');
  json.fail(`${REFUSED.has(dtype) ? 'unsupported' : 'unknown'} dtype ${quote(dtype)}; neurite reads ${known}.`);
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

/** Bytes of a tensor, or undefined where the number is not exact: 2^53 or more. */
function byteSize(shape: Shape, elementSize: number): number | undefined {
  let size = elementSize;
  for (const axis of shape) {
    size *= axis;
    if (!Number.isSafeInteger(size)) return undefined;
  }
  return size;
}

function readWords(bytes: DataView): Uint32Array<ArrayBuffer> {
  const words = new Uint32Array(bytes.byteLength / 4);
  for (let i = 0; i < words.length; i++) words[i] = bytes.getUint32(i * 4, true);
  return words;
}

function readFloats(bytes: DataView, size: number, read: (at: number) => number): Float32Array<ArrayBuffer> {
  const floats = new Float32Array(bytes.byteLength / size);
  for (let i = 0; i < floats.length; i++) floats[i] = read(i * size);
  return floats;
}

/** A bfloat16 is the upper half of a float32. */
function readBfloat16(bytes: DataView): Float32Array<ArrayBuffer> {
  const words = new Uint32Array(bytes.byteLength / 2);
  for (let i = 0; i < words.length; i++) words[i] = bytes.getUint16(i * 2, true) << 16;
  return new Float32Array(words.buffer);
}

/** IEEE 754 binary16: 1 bit of sign, 5 of exponent (bias 15), 10 of fraction. */
function halfToNumber(bits: number): number {
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  const sign = bits >> 15 ? -1 : 1;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}
