/** The engine itself, through the same interface as its peers. */
import { adam, requestDevice, sequential } from 'neurite';
import { type Batch, LEARNING_RATE, type SizedLayer } from '../batch.ts';
import type { Contender } from '../contender.ts';
import { timeFit } from '../fitting.ts';

export async function createNeurite(_: string, layers: readonly SizedLayer[], { x, y }: Batch): Promise<Contender> {
  const model = sequential(layers.map(({ type, options }) => ({ type, options })) as never);
  await model.compile({
    device: await requestDevice(),
    optimizer: adam({ learningRate: LEARNING_RATE }),
    loss: 'sparseCategoricalCrossentropy',
    metrics: ['accuracy'],
  });
  await model.setWeights(layers.flatMap(({ weights }) => weights));
  const step = async () => (await model.trainOnBatch(x, y)).loss!;
  return {
    step,
    async steps(count) {
      for (let i = 0; i < count; i++) await step();
    },
    inFlight: (budgetMs) => timeFit(model, y.length, { budgetMs, epochs: 5 }),
    plannedBytes: () => model.plan({ batchSize: y.length }).peakBytes,
    predict: async () => (await model.predict(x, { batchSize: y.length })).data,
  };
}
