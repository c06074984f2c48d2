/** The dtypes of the safetensors format: how each is stored, and the array that it is read into. */
import { kindOf } from '../shown.ts';

/** Integers keep their width and all their bits; those of 64 bits are BigInts. All other numbers become float32. */
export type TensorArray = Float32Array | IntegerArray;
type IntegerArray =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

/** How an element is stored. */
interface Encoding {
  /** Bytes of an element. */
  readonly size: number;
  /** Turns the bytes of a tensor, which are a copy, into a host array. Absent: JavaScript has no array for this dtype. */
  readonly read?: (bytes: ArrayBuffer) => TensorArray;
}

/**
 * The arrays whose elements are stored unchanged, bit for bit, even the payload of a NaN. The format is little-endian,
 * as are all platforms with WebGPU.
 */
const ARRAYS = {
  F32: Float32Array,
  I8: Int8Array,
  U8: Uint8Array,
  I16: Int16Array,
  U16: Uint16Array,
  I32: Int32Array,
  U32: Uint32Array,
  I64: BigInt64Array,
  U64: BigUint64Array,
};

/** The dtypes that can be read. */
export const READ: Readonly<Record<string, Encoding>> = {
  ...Object.fromEntries(
    Object.entries(ARRAYS).map(([dtype, Type]): [string, Encoding] => [
      dtype,
      { size: Type.BYTES_PER_ELEMENT, read: (bytes) => new Type(bytes) },
    ]),
  ),
  F16: { size: 2, read: (bytes) => Float32Array.from(new Uint16Array(bytes), halfToNumber) },
  // BF16 is the upper half of a float32.
  BF16: { size: 2, read: (bytes) => new Float32Array(Uint32Array.from(new Uint16Array(bytes), (x) => x << 16).buffer) },
  F64: { size: 8, read: (bytes) => new Float32Array(new Float64Array(bytes)) },
  BOOL: { size: 1, read: (bytes) => new Uint8Array(bytes).map((x) => (x ? 1 : 0)) },
};

/** All dtypes of the format, including those that cannot be read. */
export const ENCODINGS: ReadonlyMap<string, Encoding> = new Map([
  ...Object.entries(READ),
  ...'C64 F4 F6_E2M3 F6_E3M2 F8_E5M2 F8_E4M3 F8_E8M0 F8_E4M3FNUZ F8_E5M2FNUZ'
    .split(' ')
    .map((dtype): [string, Encoding] => [dtype, { size: Number.parseInt(dtype.slice(1), 10) / 8 }]),
]);

/** The dtype that an array is written as; undefined if the format has none. */
export function dtypeOf(data: TensorArray): string | undefined {
  return Object.entries(ARRAYS).find(([, { name }]) => name === kindOf(data))?.[0];
}

/** IEEE 754 binary16: 1 bit of sign, 5 of exponent (bias 15), 10 of fraction. */
function halfToNumber(bits: number): number {
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  const sign = bits >> 15 ? -1 : 1;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  return sign * (exponent === 0 ? fraction * 2 ** -24 : (1024 + fraction) * 2 ** (exponent - 25));
}
