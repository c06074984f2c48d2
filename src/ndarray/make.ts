/** Makes arrays: of typed arrays, of lists, and of ranges of numbers. */
import { ArgumentError, DataError, ShapeError } from '../errors.ts';
import { came, check } from '../options.ts';
import { kindOf, shown } from '../shown.ts';
import { elements, formatShape, type Shape } from '../tensor.ts';
import { ARRAYS, type ElementType, isSize, NDArray, type NestedList, type NumberArray } from './ndarray.ts';

/**
 * An array of numbers with a shape.
 * @param data a typed array, whose memory it shares; numbers or booleans in lists, nested or not: booleans make a bool, whole
 *   numbers an int64, others a float64; or `{ data, shape }`, as `predict` returns it
 * @param shape sizes of the axes, none of them for a number by itself. Default: that of the lists, or one axis
 * @throws DataError for data that are no numbers @throws ShapeError unless the shape has as many elements
 */
export function ndarray<T extends NumberArray>(
  data: T | { readonly data: T; readonly shape: Shape },
  shape?: Shape,
): NDArray<T>;
export function ndarray(data: NestedList, shape?: Shape): NDArray;
export function ndarray(
  data: NumberArray | NestedList | { readonly data: NumberArray; readonly shape: Shape },
  shape?: Shape,
): NDArray {
  if (data instanceof NDArray) return new NDArray(data.data, sized(data.data, shape ?? data.shape), data.dtype);
  if (ArrayBuffer.isView(data)) return ofTyped(data, shape ?? [data.length]);
  if (Array.isArray(data) || typeof data === 'number' || typeof data === 'boolean') return ofList(data, shape);
  const { data: numbers, shape: own } = Object(data) as { data?: NumberArray; shape?: Shape };
  if (ArrayBuffer.isView(numbers) && Array.isArray(own)) return ofTyped(numbers, shape ?? own);
  throw new DataError(`ndarray: data must be a typed array, a list of numbers, or { data, shape }, ${came(data)}`);
}

function ofTyped(data: NumberArray, shape: Shape): NDArray {
  const dtype = kindOf(data)
    .replace(/^Uint8Clamped/, 'Uint8')
    .replace(/Array$/, '')
    .toLowerCase() as ElementType;
  if (!(dtype in ARRAYS) || dtype === 'int64') throw new DataError(`ndarray: data must be numbers, ${came(data)}`);
  return new NDArray(data, sized(data, shape), dtype);
}

function ofList(list: NestedList, shape: Shape | undefined): NDArray {
  const flat: (number | boolean)[] = [];
  const own = flatten(list, flat);
  const dtype =
    flat.every((value) => typeof value === 'boolean') && flat.length > 0
      ? 'bool'
      : flat.every((value) => typeof value === 'boolean' || Number.isSafeInteger(value)) && flat.length > 0
        ? 'int64'
        : 'float64';
  const data = new ARRAYS[dtype](flat.length);
  flat.forEach((value, i) => {
    data[i] = Number(value);
  });
  return new NDArray(data, sized(data, shape ?? own), dtype);
}

/** Appends the numbers of nested lists to `flat`. @returns their shape @throws ShapeError for lists of different lengths */
function flatten(list: NestedList, flat: (number | boolean)[]): number[] {
  if (typeof list === 'number' || typeof list === 'boolean') {
    flat.push(list);
    return [];
  }
  if (!Array.isArray(list)) throw new DataError(`ndarray: a list holds ${shown(list)}, which is no number.`);
  const [first = [], ...others] = list.map((part: NestedList) => flatten(part, flat));
  const other = others.find((shape) => shape.join() !== first.join());
  if (other) {
    throw new ShapeError(
      `ndarray: lists beside each other must have one shape, got ${formatShape(first)} and ${formatShape(other)}.`,
    );
  }
  return [list.length, ...first];
}

/** @throws ShapeError unless the shape has as many elements as the data */
function sized(data: NumberArray, shape: Shape): Shape {
  check('ndarray', 'shape', shape, 'list');
  if (![...shape].every(isSize)) throw new ShapeError(`ndarray: ${formatShape(shape)} is no shape.`);
  if (elements(shape) !== data.length) {
    throw new ShapeError(
      `ndarray: shape ${formatShape(shape)} has ${elements(shape)} elements, data has ${data.length}.`,
    );
  }
  return [...shape];
}

/** Most elements of `arange`: the memory of a browser's array. */
const MOST_ELEMENTS = 2 ** 31;

/**
 * The numbers from `start` to below `stop`, `step` apart: `arange(24)`, `arange(2, 8)`, `arange(0, 1, 0.1)`. They are an int64 if
 * all three are whole, else a float64.
 * @throws ArgumentError for a step of 0, and for numbers that are not finite or too many
 */
export function arange(stop: number): NDArray;
export function arange(start: number, stop: number, step?: number): NDArray;
export function arange(first: number, second?: number, step = 1): NDArray {
  const [start, stop] = second === undefined ? [0, first] : [first, second];
  for (const [name, value] of Object.entries({ start, stop, step })) {
    if (!Number.isFinite(value)) throw new ArgumentError(`arange: ${name} must be a finite number, ${came(value)}`);
  }
  if (step === 0) throw new ArgumentError('arange: step must not be 0.');
  const length = Math.max(0, Math.ceil((stop - start) / step));
  if (length > MOST_ELEMENTS)
    throw new ArgumentError(`arange: ${length} numbers are too many, ${MOST_ELEMENTS} are the most.`);
  const whole = [start, stop, step].every(Number.isSafeInteger);
  const apart = start + step - start; // as numpy has it: the rounded difference of the first two
  return new NDArray(
    Float64Array.from({ length }, (_, i) => start + i * apart),
    [length],
    whole ? 'int64' : 'float64',
  );
}
