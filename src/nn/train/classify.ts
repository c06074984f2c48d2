/** Names of classes, and the classes of examples by their probability. */
import type { Dataset, ExampleStream } from '../../data/dataset.ts';
import type { UploadedPictures } from '../../data/uploadedPictures.ts';
import { ArgumentError, ShapeError } from '../../errors.ts';
import { came, check, checkOptions, type Kind } from '../../options.ts';
import { formatShape, type Shape } from '../../tensor.ts';
import type { Compiled } from '../execute/compiled.ts';
import type { Loss } from '../losses.ts';
import { logitsActivation, predictWith } from './predict.ts';

/** A class of an example. */
export interface Classification {
  /** The name of the class; its index as a text if the model has no labels. */
  readonly label: string;
  readonly index: number;
  /** From 0 to 1. Those of an example sum to 1, unless binaryCrossentropy judges several outputs each by itself. */
  readonly probability: number;
}

export interface ClassifyOptions {
  /** Names of the classes, for this call. Default: the labels of the model. */
  readonly labels?: readonly string[];
  /** How many classes of each example, the most probable first. Default: all. */
  readonly top?: number;
  /** Default 32. */
  readonly batchSize?: number;
}

/** The type of each option, for `checkOptions`. */
export const CLASSIFY_OPTIONS = { labels: 'list', top: 'count', batchSize: 'count' } as const satisfies Record<
  keyof ClassifyOptions,
  Kind
>;

/** Number of classes that labels can name: two for a single output. 0 if the outputs are no classes. */
function namedClasses(loss: Loss | undefined, outputShape: Shape): number {
  if (!loss?.includes || outputShape.length !== 1) return 0;
  return outputShape[0] === 1 ? 2 : outputShape[0]!;
}

/** @throws ArgumentError unless they are one text for each class */
function checkLabels(what: string, labels: readonly string[], loss: Loss | undefined, outputShape: Shape): void {
  check(what, 'labels', labels, 'list');
  const wrong = [...labels].findIndex((label) => typeof label !== 'string');
  if (wrong >= 0)
    throw new ArgumentError(`${what}: labels must be texts, the names of the classes, ${came(labels[wrong])}`);
  const classes = namedClasses(loss, outputShape);
  if (classes === labels.length) return;
  const model = `a model with outputs ${formatShape(outputShape)} and the loss ${loss?.name ?? 'none'}`;
  throw new ArgumentError(
    classes === 0
      ? `${what}: labels are names of classes, and ${model} tells no classes apart; a cross-entropy does.`
      : `${what}: labels must be ${classes} texts for ${model}, one for each class in the order of their numbers; there are ${labels.length}.`,
  );
}

/**
 * The labels of a model that is compiled.
 * @param before those of the model's last compile, which stay as long as they fit
 * @throws ArgumentError unless they are one text for each class
 */
export function labelsOf(
  given: readonly string[] | undefined,
  loss: Loss | undefined,
  outputShape: Shape,
  before: readonly string[] | undefined,
): readonly string[] | undefined {
  if (given !== undefined) checkLabels('compile', given, loss, outputShape);
  if (given !== undefined) return [...given];
  return before?.length === namedClasses(loss, outputShape) ? before : undefined;
}

/**
 * Checks the options of `classify`.
 * @returns a copy, with the labels to use
 * @throws ArgumentError, ShapeError, StateError for options that do not fit, and for a model that tells no classes apart
 */
export function classifyOptions(compiled: Compiled, options: ClassifyOptions): ClassifyOptions {
  checkOptions('classify', options, CLASSIFY_OPTIONS);
  logitsActivation('classify', compiled);
  const { loss } = compiled.spec;
  const { outputShape } = compiled.network;
  if (namedClasses(loss, outputShape) === 0)
    throw new ShapeError(
      `classify: needs a vector of outputs for each example, the model gives ${formatShape(outputShape)}.`,
    );
  if (options.labels !== undefined) checkLabels('classify', options.labels, loss, outputShape);
  const labels = options.labels ?? compiled.labels;
  return { ...options, ...(labels && { labels: [...labels] }) };
}

/** See `Model.classify`. */
export async function classifyWith(
  compiled: Compiled,
  input: Dataset | ExampleStream | UploadedPictures,
  { labels, top, batchSize }: ClassifyOptions,
): Promise<Classification[][]> {
  const { data, shape } = await predictWith(compiled, input, { batchSize, as: 'probabilities' });
  const [examples, outputs] = shape as [number, number];
  return Array.from({ length: examples }, (_, example) => {
    const given = [...data.subarray(example * outputs, (example + 1) * outputs)];
    const probabilities = outputs === 1 ? [1 - given[0]!, given[0]!] : given;
    return probabilities
      .map((probability, index) => ({ label: labels?.[index] ?? String(index), index, probability }))
      .sort((a, b) => b.probability - a.probability)
      .slice(0, top);
  });
}
