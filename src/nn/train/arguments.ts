/** The two forms of arguments of `fit` and `evaluate`: `({ x, y }, options)` and `(x, y, options)`. */
import { type Examples, isDataset, isStream, type Labels } from '../../data/dataset.ts';
import type { InputData } from '../../data/input.ts';
import { ArgumentError } from '../../errors.ts';
import type { TrainingData } from './targets.ts';

export type DataArguments<Options> =
  | readonly [data: TrainingData, options?: Options]
  | readonly [x: InputData, y: Labels, options?: Options];

/** @throws ArgumentError for a third argument behind `{ x, y }` or a dataset; what the arguments are is checked later */
export function dataAndOptions<Options extends object>(
  what: string,
  [first, second, third]: DataArguments<Options>,
): { data: TrainingData; options: Options } {
  const isData = isDataset(first) || isStream(first) || Object(first).x !== undefined;
  const isApart = !isData && first !== undefined && first !== null && second !== undefined;
  if (isApart)
    return { data: { x: first, y: second } as Examples, options: third === undefined ? ({} as Options) : third };
  if (third !== undefined)
    throw new ArgumentError(`${what} takes (x, y, options), or ({ x, y }, options), or (dataset, options).`);
  return { data: first as TrainingData, options: (second === undefined ? {} : second) as Options };
}
