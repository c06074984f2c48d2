/** Fields of messages in the wire format of Protocol Buffers. A message is its fields, joined. */

const VARINT = 0;
const FIXED_64 = 1;
const WITH_LENGTH = 2;
const FIXED_32 = 5;

/** An integer of at least 0 in groups of seven bits, the lowest first; a set eighth bit says that more follow. */
function varint(value: number): number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return [...bytes, rest];
}

const head = (field: number, type: number): number[] => varint(field * 8 + type);

export function joined(...parts: readonly ArrayLike<number>[]): Uint8Array {
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

/** @param value an integer from 0 to 2^53 - 1 */
export const integerField = (field: number, value: number): Uint8Array => joined(head(field, VARINT), varint(value));

export const doubleField = (field: number, value: number): Uint8Array =>
  joined(head(field, FIXED_64), littleEndian([value]));

export function floatField(field: number, value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return joined(head(field, FIXED_32), bytes);
}

/** A message within a message, or other bytes. */
export const bytesField = (field: number, bytes: Uint8Array): Uint8Array =>
  joined(head(field, WITH_LENGTH), varint(bytes.length), bytes);

export const textField = (field: number, text: string): Uint8Array => bytesField(field, new TextEncoder().encode(text));

/** A packed list. */
export const doublesField = (field: number, values: readonly number[]): Uint8Array =>
  bytesField(field, littleEndian(values));

function littleEndian(values: readonly number[]): Uint8Array {
  const bytes = new Uint8Array(8 * values.length);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => {
    view.setFloat64(8 * i, value, true);
  });
  return bytes;
}
