import {
  ArrayDataset,
  checkClasses,
  checkTargets,
  type Dataset,
  type Examples,
  examples,
  isDataset,
  type Labels,
  type TargetArray,
} from '../data/dataset.ts';
import { ArgumentError, DataError, ShapeError, shown } from '../errors.ts';
import { check } from '../options.ts';
import { elements, formatShape, type Shape, sameShape } from '../tensor.ts';
import type { Loss } from './losses.ts';

/** What training and evaluation take: examples in memory, or a dataset, as such or in the place of `x`. */
export type TrainingData = Examples | Dataset | { readonly x: Dataset };

/** The targets as the loss wants them. @param own whether they are never the given memory itself @throws DataError, ShapeError for labels that do not fit */
export function targets(y: Labels, count: number, loss: Loss, outputShape: Shape, own = false): TargetArray {
  const shape = loss.targetShape(outputShape);
  const { data, given } = unpack(y);
  if (given[0] !== count) throw new DataError(`y has ${given[0] ?? 0} labels for ${count} examples in x.`);
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
  // One number an example may come without the axis of size 1.
  const fits = sameShape(given.slice(1), shape) || (given.length === 1 && elements(shape) === 1);
  if (!fits) {
    throw new ShapeError(`${loss.name} takes targets of shape [n, ${shape.join(', ')}], y has ${formatShape(given)}.`);
  }
  const values = data instanceof Float32Array && !own ? data : new Float32Array(data);
  checkTargets(values, shape, loss.targetRange);
  return values;
}

/** Training data as a dataset. @param own whether to copy what lies in memory @throws DataError, ShapeError for data that do not fit the model */
export function asDataset(data: TrainingData, loss: Loss, inputShape: Shape, outputShape: Shape, own = false): Dataset {
  if (!data) throw new DataError('there are no data: pass { x, y } or a dataset.');
  const source = isDataset(data) ? data : data.x;
  if (isDataset(source)) {
    check('the dataset', 'size', source.size, 'countFrom0');
    if (source.size === 0) throw new DataError('the dataset is empty.');
    if (source.size >= 2 ** 32) throw new ArgumentError(`the dataset: size ${source.size} is beyond 2^32 - 1.`);
    check('the dataset', 'xShape', source.xShape, 'list');
    checkInput(source.xShape, inputShape);
    return source;
  }
  const { x, y } = data as Examples;
  const taken = examples('x', x, own);
  checkInput(taken.shape.slice(1), inputShape);
  if (y === undefined || y === null) throw new DataError('y is missing: training and evaluation need labels.');
  return new ArrayDataset(taken, targets(y, taken.shape[0]!, loss, outputShape, own), own);
}

/** @throws ShapeError unless the examples have the model's input shape */
export function checkInput(given: Shape, wanted: Shape, what = ''): void {
  if (!sameShape(given, wanted)) {
    throw new ShapeError(
      `${what}the model takes examples of shape ${formatShape(wanted)}, x has ${formatShape(given)}.`,
    );
  }
}

function unpack(y: Labels): { data: ArrayLike<number> & Iterable<number>; given: Shape } {
  if (ArrayBuffer.isView(y) || Array.isArray(y)) {
    const data = y as ArrayLike<number> & Iterable<number>;
    // Typed arrays are of one kind throughout.
    const wrong = (Array.isArray(y) ? y : data.length === 0 ? [] : [data[0]]).find(
      (label: unknown) => typeof label !== 'number',
    );
    if (wrong !== undefined) throw new DataError(`y must be numbers, got ${shown(wrong)}.`);
    return { data, given: [data.length] };
  }
  const { data, shape } = y as { data: Float32Array; shape: Shape };
  if (!ArrayBuffer.isView(data) || !Array.isArray(shape) || elements(shape) !== data.length) {
    throw new DataError('y must be an array of labels, or { data, shape } whose shape the data fill.');
  }
  return { data, given: shape };
}
