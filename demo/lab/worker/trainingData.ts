/** What a run trains on. */
import { type Model, shuffle, type TensorData } from 'neurite';
import { inputOf } from 'neurite/brain';
import { CLASS_NAMES, type RunRequest, VALIDATION_SPLIT } from '../protocol/index.ts';
import { type Images, pick } from './images.ts';

export interface Data {
  readonly train: { x: TensorData; y: Int32Array };
  readonly validation: { x: TensorData; y: Int32Array } | undefined;
  readonly examples: number;
  readonly validationExamples: number;
  readonly stepsPerEpoch: number;
}

/** @throws Error, for people, where there is nothing to learn from */
export function prepareData({ roles, training }: RunRequest, images: Images, model: Model): Data {
  const rowsOf = (role: string) => [...images.segment.keys()].filter((row) => roles[images.segment[row]!] === role);
  const rows = Uint32Array.from(rowsOf('train'));
  // Segments and classes come in blocks, and the images held out are the last ones.
  shuffle(rows, training.seed);
  const validationRows = rowsOf('validate');
  for (const [label, name] of CLASS_NAMES.entries()) {
    if (!rows.some((row) => images.y[row] === label)) {
      throw new Error(`There is no ${name} image to train on: give a segment that has some the use “train”.`);
    }
  }
  const part = (chosen: ArrayLike<number>) => {
    const { x, y } = pick(images, chosen);
    return { x: inputOf(model, x), y };
  };
  const validation = validationRows.length > 0 ? part(validationRows) : undefined;
  const examples = validation ? rows.length : Math.floor(rows.length * (1 - VALIDATION_SPLIT));
  return {
    train: part(rows),
    validation,
    examples,
    validationExamples: validation ? validationRows.length : rows.length - examples,
    stepsPerEpoch: Math.ceil(examples / training.batchSize),
  };
}
