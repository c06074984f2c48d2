import { DataError, shown } from '../errors.ts';
import { isBytes } from '../io/bytes.ts';
import { kindOf, listShape } from '../shown.ts';
import { elements } from '../tensor.ts';

/** Whether a value is a typed array of numbers, which BigInts are not, of whatever realm. */
export const isNumbers = (value: unknown): value is Float32Array => /^[^B]\w*\d(Clamped)?Array$/.test(kindOf(value));

/** What follows a number of elements, where an array has no memory. */
export const gone = (value: unknown): string =>
  ArrayBuffer.isView(value) && value.buffer.byteLength === 0 ? ': was its buffer transferred?' : '';

/** How to make a Float32Array of what came, to end a message; empty where that is not known. @param count of elements, where a shape gives it */
export function asFloat32(name: string, value: unknown, count?: number): string {
  const kind = kindOf(value);
  if (/ArrayBuffer$/.test(kind)) return `new Float32Array(${name})`;
  if (kind === 'DataView' || (kind === 'Uint8Array' && (value as Uint8Array).byteLength === 4 * count!)) {
    const at = `${name}.byteOffset`;
    return `new Float32Array(${name}.buffer.slice(${at}, ${at} + ${name}.byteLength))`;
  }
  return `Float32Array.from(${name}${/^Big/.test(kind) ? ', Number' : ''})`;
}

/** How to make data of what came in their place, where that is known. */
function remedy(what: string, value: unknown): string {
  const kind = kindOf(value);
  const { data, shape, x, dataSync } = Object(value) as Record<string, unknown>;
  const made = (numbers: string, sizes: string) => ` Write { data: ${numbers}, shape: [${sizes}] }.`;
  const bytes = (image: string) =>
    made(`Float32Array.from(${image}.data, (byte) => byte / 255)`, `1, ${image}.height, ${image}.width, 4`);
  if (kind === 'ImageData') return bytes(what);
  if (/^(HTML.*Element|Image|Offscreen|Video|Blob|File)/.test(kind)) {
    return ` Draw it on a canvas and take its pixels, image = context.getImageData(…).${bytes('image')}`;
  }
  if (typeof dataSync === 'function') return made(`Float32Array.from(await ${what}.data())`, `...${what}.shape`);
  if (x !== undefined) return ' This call takes x by itself.';
  if (gone(data ?? value)) return ' Was its buffer transferred?';
  if (Array.isArray(value)) return made(asFloat32(`${what}.flat(Infinity)`, value), listShape(value).join(', '));
  if (isBytes(value)) return made(asFloat32(what, value), 'n, …');
  if (data !== undefined && Array.isArray(shape))
    return made(asFloat32(`${what}.data`, data, elements(shape)), `...${what}.shape`);
  return '';
}

/** The error for what is something else than data. @param wanted what they are */
export function wrongData(what: string, wanted: string, value: unknown): DataError {
  return new DataError(`${what} must be ${wanted}, got ${shown(value)}.${remedy(what, value)}`);
}
