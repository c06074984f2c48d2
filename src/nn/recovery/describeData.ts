/** Describes the data of a run as texts with hashes, by which `resume` detects that it was given other data. */
import { ArrayDataset, type Dataset, type ExampleStream, isStream } from '../../data/dataset.ts';
import { narrowTypeOf } from '../../data/input.ts';
import { hash } from '../../hash.ts';
import { formatShape } from '../../tensor.ts';
import type { FitSetup } from '../train/fitRun.ts';

/** Texts for training data, validation data and weights. To hash a gigabyte takes about a second. */
export function describeData(setup: FitSetup): string[] {
  const { dataset, rows, validation, validationRows, weights } = setup;
  const { byExample } = setup.validationWeights;
  const weighted = byExample ? `, with sampleWeight ${hash(byExample)}` : '';
  return [
    `${described(dataset)}, ${rows?.length ?? 'all'} of them to train on`,
    validation
      ? `${described(validation)}, ${validationRows?.length ?? 'all'} of them to validate on${weighted}`
      : 'no validation data',
    weights.byExample || weights.byClass
      ? `sampleWeight and classWeight ${hash(weights.byExample, weights.byClass)}`
      : 'no sampleWeight and no classWeight',
  ];
}

/** Describes a dataset. Only contents in memory are hashed, since other datasets may give different examples each time. */
function described(dataset: Dataset | ExampleStream): string {
  if (isStream(dataset))
    return `examples that stream, ${dataset.batchSize ? `in batches of ${dataset.batchSize}` : 'or batches'}`;
  const examples = `${dataset.size} examples of ${formatShape(dataset.xShape)}`;
  if (!(dataset instanceof ArrayDataset)) return examples;
  const type = narrowTypeOf(dataset.x); // the same bytes are other numbers in an int8 and in a uint8
  return `${examples}${type ? `, ${type},` : ''} with contents ${hash(dataset.x, dataset.y)}`;
}
