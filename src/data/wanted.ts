import { DataError, shown } from '../errors.ts';
import { kindOf, listShape } from '../shown.ts';

/** How to make data of what came in their place, where that is known. */
function remedy(what: string, value: unknown): string {
  const kind = kindOf(value);
  const { data, shape, x, dataSync } = Object(value) as Record<string, unknown>;
  const made = (numbers: string, sizes: string) => ` Write { data: Float32Array.from(${numbers}), shape: [${sizes}] }.`;
  const bytes = (image: string) => made(`${image}.data, (byte) => byte / 255`, `1, ${image}.height, ${image}.width, 4`);
  if (kind === 'ImageData') return bytes(what);
  if (/^(HTML.*Element|Image|Offscreen|Video|Blob|File)/.test(kind)) {
    return ` Draw it on a canvas and take its pixels, image = context.getImageData(…).${bytes('image')}`;
  }
  if (typeof dataSync === 'function') return made(`await ${what}.data()`, `...${what}.shape`);
  if (x !== undefined) return ' This call takes x by itself.';
  if (Array.isArray(value)) return made(`${what}.flat(Infinity)`, listShape(value).join(', '));
  if (ArrayBuffer.isView(value)) return made(what, 'n, …');
  if (data !== undefined && shape !== undefined) return made(`${what}.data`, `...${what}.shape`);
  return '';
}

/** The error for what is something else than data. @param wanted what they are */
export function wrongData(what: string, wanted: string, value: unknown): DataError {
  return new DataError(`${what} must be ${wanted}, got ${shown(value)}.${remedy(what, value)}`);
}
