/**
 * What `x` may be, and how it becomes examples. Float32Arrays and integers of 8 and 16 bits are used where they lie; all other
 * numbers become a Float32Array.
 */
import { DataError, ShapeError } from '../errors.ts';
import type { NestedList, NumberArray } from '../ndarray/ndarray.ts';
import { kindOf, listShape, shown } from '../shown.ts';
import { elements, type NarrowInteger, type Shape } from '../tensor.ts';
import { asFloat32, fetching, isNumbers, wrongData } from './dataErrors.ts';
import { checkFinite, misfit } from './dataset.ts';
import { type Picture, pictureBytes, picturesIn } from './pictures.ts';

/**
 * Examples as they are given to a model: numbers with a shape `[n, ...inputShape]`, such as an `NDArray`, nested lists of numbers, or
 * pictures of the model's size, which become bytes; see `fromPixels`.
 * Integers of 8 and 16 bits stay what they are in memory, on the GPU as well, until a batch is computed; all other numbers are
 * copied into a Float32Array, unless they are one. Where an example is a single number, a list or typed array of numbers will do.
 */
export type InputData =
  | { readonly data: NumberArray | readonly number[]; readonly shape: Shape }
  | readonly NestedList[]
  | NumberArray
  | Picture
  | Blob
  | readonly (Picture | Blob)[];

/** Arrays of examples that are used as they are. */
const KEPT = { Float32Array, Uint8Array, Uint8ClampedArray: Uint8Array, Int8Array, Uint16Array, Int16Array };

/** The numbers of examples that were checked. */
export type ExampleArray = Float32Array | Uint8Array | Int8Array | Uint16Array | Int16Array;

/** Examples that were checked. */
export interface CheckedExamples {
  readonly data: ExampleArray;
  readonly shape: Shape;
}

const WANTED = '{ data, shape: [n, …] }, nested lists of numbers, or pictures';

/**
 * Checks examples.
 * @param inputShape shape of one example. Whether they have it is not checked here
 * @param own whether to copy them before their values are checked: another thread may write to shared memory
 * @throws ShapeError, DataError for data and a shape that do not fit together, are empty or not finite
 */
export function examples(what: string, value: InputData, inputShape: Shape, own = false): CheckedExamples {
  const pictures = picturesIn(value);
  if (pictures) return pictureBytes(what, pictures, inputShape);
  const { data, shape: given, copied } = numbersOf(what, value, inputShape);
  const wrong = misfit(data, given);
  if (wrong) throw new ShapeError(`${what}: ${wrong}${ofFloats(what, data, given)}`);
  if (data.length === 0) throw new DataError(`${what} is empty: there are no examples.`);
  const shape = given.length === 1 && elements(inputShape) === 1 ? [...given, ...inputShape] : [...given];
  const taken = fromArray(what, data, own && !copied);
  if (taken instanceof Float32Array) checkFinite(what, taken, shape.slice(1));
  return { data: taken, shape };
}

/** Numbers as they were given, or copied out of lists, and their shape, which is not checked. */
interface Numbers {
  readonly data: NumberArray;
  readonly shape: Shape;
  readonly copied?: boolean;
}

/** @throws DataError unless the value is numbers with a shape; ShapeError for lists of different lengths */
function numbersOf(what: string, value: InputData, inputShape: Shape): Numbers {
  const copied = true;
  if (Array.isArray(value)) {
    const shape = listShape(value);
    return { data: fromList(what, value, shape, inputShape), shape, copied };
  }
  if (isNumbers(value) && elements(inputShape) === 1) return { data: value, shape: [value.length] };
  const { data, shape } = Object(value) as { data?: unknown; shape?: unknown };
  if (Array.isArray(shape)) {
    if (isNumbers(data)) return { data, shape };
    if (Array.isArray(data)) return { data: fromList(`${what}.data`, data, [data.length]), shape, copied };
  }
  throw wrongData(what, WANTED, value, inputShape);
}

/** @param own whether to copy an array that could be used as it is */
function fromArray(what: string, data: NumberArray, own: boolean): ExampleArray {
  const { buffer, byteOffset, byteLength, length } = data;
  const Kept = KEPT[kindOf(data) as keyof typeof KEPT] as
    | (new (
        ...part: readonly [ArrayBufferLike, number, number]
      ) => ExampleArray)
    | undefined;
  try {
    if (!Kept) return new Float32Array(data);
    const view = new Kept(buffer, byteOffset, length); // of this realm, and no Buffer of Node, whose slice copies nothing
    return own ? view.slice() : view;
  } catch (cause) {
    const why = `there is no memory for a copy of its ${byteLength} bytes; a Dataset that reads them needs none`;
    throw new DataError(`${what}: ${why}.`, { cause });
  }
}

/** @param inputShape that of a model, for advice on pictures @throws DataError, ShapeError unless the lists have the shape and hold numbers */
export function fromList(what: string, list: readonly unknown[], shape: Shape, inputShape: Shape = []): Float32Array {
  const data = new Float32Array(elements(shape));
  let next = 0;
  const fill = (part: unknown, axis: number): void => {
    if (axis === shape.length) {
      if (typeof part !== 'number' && typeof part !== 'boolean') {
        const isText = typeof part === 'string' && part !== '' && Number.isFinite(Number(part));
        const hint = isText
          ? ` Write Number(${shown(part)}).`
          : isNumbers(part)
            ? ` Write ${what}.map((row) => [...row]).`
            : fetching(part, inputShape);
        throw new DataError(`${what}: a list holds ${shown(part)}, which is no number.${hint}`);
      }
      data[next++] = Number(part);
      return;
    }
    if (!Array.isArray(part) || part.length !== shape[axis]) {
      const found = Array.isArray(part) ? `one of ${part.length}` : shown(part);
      throw new ShapeError(
        `${what}: lists beside each other must have one length, got one of ${shape[axis]} and ${found}.`,
      );
    }
    for (const inner of part) fill(inner, axis + 1);
  };
  fill(list, 0);
  return data;
}

/** The end of a message about a wrong number of elements, if the data seem to be the bytes of floats. */
function ofFloats(what: string, data: NumberArray, shape: Shape): string {
  const count = elements(shape);
  if (kindOf(data) !== 'Uint8Array' || data.length !== 4 * count) return '';
  const numbers = asFloat32(`${what}.data`, data, count);
  return ` If these are the bytes of floats: Write { data: ${numbers}, shape: [...${what}.shape] }.`;
}

/** The examples with float numbers. */
export function floats({ data, shape }: CheckedExamples): { data: Float32Array; shape: Shape } {
  return { data: data instanceof Float32Array ? data : new Float32Array(data), shape };
}

/** What integers of 8 or 16 bits are; undefined for floats. */
export function narrowTypeOf(data: ExampleArray): NarrowInteger | undefined {
  const name = kindOf(data).replace('Array', '').toLowerCase();
  return name === 'float32' ? undefined : (name as NarrowInteger);
}

/** The same bytes as words, with zeros behind them to the end of the last word. Copies them only if they do not lie like words. */
export function wordsOf({ buffer, byteOffset, byteLength }: ExampleArray): Uint32Array {
  if (byteOffset % 4 === 0 && byteLength % 4 === 0) return new Uint32Array(buffer, byteOffset, byteLength / 4);
  const words = new Uint32Array(Math.ceil(byteLength / 4));
  new Uint8Array(words.buffer).set(new Uint8Array(buffer, byteOffset, byteLength));
  return words;
}
