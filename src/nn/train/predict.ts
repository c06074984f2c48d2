import type { Dataset, TensorData } from '../../data/dataset.ts';
import { elements } from '../../tensor.ts';
import type { Compiled } from '../execute/compiled.ts';
import { range } from './batching.ts';
import { examplesAtOnce, noStep, runEpoch } from './epoch.ts';

/** A model's outputs for a dataset, `[size, ...outputShape]`. */
export async function predictWith(compiled: Compiled, dataset: Dataset, batchSize: number): Promise<TensorData> {
  const { size } = dataset;
  const { outputShape } = compiled.network;
  const length = elements(outputShape);
  const data = new Float32Array(size * length);
  const runner = await compiled.runner('predict', dataset, batchSize);
  const rows = examplesAtOnce(runner, dataset, batchSize);
  await runEpoch(runner, dataset, range(size), {}, noStep, {
    batchSize: rows,
    onStep: (batch, count, values) => data.set(values.subarray(0, count * length), batch * rows * length),
  });
  return { data, shape: [size, ...outputShape] };
}
