/** Writes weights as a safetensors file with 16 bits for each number. */
import type { NamedWeight } from '../../src/index.ts';

/** The bits of the nearest f16; ties go to the even one. Numbers of at most 65504. */
export function halfBits(value: number): number {
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0;
  const size = Math.abs(value);
  // Of a normal number the spacing is 2^-10 of its power of two, of smaller ones 2^-24.
  const exponent = Math.max(Math.floor(Math.log2(size)), -14);
  const steps = roundHalfEven(size / 2 ** (exponent - 10));
  // A subnormal number has no leading one; rounding up to the next power of two carries into the exponent.
  return sign | (exponent === -14 ? steps : ((exponent + 15) << 10) + (steps - 1024));
}

function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  return rest > 0.5 || (rest === 0.5 && floor % 2 === 1) ? floor + 1 : floor;
}

/** The bytes of a safetensors file: the length of the header, the header as JSON, the numbers. */
export function halfSafetensors(weights: readonly NamedWeight[]): Uint8Array {
  let end = 0;
  const entries = weights.map(({ name, shape, data }) => {
    const begin = end;
    end += 2 * data.length;
    return [name, { dtype: 'F16', shape, data_offsets: [begin, end] }];
  });
  const text = JSON.stringify(Object.fromEntries(entries));
  const header = new TextEncoder().encode(text.padEnd(Math.ceil(text.length / 8) * 8)); // numbers begin at a multiple of 8
  const bytes = new Uint8Array(8 + header.length + end);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, BigInt(header.length), true);
  bytes.set(header, 8);
  let at = 8 + header.length;
  for (const { data } of weights) {
    for (const value of data) {
      view.setUint16(at, halfBits(value), true);
      at += 2;
    }
  }
  return bytes;
}
