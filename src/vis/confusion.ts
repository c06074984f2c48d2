/** The confusion matrix: how often each class was taken for each. */
import type { TensorData } from '../data/dataset.ts';
import { ArgumentError, DataError, ShapeError } from '../errors.ts';
import { came, checkOptions, type Kind } from '../options.ts';
import { elementOf, type Place } from './arguments.ts';
import { create, scrollBox } from './dom.ts';
import type { Drawing } from './drawing.ts';
import { formatCount, formatPercent } from './format.ts';
import { adoptStyles } from './styles.ts';

/** A class for each example: its index, or a row of one number for each class, of which the largest counts. */
export type Classes = ArrayLike<number> | TensorData;

export interface ConfusionOptions {
  /** Names of the classes. Default: their indices. */
  readonly labels?: readonly string[];
}

const CONFUSION_OPTIONS = { labels: 'list' } as const satisfies Record<keyof ConfusionOptions, Kind>;

/** A drawing of a confusion matrix. */
export interface ConfusionDrawing extends Drawing {
  /** Counts other examples in its place. */
  update(truth: Classes, predictions: Classes): void;
}

/** More would be no table that anyone reads. */
const MOST_CLASSES = 1000;

const isTensor = (classes: Classes): classes is TensorData => 'shape' in classes;

/** @throws DataError for what is no list */
function checkClasses(what: string, classes: Classes): void {
  const isObject = typeof classes === 'object' && classes !== null;
  const list = isObject && isTensor(classes) ? Array.isArray(classes.shape) && classes.data : classes;
  if (isObject && typeof (list as Partial<ArrayLike<number>>)?.length === 'number') return;
  throw new DataError(
    `confusionMatrix: ${what} must be a list of classes, or { data, shape: [n, classes] }, ${came(classes)}`,
  );
}

/** The class of each example; NaN where a row has a NaN, and so no largest number. */
function classesOf(what: string, classes: Classes): number[] {
  checkClasses(what, classes);
  if (!isTensor(classes)) return Array.from(classes);
  const { data, shape } = classes;
  if (shape.length === 1) return Array.from(data);
  const [n = 0, columns = 0] = shape;
  if (shape.length !== 2 || columns < 2)
    throw new ShapeError(`confusionMatrix: ${what} has the shape [n] of classes or [n, classes], got [${shape}].`);
  return Array.from({ length: n }, (_, row) => {
    const numbers = data.subarray(row * columns, (row + 1) * columns);
    return numbers.some(Number.isNaN) ? Number.NaN : numbers.indexOf(Math.max(...numbers));
  });
}

/**
 * Counts how often each class was predicted as each: rows are the truth, columns the prediction. Predictions that are NaN are
 * left out.
 * @param classes number of classes. Default: as many as occur
 * @throws DataError for anything else that is no class; ArgumentError if the lists are not equally long
 */
export function confusionCounts(truth: Classes, predictions: Classes, classes?: number): number[][] {
  const [are, called] = [classesOf('truth', truth), classesOf('predictions', predictions)];
  if (are.length !== called.length)
    throw new ArgumentError(`confusionMatrix: there are ${are.length} labels and ${called.length} predictions.`);
  const isClass = (c: number) => Number.isInteger(c) && c >= 0 && c < MOST_CLASSES;
  const size = classes ?? [...are, ...called].reduce((most, c) => (isClass(c) ? Math.max(most, c + 1) : most), 0);
  const counts = Array.from({ length: size }, () => Array<number>(size).fill(0));
  are.forEach((is, i) => {
    const as = called[i]!;
    for (const given of Number.isNaN(as) ? [is] : [is, as]) {
      if (!Number.isInteger(given) || given < 0 || given >= size)
        throw new DataError(
          `confusionMatrix: example ${i} has the class ${given}, which is not one of the ${size} classes.`,
        );
    }
    if (!Number.isNaN(as)) counts[is]![as]!++;
  });
  return counts;
}

/** Of the colour of a cell that has all examples of its row: more would hide the text. */
const MOST_COLOR = 45;

/**
 * Draws a confusion matrix as a table: a row for each class with the examples that are of it, a column for each prediction.
 * @param place the element to draw into, or its selector
 * @throws ArgumentError for a place that is none; DataError, ShapeError, ArgumentError for classes that do not fit
 */
export function confusionMatrix(
  place: Place,
  truth: Classes,
  predictions: Classes,
  options: ConfusionOptions = {},
): ConfusionDrawing {
  const element = elementOf('confusionMatrix', place);
  checkOptions('confusionMatrix', options, CONFUSION_OPTIONS);
  adoptStyles(element);
  const drawing = create('div', { class: 'neurite-vis confusion-matrix' });
  const update = (are: Classes, called: Classes) => {
    const counts = confusionCounts(are, called, options.labels?.length);
    const names = options.labels ?? counts.map((_, i) => String(i));
    const examples = (isTensor(are) ? are.shape[0] : are.length) ?? 0;
    const counted = counts.flat().reduce((a, b) => a + b, 0);
    const right = counts.reduce((sum, row, i) => sum + row[i]!, 0);
    const text = create(
      'p',
      {},
      `${formatPercent(right / counted)} of ${formatCount(counted)} are right.`,
      counted < examples ? ` Predictions left out, as they have a NaN: ${formatCount(examples - counted)}.` : '',
    );
    drawing.replaceChildren(scrollBox('Confusion matrix', table(counts, names)), text);
  };
  update(truth, predictions);
  element.append(drawing);
  return { update, remove: () => drawing.remove() };
}

function table(counts: readonly (readonly number[])[], names: readonly string[]): HTMLElement {
  const head = names.map((name) => create('th', { scope: 'col' }, `called ${name}`));
  const rows = counts.map((row, is) => {
    const total = row.reduce((a, b) => a + b, 0);
    const cells = row.map((count, as) => {
      const cell = create(
        'td',
        { class: is === as ? 'right' : 'wrong' },
        create('strong', {}, formatCount(count)),
        create('span', {}, formatPercent(count / total)),
      );
      cell.style.setProperty('--share', `${total > 0 ? (MOST_COLOR * count) / total : 0}%`);
      return cell;
    });
    return create('tr', {}, create('th', { scope: 'row' }, `is ${names[is]}`), ...cells);
  });
  return create(
    'table',
    { class: 'cells' },
    create('caption', {}, 'Confusion matrix'),
    create('thead', {}, create('tr', {}, create('td'), ...head)),
    create('tbody', {}, ...rows),
  );
}
