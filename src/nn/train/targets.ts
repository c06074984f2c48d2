/**
 * Checks the data of `fit`, `evaluate` and `trainOnBatch` against the model and converts them: examples and labels in memory
 * become an `ArrayDataset` with targets of the type that the loss needs.
 */

import { gone, isNumbers, wrongData } from '../../data/dataErrors.ts';
import {
  ArrayDataset,
  checkClasses,
  checkTargets,
  type Dataset,
  type ExampleStream,
  type Examples,
  isDataset,
  isStream,
  type Labels,
  misfit,
  type TargetArray,
} from '../../data/dataset.ts';
import { examples, fromList, type InputData } from '../../data/input.ts';
import { decoded, hasBlobs } from '../../data/pictures.ts';
import { ArgumentError, DataError, ShapeError } from '../../errors.ts';
import { check, like, listed } from '../../options.ts';
import { listShape, shown } from '../../shown.ts';
import { elements, formatShape, type Shape, sameShape } from '../../tensor.ts';
import type { Loss } from '../losses.ts';

/** Data for training and evaluation: examples in memory, a dataset of either kind, or such a dataset as `x`. */
export type TrainingData = Examples | Dataset | ExampleStream | { readonly x: Dataset | ExampleStream };

/**
 * Converts labels to the targets of the loss.
 * @param own whether to copy them even if their type fits
 * @throws DataError, ShapeError for labels that do not fit
 */
export function targets(y: Labels, count: number, loss: Loss, outputShape: Shape, own = false): TargetArray {
  const shape = loss.targetShape(outputShape);
  const { data, given } = unpack(y);
  if (given[0] !== count) {
    const outputs = elements(outputShape);
    const isFlat = given.length === 1 && outputs > 1 && given[0] === count * outputs;
    const hint =
      loss.targetDType === 'i32'
        ? ' One-hot rows go with categoricalCrossentropy.'
        : ` Rows of ${outputs} need a shape: { data: Float32Array.from(y), shape: [${count}, ${outputShape.join(', ')}] }.`;
    throw new DataError(
      `y has ${given[0] ?? 0} labels for ${count} examples in x${gone(y) || '.'}${isFlat ? hint : ''}`,
    );
  }
  if (loss.targetDType === 'i32') {
    if (elements(given) !== count) {
      throw new ShapeError(
        `${loss.name} takes class indices, one an example, y has shape ${formatShape(given)}; ` +
          'one-hot rows go with categoricalCrossentropy.',
      );
    }
    checkClasses(data, outputShape[0]!);
    if (data instanceof Int32Array && !own) return data;
    const labels = new Int32Array(data);
    checkClasses(labels, outputShape[0]!); // shared memory may have changed in between
    return labels;
  }
  // If a target is a single number, labels may omit its axis of size 1.
  const fits = sameShape(given.slice(1), shape) || (given.length === 1 && elements(shape) === 1);
  if (!fits) {
    const isIndex = loss.includes && elements(given) === count;
    const isRow = loss.includes === 'sigmoid' && given.length === 2;
    const hint = isIndex
      ? '; class indices go with sparseCategoricalCrossentropy'
      : isRow
        ? '; one-hot rows go with categoricalCrossentropy'
        : '';
    throw new ShapeError(
      `${loss.name} takes targets of shape [n, ${shape.join(', ')}], y has ${formatShape(given)}${hint}.`,
    );
  }
  const values = data instanceof Float32Array && !own ? data : new Float32Array(data);
  checkTargets(values, shape, loss.targetRange);
  return values;
}

/**
 * Checks that `data` are examples or a dataset, and contain no option by mistake.
 * @param options the options in the call's second argument; absent for `validationData`, which may contain `sampleWeight`
 * @throws DataError if they are neither examples nor a dataset; ArgumentError for a property that examples do not have
 */
export function checkData(what: string, data: unknown, options?: object): void {
  if (isDataset(data) || isStream(data)) return;
  const names = options ? ['x', 'y'] : ['x', 'y', 'sampleWeight'];
  if ((data as Partial<Examples> | null | undefined)?.x === undefined) {
    const second = options ? `, and options in a second object: ${what}({ x, y }, { batchSize: 32 })` : '';
    const given = Object(data) as object;
    const isSource = typeof data === 'function' || 'next' in given || Symbol.asyncIterator in given;
    const hint = isSource ? ' What gives examples one after another becomes a dataset: dataset(source).' : '';
    throw new DataError(`${what} takes { ${names.join(', ')} } or a dataset${second}, got ${shown(data)}.${hint}`);
  }
  for (const [name, value] of Object.entries(data as Examples)) {
    if (names.includes(name) || value === undefined) continue;
    const option = like(name, Object.keys(options ?? {}));
    const hint = option ? `${option} is an option: ${what}({ x, y }, { ${option}: … }).` : '';
    throw new ArgumentError(
      option === name
        ? `${what}: ${hint}`
        : `${what}: the data have no ${shown(name)}, only ${listed(names, 'and')}${hint ? `; ${hint}` : '.'}`,
    );
  }
}

/** @param line what to write @throws ArgumentError for a dataset that repeats without end, where all of it would be read */
export function checkEnds(what: string, data: Dataset | ExampleStream, line = 'dataset.take(1000)'): void {
  if (isStream(data) && data.isEndless)
    throw new ArgumentError(`${what}: the dataset repeats without end. Write ${line}.`);
}

/** @throws ArgumentError, DataError, ShapeError for a dataset that is malformed or does not fit the model */
export function checkDataset({ size, xShape }: Dataset, inputShape: Shape, what = ''): void {
  check('the dataset', 'size', size, 'countFrom0');
  if (size === 0) throw new DataError('the dataset is empty.');
  if (size >= 2 ** 32) throw new ArgumentError(`the dataset: size ${size} is beyond 2^32 - 1.`);
  check('the dataset', 'xShape', xShape, 'list');
  checkInput([size, ...xShape], inputShape, what);
}

/**
 * Makes a dataset from training data, after `checkData` has checked their properties.
 * @param own whether to copy examples and labels in memory
 * @throws DataError, ShapeError for data that do not fit the model
 */
export function asDataset(
  data: TrainingData,
  loss: Loss,
  inputShape: Shape,
  outputShape: Shape,
  own = false,
): Dataset | ExampleStream {
  const source = isDataset(data) || isStream(data) ? data : data.x;
  if (isDataset(source) || isStream(source)) {
    if (isDataset(source)) checkDataset(source, inputShape);
    if (source !== data && (data as Examples).y !== undefined)
      throw new DataError(
        `y comes ${isStream(source) ? 'with the examples of the dataset' : "out of the dataset's own read()"}; leave y out, as in { x: dataset }.`,
      );
    return source;
  }
  return inMemory(data as Examples, loss, inputShape, outputShape, own);
}

/** Examples in memory, with their targets. @param own whether to copy them @throws DataError, ShapeError if they do not fit the model */
export function inMemory(
  { x, y }: Examples,
  loss: Loss,
  inputShape: Shape,
  outputShape: Shape,
  own: boolean,
): ArrayDataset {
  const taken = examples('x', x, inputShape, own);
  checkInput(taken.shape, inputShape, '', x);
  if (y === undefined || y === null) throw new DataError('y is missing: training and evaluation need labels.');
  return new ArrayDataset(taken, targets(y, taken.shape[0]!, loss, outputShape, own), own);
}

/** The dataset of a call that needs no labels. Examples in memory are copied. @throws DataError, ShapeError for wrong examples */
export function asInputs(
  what: string,
  x: InputData | Dataset | ExampleStream,
  inputShape: Shape,
): Dataset | ExampleStream {
  if (isStream(x)) {
    checkEnds(what, x);
    return x;
  }
  if (isDataset(x)) {
    checkDataset(x, inputShape, `${what}: `);
    return x;
  }
  const taken = examples('x', x, inputShape, true);
  checkInput(taken.shape, inputShape, `${what}: `, x);
  return new ArrayDataset(taken, undefined, true);
}

/**
 * Decodes Blobs in the `x` of training data and of the option `validationData`, which takes a while.
 * @returns data and options for the same call; undefined if there are no Blobs, since all else is read before anything is awaited
 */
export function decodedData<O extends object>(
  inputShape: Shape,
  data: TrainingData,
  options: O,
): Promise<[TrainingData, O]> | undefined {
  const xOf = (part: unknown) => (Array.isArray(part) ? part[0] : (part as Partial<Examples> | undefined | null)?.x);
  const { validationData } = Object(options) as { readonly validationData?: TrainingData };
  if (!hasBlobs(xOf(data)) && !hasBlobs(xOf(validationData))) return undefined;
  const given = { ...options }; // the caller may change it meanwhile
  const bytes = async <T extends object>(part: T): Promise<T> => {
    if (!hasBlobs(xOf(part))) return part;
    const x = await decoded('x', xOf(part), inputShape);
    return (Array.isArray(part) ? [x, ...part.slice(1)] : { ...part, x }) as T;
  };
  const both = [bytes(data), validationData && bytes(validationData)] as const;
  return Promise.all(both).then(([training, validation]) => [training, { ...given, validationData: validation }]);
}

/**
 * @param given the shape of the data: the number of examples, then the shape of one
 * @param wanted the model's input shape
 * @param x what was given, for advice; absent for a dataset
 * @throws ShapeError unless the examples have the model's input shape
 */
export function checkInput(given: Shape, wanted: Shape, what = '', x?: unknown): void {
  const example = given.slice(1);
  if (sameShape(example, wanted)) return;
  const takes = `${what}the model takes examples of shape ${formatShape(wanted)},`;
  const count = elements(given) / elements(wanted);
  const isList = Array.isArray(x);
  const numbers = isList ? `Float32Array.from(x${given.length > 1 ? '.flat(Infinity)' : ''})` : 'x.data';
  const shaped = ` Write { data: ${numbers}, shape: [${[count, ...wanted].join(', ')}] }.`;
  const isOne = sameShape(given, wanted);
  if (x !== undefined && (isOne || sameShape([...given, 1], wanted))) {
    const text = shown(x);
    const line = isOne && isList ? ` Write [${text.endsWith(']') ? text : 'x'}].` : shaped;
    throw new ShapeError(`${takes} and x is a single one: the batch axis is missing.${line}`);
  }
  if (x !== undefined && given.length === 1)
    throw new ShapeError(`${takes} x has single numbers.${Number.isInteger(count) ? shaped : ''}`);
  const noChannels = sameShape([...example, 1], wanted)
    ? ` It ends with the number of channels: [n, ${wanted.join(', ')}].`
    : '';
  const [channels, ...image] = example;
  const channelsFirst = example.length === 3 && sameShape([...image, channels!], wanted);
  const last = channelsFirst ? ' Channels stand last: ndarray(x).transpose(0, 2, 3, 1) puts them there.' : '';
  throw new ShapeError(`${takes} x has ${formatShape(example)}.${noChannels}${last}`);
}

function unpack(y: Labels): { data: ArrayLike<number> & Iterable<number>; given: Shape } {
  if (Array.isArray(y)) {
    const wrong = y.find((label: unknown) => typeof label !== 'number');
    if (wrong && typeof wrong === 'object') {
      const given = listShape(y);
      return { data: fromList('y', y, given), given };
    }
    if (wrong !== undefined) throw notNumbers(wrong);
  }
  if (Array.isArray(y) || isNumbers(y)) return { data: y, given: [gone(y) ? 0 : y.length] };
  const { data: numbers, shape } = Object(y) as { data?: unknown; shape?: unknown };
  const data = Array.isArray(numbers) ? fromList('y.data', numbers, [numbers.length]) : numbers;
  if (!isNumbers(data) || !Array.isArray(shape)) throw wrongData('y', LABELS, y);
  const wrong = misfit(data, shape);
  if (wrong) throw new DataError(`y: ${wrong}`);
  return { data, given: shape };
}

const LABELS = 'an array of labels, nested lists, or { data, shape } whose shape the data fill';

function notNumbers(value: unknown): DataError {
  const isName = typeof value === 'string' && Number.isNaN(Number(value));
  const names =
    ' Write y.map((name) => names.indexOf(name)), with a list of all names, which compile({ labels: names }) takes.';
  const convert = typeof value === 'string' || typeof value === 'boolean' ? ' Write y.map(Number).' : '';
  return new DataError(`y must be numbers, got ${shown(value)}.${isName ? names : convert}`);
}
