/** numpy's index syntax as text, `1:3, ..., ::2, -1`, and which elements of an array it takes. */
import { ArgumentError, ShapeError } from '../errors.ts';
import { shown } from '../shown.ts';
import { formatShape, type Shape, strides } from '../tensor.ts';

/** What is said of one axis: an index, a range, all axes that are not named, or a new axis of size 1. */
type Item =
  | { readonly kind: 'index'; readonly index: number }
  | { readonly kind: 'range'; readonly start?: number; readonly stop?: number; readonly step: number }
  | { readonly kind: 'rest' }
  | { readonly kind: 'new' };

/** Where the elements of a part lie: at `offset`, and along each axis `step` apart. */
export interface Part {
  readonly offset: number;
  readonly axes: readonly { readonly size: number; readonly step: number }[];
}

/** @throws ArgumentError for a text that is no index */
function parse(text: string): Item[] {
  const bare = /^\s*\[(.*)\]\s*$/s.exec(text)?.[1] ?? text;
  const fields = bare.split(',').map((field) => field.trim());
  if (fields.length > 1 && fields.at(-1) === '') fields.pop(); // `1,` is `1`
  return fields.map((field): Item => {
    if (field === '...') return { kind: 'rest' };
    if (/^((np|numpy)\.)?newaxis$|^None$/.test(field)) return { kind: 'new' };
    if (/^[+-]?\d+$/.test(field)) return { kind: 'index', index: Number(field) };
    const [, start, stop, step] =
      /^([+-]?\d+)?\s*:\s*([+-]?\d+)?\s*(?::\s*([+-]?\d+)?)?$/.exec(field) ?? fail(text, field);
    if (step !== undefined && Number(step) === 0) throw new ArgumentError(`slice: '${field}': the step cannot be 0.`);
    return {
      kind: 'range',
      ...(start === undefined ? {} : { start: Number(start) }),
      ...(stop === undefined ? {} : { stop: Number(stop) }),
      step: Number(step ?? 1),
    };
  });
}

function fail(text: string, field: string): never {
  const what = field === '' ? 'an index is missing' : `${shown(field)} is no index`;
  throw new ArgumentError(
    `slice: ${what} in ${shown(text)}. An index is a whole number, a range start:stop:step, ..., or None for a new axis.`,
  );
}

/** @throws ArgumentError, ShapeError for an index that the array does not have */
export function partOf(shape: Shape, text: string): Part {
  const items = parse(text);
  const named = items.filter(({ kind }) => kind === 'index' || kind === 'range').length;
  if (named > shape.length) {
    throw new ShapeError(
      `slice: ${shown(text)} has ${named} indices, the array ${formatShape(shape)} only ${shape.length} axes.`,
    );
  }
  const rests = items.filter(({ kind }) => kind === 'rest').length;
  if (rests > 1) throw new ArgumentError(`slice: ${shown(text)} has '...' ${rests} times; it may stand there once.`);
  const rest = new Array<Item>(shape.length - named).fill({ kind: 'range', step: 1 });
  const all = rests === 1 ? items.flatMap((item) => (item.kind === 'rest' ? rest : [item])) : [...items, ...rest];

  const steps = strides(shape);
  const axes: { size: number; step: number }[] = [];
  let [offset, axis] = [0, 0];
  for (const item of all) {
    if (item.kind === 'new') {
      axes.push({ size: 1, step: 0 });
      continue;
    }
    const [size, step] = [shape[axis]!, steps[axis]!];
    if (item.kind === 'index') {
      const index = item.index < 0 ? item.index + size : item.index;
      if (index < 0 || index >= size) {
        throw new ArgumentError(
          `slice: index ${item.index} is out of bounds for axis ${axis}, which has size ${size}.`,
        );
      }
      offset += index * step;
    } else if (item.kind === 'range') {
      const { first, count } = range(item, size);
      if (count > 0) offset += first * step;
      axes.push({ size: count, step: item.step * step });
    }
    axis++;
  }
  return { offset, axes };
}

/** Ends beyond those of the axis are its ends, as in Python. */
function range({ start, stop, step }: { start?: number; stop?: number; step: number }, size: number) {
  const [least, most] = step > 0 ? [0, size] : [-1, size - 1];
  const clamp = (end: number) => Math.min(Math.max(end < 0 ? end + size : end, least), most);
  const first = start === undefined ? (step > 0 ? least : most) : clamp(start);
  const end = stop === undefined ? (step > 0 ? most : least) : clamp(stop);
  return { first, count: Math.max(0, Math.ceil((end - first) / step)) };
}
