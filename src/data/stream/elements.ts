/** What a dataset gives, one after another: examples or batches, and how examples become a batch. */
import { DataError, ShapeError } from '../../errors.ts';
import { ARRAYS, type ElementType, NDArray, type NestedList, type NumberArray } from '../../ndarray/ndarray.ts';
import { kindOf, listShape, shown } from '../../shown.ts';
import { elements, formatShape, type Shape, sameShape } from '../../tensor.ts';
import { fetching, isNumbers } from '../dataErrors.ts';
import type { Labels } from '../dataset.ts';
import type { InputData } from '../input.ts';
import { type Picture, picturesIn } from '../pictures.ts';

/** Numbers with a shape, such as an `NDArray`; numbers without one have one axis. */
type Numbers =
  | number
  | NumberArray
  | readonly NestedList[]
  | { readonly data: NumberArray | readonly number[]; readonly shape: Shape };

/** One example. */
export interface Example {
  /** Numbers of the model's input shape, or a picture of its size. */
  readonly x: Numbers | Picture | Blob;
  /** A class, a number, or numbers with a shape, as the loss takes them. Absent where only predictions are wanted. */
  readonly y?: Numbers;
  /** Weight in the loss. Default 1. */
  readonly sampleWeight?: number;
}

/** Several examples, as `trainOnBatch` takes them. */
export interface Batch {
  /** `[n, ...inputShape]`, or a list of pictures. */
  readonly x: InputData;
  readonly y?: Labels;
  /** Weight of each example in the loss. */
  readonly sampleWeight?: ArrayLike<number>;
}

/** What `batch` makes of examples. */
export interface MadeBatch {
  readonly x: NDArray | readonly (Picture | Blob)[];
  readonly y?: readonly number[] | NDArray<Float32Array>;
  readonly sampleWeight?: readonly number[];
}

/** @throws DataError unless the element is an object with an `x` */
function checkElement(element: unknown): void {
  if (Object(element).x === undefined)
    throw new DataError(
      `a dataset for a model gives examples { x, y } or batches of them, got ${shown(element)}.${fetching(element)}`,
    );
}

/** The shape of numbers; undefined for what are none. */
function shapeOf(value: unknown): Shape | undefined {
  if (typeof value === 'number' || typeof value === 'boolean') return [];
  if (Array.isArray(value)) return listShape(value);
  if (isNumbers(value)) return [value.length];
  const { data, shape } = Object(value) as { data?: unknown; shape?: unknown };
  return Array.isArray(shape) && (isNumbers(data) || Array.isArray(data)) ? shape : undefined;
}

/**
 * Whether an element is one example rather than a batch, which its shape tells.
 * @throws DataError, ShapeError for what is neither
 */
export function isExample(element: Example | Batch, inputShape: Shape): element is Example {
  checkElement(element);
  const { x } = element;
  if (picturesIn(x)) return !Array.isArray(x);
  const shape = shapeOf(x);
  if (!shape)
    throw new DataError(
      `x must be numbers with a shape, nested lists or a picture, got ${shown(x)}.${fetching(x, inputShape)}`,
    );
  const isSingle = elements(inputShape) === 1;
  if (sameShape(shape, inputShape) || (shape.length === 0 && isSingle)) return true;
  if (sameShape(shape.slice(1), inputShape) || (shape.length === 1 && isSingle)) return false;
  const wanted = inputShape.join(', ');
  throw new ShapeError(
    `x has the shape ${formatShape(shape)}; for this model an example has the shape [${wanted}], and a batch [n, ${wanted}].`,
  );
}

/** A batch of examples. @throws DataError, ShapeError for examples that differ in what they have */
export function collate(examples: readonly Example[]): MadeBatch {
  for (const example of examples) checkElement(example);
  const y = column(examples, 'y');
  const sampleWeight = column(examples, 'sampleWeight') as number[] | undefined;
  return { x: inputs(examples), ...(y && { y: labels(y) }), ...(sampleWeight && { sampleWeight }) };
}

/** What all examples have by a name; undefined if none has it. @throws DataError if only some do */
function column<K extends 'y' | 'sampleWeight'>(
  examples: readonly Example[],
  name: K,
): NonNullable<Example[K]>[] | undefined {
  const values = examples.map((example) => example[name]).filter((value) => value !== undefined);
  if (values.length === 0) return undefined;
  if (values.length === examples.length) return values as NonNullable<Example[K]>[];
  throw new DataError(`a batch: ${values.length} of its ${examples.length} examples have ${name}; all must, or none.`);
}

function inputs(examples: readonly Example[]): MadeBatch['x'] {
  const all = examples.map(({ x }) => x);
  if (all.every((x) => picturesIn(x) && !Array.isArray(x))) return all as (Picture | Blob)[];
  return stacked('x', all);
}

function labels(all: readonly unknown[]): NonNullable<MadeBatch['y']> {
  if (all.every((y) => typeof y === 'number')) return all;
  return stacked('y', all, 'float32') as NDArray<Float32Array>;
}

/** Arrays of one shape as one, with an axis in front. @param dtype default: theirs, if they have one in common, else float32 */
function stacked(what: string, all: readonly unknown[], dtype?: ElementType): NDArray {
  const first = numbersOf(what, all[0]);
  const type = dtype ?? (all.every((value) => numbersOf(what, value).dtype === first.dtype) ? first.dtype : 'float32');
  const length = elements(first.shape);
  const data = new ARRAYS[type](all.length * length);
  all.forEach((value, i) => {
    const { numbers, shape } = numbersOf(what, value);
    if (!sameShape(shape, first.shape)) {
      throw new ShapeError(
        `a batch: ${what} of its example ${i} has the shape ${formatShape(shape)}, that of example 0 ${formatShape(first.shape)}; examples of a batch have one.`,
      );
    }
    const list = numbers();
    if (list.length !== length)
      throw new ShapeError(
        `a batch: ${what} of its example ${i} has ${list.length} numbers; its shape ${formatShape(shape)} has ${length}.`,
      );
    data.set(list, i * length);
  });
  return new NDArray(data, [all.length, ...first.shape], type);
}

/** @throws DataError for what are no numbers */
function numbersOf(
  what: string,
  value: unknown,
): { numbers: () => ArrayLike<number>; shape: Shape; dtype: ElementType } {
  const shape = shapeOf(value);
  if (!shape) throw new DataError(`a batch: ${what} must be numbers with a shape, got ${shown(value)}.`);
  const data = (Object(value) as { data?: unknown }).data ?? value;
  const name = kindOf(data)
    .replace(/(Clamped)?Array$/, '')
    .toLowerCase();
  const dtype = value instanceof NDArray ? value.dtype : name in ARRAYS ? (name as ElementType) : 'float32';
  const numbers = () => {
    if (isNumbers(data)) return data;
    const list = [data].flat(Number.POSITIVE_INFINITY);
    const wrong = list.find((one) => typeof one !== 'number' && typeof one !== 'boolean');
    if (wrong !== undefined) throw new DataError(`a batch: ${what} holds ${shown(wrong)}, which is no number.`);
    return list.map(Number);
  };
  return { numbers, shape, dtype };
}
