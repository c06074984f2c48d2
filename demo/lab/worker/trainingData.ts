/** What a run trains on, and what it is validated on. */
import { type Model, shuffle, type TensorData } from 'neurite';
import { inputOf } from 'neurite/brain';
import { CLASS_NAMES, type RunRequest, SEGMENTS, VALIDATION_SPLIT } from '../protocol/index.ts';
import { type Images, pick } from './images.ts';

export interface Data {
  readonly train: { x: TensorData; y: Int32Array };
  /** Absent where there are too few images to hold one out. */
  readonly validation: { x: TensorData; y: Int32Array } | undefined;
  readonly examples: number;
  readonly validationExamples: number;
  readonly stepsPerEpoch: number;
}

/** @throws Error, for people, where there is nothing to learn from */
export function prepareData({ roles, training }: RunRequest, images: Images, model: Model): Data {
  const rowsOf = (role: string) => [...images.segment.keys()].filter((row) => roles[images.segment[row]!] === role);
  const rows = Uint32Array.from(rowsOf('train'));
  for (const [label, name] of CLASS_NAMES.entries()) {
    if (!rows.some((row) => images.y[row] === label)) {
      throw new Error(`There is no ${name} image to train on: give a segment that has some the use “train”.`);
    }
  }
  shuffle(rows, training.seed); // segments and classes come in blocks
  const own = rowsOf('validate');
  const { train, held } = own.length > 0 ? { train: [...rows], held: own } : holdOut(rows, images);
  const part = (chosen: ArrayLike<number>) => {
    const { x, y } = pick(images, chosen);
    return { x: inputOf(model, x), y };
  };
  return {
    train: part(train),
    validation: held.length > 0 ? part(held) : undefined,
    examples: train.length,
    validationExamples: held.length,
    stepsPerEpoch: Math.ceil(train.length / training.batchSize),
  };
}

/**
 * Holds VALIDATION_SPLIT of the rows out, rounded down: the same part of each class and segment, give or take one image.
 * @param rows in the order in which they are taken
 */
export function holdOut(rows: ArrayLike<number>, images: Pick<Images, 'y' | 'segment'>) {
  const list = Array.from(rows);
  const groupOf = (row: number) => images.y[row]! * SEGMENTS + images.segment[row]!;
  const left = new Map<number, number>();
  for (const row of list) left.set(groupOf(row), (left.get(groupOf(row)) ?? 0) + 1);
  let [seen, taken] = [0, 0];
  for (const [group, size] of [...left].sort(([a], [b]) => a - b)) {
    seen += size;
    const all = Math.floor(seen * VALIDATION_SPLIT);
    left.set(group, all - taken);
    taken = all;
  }
  const [train, held]: [number[], number[]] = [[], []];
  for (const row of list) {
    const wanted = left.get(groupOf(row))!;
    left.set(groupOf(row), wanted - 1);
    (wanted > 0 ? held : train).push(row);
  }
  return { train, held };
}
