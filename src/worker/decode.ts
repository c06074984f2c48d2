/** Makes values out of the data of a message. */
import { type ElementType, NDArray, type NumberArray } from '../ndarray/ndarray.ts';
import { kindOf } from '../shown.ts';
import { MARK, type Marked } from './protocol.ts';

/** Makes the values that are no plain data. */
export type Revive = (data: Marked) => unknown;

/** @param onResource hears of pictures that hold memory until they are closed */
export function decode(
  data: unknown,
  revive: Revive,
  onResource?: (picture: ImageBitmap | VideoFrame) => void,
): unknown {
  const seen = new Map<object, unknown>();
  const value = (part: unknown): unknown => {
    if (typeof part !== 'object' || part === null || ArrayBuffer.isView(part)) return part;
    if (seen.has(part)) return seen.get(part);
    const kind = kindOf(part);
    if (kind === 'ImageBitmap' || kind === 'VideoFrame') onResource?.(part as ImageBitmap | VideoFrame);
    if (kind !== 'Array' && kind !== 'Object') return part;
    const marked = part as Marked;
    if (kind === 'Object' && Object.hasOwn(part, MARK)) {
      const made =
        marked[MARK] === 'array'
          ? new NDArray(marked.data as NumberArray, marked.shape, marked.dtype as ElementType)
          : revive(marked);
      seen.set(part, made);
      return made;
    }
    seen.set(part, part);
    const slots = part as Record<string, unknown>;
    if (kind === 'Array' && !(part as unknown[]).some((inner) => typeof inner === 'object')) return part;
    for (const name of Object.keys(part)) slots[name] = value(slots[name]);
    return part;
  };
  return value(data);
}
