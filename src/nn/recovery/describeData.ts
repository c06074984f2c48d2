/** Texts that are equal where data are: they tell the data of one run from those of another. */
import { ArrayDataset, type Dataset } from '../../data/dataset.ts';
import { hash } from '../../hash.ts';
import { formatShape } from '../../tensor.ts';
import type { FitSetup } from '../train/fitRun.ts';

/** Training data, validation data, and what the examples count: each as a text. Takes a second for a gigabyte. */
export function describeData(setup: FitSetup): string[] {
  const { dataset, rows, validation, validationRows, weights } = setup;
  const { byExample } = setup.validationWeights;
  const weighted = byExample ? `, with sampleWeight ${hash(byExample)}` : '';
  return [
    `${described(dataset)}, ${rows.length} of them to train on`,
    validation
      ? `${described(validation)}, ${validationRows.length} of them to validate on${weighted}`
      : 'no validation data',
    weights.byExample || weights.byClass
      ? `sampleWeight and classWeight ${hash(weights.byExample, weights.byClass)}`
      : 'no sampleWeight and no classWeight',
  ];
}

/** Contents are looked at where they lie in memory; a dataset that reads may give others each time. */
function described(dataset: Dataset): string {
  const contents = dataset instanceof ArrayDataset ? ` with contents ${hash(dataset.x, dataset.y)}` : '';
  return `${dataset.size} examples of ${formatShape(dataset.xShape)}${contents}`;
}
