import { DataError } from '../errors.ts';
import { isBytes, isUrlObject } from '../io/bytes.ts';
import type { NumberArray } from '../ndarray/ndarray.ts';
import { kindOf, listShape, shown } from '../shown.ts';
import { elements, type Shape } from '../tensor.ts';

/** Whether a value is a typed array of numbers (not of BigInts), also one of another realm, e.g. an iframe. */
export const isNumbers = (value: unknown): value is NumberArray => /^[^B]\w*\d(Clamped)?Array$/.test(kindOf(value));

/** The end of a message about a wrong number of elements, if the cause is that the array has lost its memory. */
export const gone = (value: unknown): string =>
  ArrayBuffer.isView(value) && value.buffer.byteLength === 0 ? ': was its buffer transferred?' : '';

/**
 * Code that makes a Float32Array of a value, for the end of a message.
 * @param count number of elements, if a shape gives it
 */
export function asFloat32(name: string, value: unknown, count?: number): string {
  const kind = kindOf(value);
  if (/ArrayBuffer$/.test(kind)) return `new Float32Array(${name})`;
  if (kind === 'DataView' || (kind === 'Uint8Array' && (value as Uint8Array).byteLength === 4 * count!)) {
    const at = `${name}.byteOffset`;
    return `new Float32Array(${name}.buffer.slice(${at}, ${at} + ${name}.byteLength))`;
  }
  return `Float32Array.from(${name}${/^Big/.test(kind) ? ', Number' : ''})`;
}

/** Options of `fromPixels` that bring pictures to the shape of a model's input, as code. */
export const pixelOptions = ([height, width, channels]: Shape): string =>
  `{ size: [${height}, ${width}]${channels === 3 ? '' : `, channels: ${channels}`} }`;

/** Advice for what seems to be the address of a picture; empty for other values. @param inputShape that of the model, if there is one */
export function fetching(value: unknown, inputShape?: Shape): string {
  const address = typeof value === 'string' || isUrlObject(value) ? shown(String(value)) : '';
  if (!/[./:]/.test(address) || (inputShape && inputShape.length !== 3)) return '';
  const options = inputShape ? `, ${pixelOptions(inputShape)}` : '';
  return ` Write await fromPixels(await (await fetch(${address})).blob()${options}), or imageDataset([${address}]${options}).`;
}

/** Advice how to make data of the given value; empty if there is none. @param inputShape shape of an example */
function remedy(what: string, value: unknown, inputShape: Shape): string {
  const kind = kindOf(value);
  const { data, shape, x, dataSync } = Object(value) as Record<string, unknown>;
  const made = (numbers: string, sizes: string) => ` Write { data: ${numbers}, shape: [${sizes}] }.`;
  if (/Element$/.test(kind)) return ' Draw it on a canvas, which is a picture.';
  if (/Context(2D)?$/.test(kind)) return ` Write ${what}.canvas.`;
  if (typeof dataSync === 'function') return made(`Float32Array.from(await ${what}.data())`, `...${what}.shape`);
  if (kind === 'Response') return ` Write await ${what}.blob().`;
  if (typeof value === 'number' && elements(inputShape) === 1) return ` Write [${value}].`;
  if (/Generator/.test(kind)) return ` Write dataset(${what}).`;
  if (x !== undefined) return ' This call takes x by itself.';
  if (gone(data ?? value)) return ' Was its buffer transferred?';
  if (Array.isArray(value)) return made(asFloat32(`${what}.flat(Infinity)`, value), listShape(value).join(', '));
  if (isBytes(value)) {
    const count = (value as NumberArray).length / elements(inputShape);
    const sizes = Number.isInteger(count) ? [count, ...inputShape].join(', ') : 'n, …';
    return made(isNumbers(value) ? what : asFloat32(what, value), sizes);
  }
  if (data !== undefined && Array.isArray(shape))
    return made(asFloat32(`${what}.data`, data, elements(shape)), `...${what}.shape`);
  return fetching(value, inputShape);
}

/** The error for a value that is not data. @param wanted the form that data have @param inputShape shape of an example */
export function wrongData(what: string, wanted: string, value: unknown, inputShape: Shape = []): DataError {
  return new DataError(`${what} must be ${wanted}, got ${shown(value)}.${remedy(what, value, inputShape)}`);
}
