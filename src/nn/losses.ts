/**
 * Losses and metrics, by Keras' names: the targets that each loss takes, its value per row, and which metrics go with it. All
 * cross-entropies take logits.
 */
import { ArgumentError, ShapeError } from '../errors.ts';
import {
  binaryCrossEntropy,
  correct,
  correctBinary,
  meanAbsoluteError,
  meanSquaredError,
  softmaxCrossEntropy,
} from '../ops/index.ts';
import { checkOneOf, likely } from '../options.ts';
import { shown } from '../shown.ts';
import { type DType, formatShape, type Shape, type Tensor } from '../tensor.ts';
import { activate } from './activations.ts';

/** Names of losses. Cross-entropies take logits, so the model must end without softmax or sigmoid. */
export type LossName =
  | 'sparseCategoricalCrossentropy'
  | 'categoricalCrossentropy'
  | 'binaryCrossentropy'
  | 'meanSquaredError'
  | 'meanAbsoluteError';

/** A name with underscores, as Keras writes it in Python. */
type Underscored<Name extends string> = Name extends `${infer Letter}${infer Rest}`
  ? `${Letter extends Lowercase<Letter> ? Letter : `_${Lowercase<Letter>}`}${Underscored<Rest>}`
  : Name;

/** Short names of Keras and TensorFlow.js. */
const SHORT = { mse: 'meanSquaredError', mae: 'meanAbsoluteError', acc: 'accuracy' } as const;

/** Spellings of a loss: its name, with underscores too, and `mse` and `mae`. */
export type LossSpelling = LossName | Underscored<LossName> | 'mse' | 'mae';

/** Spellings of a metric: its name, with underscores too, and `acc`, `mse` and `mae`. */
export type MetricSpelling = MetricName | Underscored<MetricName> | keyof typeof SHORT;

/** Names of metrics. If the loss takes logits, squared and absolute errors are those of the probabilities. */
export type MetricName = 'accuracy' | 'meanSquaredError' | 'meanAbsoluteError';

type PerRow = (prediction: Tensor, target: Tensor) => Tensor;

/** A loss: the targets that it takes and how it is computed. */
export interface Loss {
  readonly name: LossName;
  readonly targetDType: DType;
  /** Shape of one example's target, `[]` for a class index. */
  targetShape(outputShape: Shape): Shape;
  /** Least and largest number that a target may contain. If absent, any number. */
  readonly targetRange?: readonly [number, number];
  /** The loss of each row, `[n]`. */
  readonly perRow: PerRow;
  /** 1 for each row with a correct prediction, else 0, `[n]`. Absent if accuracy has no meaning for the loss. */
  readonly accuracy?: PerRow;
  /** The activation that the loss applies itself, so that the model must not end with it. */
  readonly includes?: 'softmax' | 'sigmoid';
}

const LOSSES: Readonly<Record<LossName, Loss>> = {
  sparseCategoricalCrossentropy: {
    name: 'sparseCategoricalCrossentropy',
    targetDType: 'i32',
    targetShape(output) {
      classes('sparseCategoricalCrossentropy', output);
      return [];
    },
    perRow: softmaxCrossEntropy,
    accuracy: correct,
    includes: 'softmax',
  },
  categoricalCrossentropy: {
    name: 'categoricalCrossentropy',
    targetDType: 'f32',
    targetShape: (output) => [classes('categoricalCrossentropy', output)],
    targetRange: [0, Number.POSITIVE_INFINITY],
    perRow: softmaxCrossEntropy,
    accuracy: correct,
    includes: 'softmax',
  },
  binaryCrossentropy: {
    name: 'binaryCrossentropy',
    targetDType: 'f32',
    targetShape: (output) => output,
    targetRange: [0, 1],
    perRow: binaryCrossEntropy,
    accuracy: correctBinary,
    includes: 'sigmoid',
  },
  meanSquaredError: {
    name: 'meanSquaredError',
    targetDType: 'f32',
    targetShape: (output) => output,
    perRow: meanSquaredError,
  },
  meanAbsoluteError: {
    name: 'meanAbsoluteError',
    targetDType: 'f32',
    targetShape: (output) => output,
    perRow: meanAbsoluteError,
  },
};

const DISTANCES = { meanSquaredError, meanAbsoluteError };

/** Number of classes; two for a model with a single output. 0 if examples do not belong to exactly one class. */
export function classesOf({ accuracy, includes }: Loss, outputShape: Shape): number {
  if (!accuracy || outputShape.length !== 1) return 0;
  if (includes === 'softmax') return outputShape[0]!;
  return outputShape[0] === 1 ? 2 : 0; // with several outputs, an example may have several labels
}

/** The name in neurite's spelling. What is no other spelling of one stays as it is. */
export function spelt(name: string): string {
  if (typeof name !== 'string') return name;
  if (Object.hasOwn(SHORT, name)) return SHORT[name as keyof typeof SHORT];
  return name.replace(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
}

/** @throws ArgumentError for a name that does not exist */
export function lossByName(given: string): Loss {
  const name = spelt(given);
  if (!Object.hasOwn(LOSSES, name)) checkOneOf('compile', 'loss', given, Object.keys(LOSSES));
  return LOSSES[name as LossName];
}

/**
 * The function of a metric, for a model with the given loss.
 * @throws ArgumentError for a name that does not exist, and for a metric that does not fit the loss
 */
export function metricByName(name: string, loss: Loss, outputShape: Shape): PerRow {
  const { includes } = loss;
  if (Object.hasOwn(DISTANCES, name) && loss.targetDType === 'f32') {
    const distance = DISTANCES[name as keyof typeof DISTANCES];
    // Applied to probabilities, as if the activation were the model's last layer.
    return includes ? (prediction, target) => distance(activate(prediction, includes), target) : distance;
  }
  if (Object.hasOwn(DISTANCES, name)) {
    throw new ArgumentError(
      `compile: metrics: ${name} needs targets of the shape of the prediction, which ${loss.name} does not take; categoricalCrossentropy does.`,
    );
  }
  if (name !== 'accuracy') {
    throw new ArgumentError(
      `compile: metrics: ${shown(name)} does not exist for the loss ${loss.name}; there are accuracy (for cross-entropies), ` +
        `meanSquaredError and meanAbsoluteError (for targets of the shape of the prediction).${likely(name, ['accuracy', ...Object.keys(DISTANCES)])}`,
    );
  }
  if (!loss.accuracy) throw new ArgumentError(`compile: metrics: accuracy has no meaning for the loss ${loss.name}.`);
  if (loss.name === 'binaryCrossentropy' && outputShape.join() !== '1') {
    throw new ArgumentError(
      `compile: metrics: accuracy with binaryCrossentropy needs one output a row, not ${formatShape(outputShape)}; leave it out, and count what predict gives, or take meanAbsoluteError.`,
    );
  }
  return loss.accuracy;
}

function classes(loss: string, output: Shape): number {
  if (output.length !== 1) {
    throw new ShapeError(`compile: ${loss} needs a vector of logits a row, the model gives ${formatShape(output)}.`);
  }
  if (output[0]! < 2) {
    throw new ShapeError(
      `compile: ${loss} needs an output for each of two or more classes, the model gives ${formatShape(output)}: one class alone ` +
        'is always right. For two classes there is binaryCrossentropy, too, with a single output.',
    );
  }
  return output[0]!;
}
